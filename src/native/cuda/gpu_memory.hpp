// What is held on one GPU: the caller's arrays, and working memory that is kept from call to call. One call at a time.
#pragma once

#include <array>
#include <mutex>

#include "accelerator.hpp"
#include "tomo/device.hpp"
#include "transfers.hpp"

namespace tomo {

/// Pieces of working memory; each grows to the largest that was asked for.
enum class Work { slab0, slab1, chunk, block0, block1, images, views0, views1, results, tiles, indices, count };

class GpuMemory : public std::enable_shared_from_this<GpuMemory> {
 public:
  GpuMemory(std::unique_ptr<Accelerator> accelerator, int64_t limitBytes) : accelerator_(std::move(accelerator)), transfers_(*accelerator_), limit_(limitBytes) {}
  ~GpuMemory();
  GpuMemory(const GpuMemory&) = delete;
  GpuMemory& operator=(const GpuMemory&) = delete;

  Accelerator& accelerator() { return *accelerator_; }
  Transfers& transfers() { return transfers_; }

  Result<DeviceMemory> memory();
  /// An array that releases itself; working memory makes way for it.
  Result<std::shared_ptr<DeviceBuffer>> makeBuffer(int64_t length);
  /// Bytes that working memory may take, what it holds now included.
  Result<int64_t> workingBytes();
  Result<void*> work(Work piece, int64_t bytes);
  void dropWork();

  /// One call: the lock, and at the end nothing of it still running, however it ends.
  class Call {
   public:
    explicit Call(GpuMemory& memory) : lock_(memory.mutex_), accelerator_(*memory.accelerator_), status_(accelerator_.enter()) {}
    ~Call() {
      if (status_.ok()) static_cast<void>(accelerator_.synchronise());
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    /// Of entering.
    const Status& status() const { return status_; }
    /// Waits for all that was given to the queues: errors of kernels show here.
    Status finish() { return accelerator_.synchronise(); }

   private:
    std::lock_guard<std::recursive_mutex> lock_;
    Accelerator& accelerator_;
    Status status_;
  };

 private:
  friend class GpuBuffer;
  struct Piece {
    void* memory = nullptr;
    int64_t bytes = 0;
  };

  void releaseBuffer(void* memory, int64_t bytes);
  int64_t workBytes() const;

  std::unique_ptr<Accelerator> accelerator_;
  Transfers transfers_;
  // Recursive: an array may be released within a call.
  std::recursive_mutex mutex_;
  int64_t limit_;
  int64_t bufferBytes_ = 0;
  std::array<Piece, static_cast<size_t>(Work::count)> work_;
};

/// The piece `parity` (0 or 1) places after `first`.
inline Work workAt(Work first, int64_t parity) { return static_cast<Work>(static_cast<int>(first) + static_cast<int>(parity % 2)); }

/// The floats of an argument that is on this device.
float* deviceData(const Floats& floats);

}  // namespace tomo
