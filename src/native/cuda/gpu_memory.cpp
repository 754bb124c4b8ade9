// Arrays and working memory of a GPU; see gpu_memory.hpp.
#include "gpu_memory.hpp"

#include <algorithm>

namespace tomo {

class GpuBuffer final : public DeviceBuffer {
 public:
  GpuBuffer(std::shared_ptr<GpuMemory> memory, void* data, int64_t length) : memory_(std::move(memory)), data_(data), length_(length) {}
  ~GpuBuffer() override { memory_->releaseBuffer(data_, length_ * static_cast<int64_t>(sizeof(float))); }
  GpuBuffer(const GpuBuffer&) = delete;
  GpuBuffer& operator=(const GpuBuffer&) = delete;
  int64_t length() const override { return length_; }
  float* data() const { return static_cast<float*>(data_); }

 private:
  std::shared_ptr<GpuMemory> memory_;
  void* data_;
  int64_t length_;
};

float* deviceData(const Floats& floats) { return static_cast<const GpuBuffer&>(*floats.buffer).data(); }

GpuMemory::~GpuMemory() {
  if (accelerator_->enter().ok()) dropWork();
}

int64_t GpuMemory::workBytes() const {
  int64_t bytes = 0;
  for (const Piece& piece : work_) bytes += piece.bytes;
  return bytes;
}

Result<DeviceMemory> GpuMemory::memory() {
  const Result<AcceleratorMemory> found = accelerator_->memory();
  if (!found.ok()) return found.status();
  return DeviceMemory{found.value().total, found.value().free, bufferBytes_ + workBytes(), limit_};
}

Result<int64_t> GpuMemory::workingBytes() {
  const Result<AcceleratorMemory> found = accelerator_->memory();
  if (!found.ok()) return found.status();
  // A share of the GPU stays free for the driver and for memory that comes in pieces.
  const int64_t available = found.value().free + workBytes() - found.value().total / 32;
  return std::max<int64_t>(0, limit_ > 0 ? std::min(available, limit_ - bufferBytes_) : available);
}

Result<std::shared_ptr<DeviceBuffer>> GpuMemory::makeBuffer(int64_t length) {
  const int64_t bytes = length * static_cast<int64_t>(sizeof(float));
  if (limit_ > 0 && bufferBytes_ + bytes > limit_) {
    return Status::fail(ErrorCode::outOfMemory, "The GPU's memory limit of " + std::to_string(limit_ >> 20) + " MiB is reached. Raise it, use a smaller volume or fewer views, or use device cpu.");
  }
  if (limit_ > 0 && bufferBytes_ + workBytes() + bytes > limit_) dropWork();
  Result<void*> data = accelerator_->allocate(bytes, "making room for an array");
  if (!data.ok() && data.status().code == ErrorCode::outOfMemory && workBytes() > 0) {
    dropWork();
    data = accelerator_->allocate(bytes, "making room for an array");
  }
  if (!data.ok()) return data.status();
  bufferBytes_ += bytes;
  return std::shared_ptr<DeviceBuffer>(std::make_shared<GpuBuffer>(shared_from_this(), data.value(), length));
}

void GpuMemory::releaseBuffer(void* memory, int64_t bytes) {
  const std::lock_guard<std::recursive_mutex> lock(mutex_);
  bufferBytes_ -= bytes;
  if (accelerator_->enter().ok()) accelerator_->release(memory);
}

Result<void*> GpuMemory::work(Work piece, int64_t bytes) {
  Piece& held = work_[static_cast<size_t>(piece)];
  if (held.bytes >= bytes && held.memory != nullptr) return held.memory;
  if (held.memory != nullptr) accelerator_->release(held.memory);
  held = {};
  Result<void*> memory = accelerator_->allocate(std::max<int64_t>(bytes, 1), "making room to work in");
  if (memory.ok()) held = {memory.value(), bytes};
  return memory;
}

void GpuMemory::dropWork() {
  for (Piece& piece : work_) {
    if (piece.memory != nullptr) accelerator_->release(piece.memory);
    piece = {};
  }
}

}  // namespace tomo
