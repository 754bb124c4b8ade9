// Something that stands for a GPU: the same programs, run on the host, with as little memory as a test wants and with work put off as long as its order
// allows, so that a missing wait between copies and kernels shows as a wrong number.
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <map>

#include "cuda/accelerator.hpp"
#include "threaded_block.hpp"

namespace tomo::test {

/// When work is done: at once, or only when something waits for it, one queue before the other.
enum class Eagerness { atOnce, lazily };

class HostAccelerator final : public Accelerator {
 public:
  /// Counts that outlive the accelerator.
  struct Record {
    int64_t launches = 0, allocations = 0, held = 0, most = 0, bytesIn = 0, bytesOut = 0;
    /// Called before every launch; a test may cancel or fail here.
    std::function<Status(int64_t launch)> onLaunch;
    /// A thread for each of a block's, instead of one after the other.
    bool threaded = false;
  };

  HostAccelerator(int64_t bytes, Eagerness eagerness, std::shared_ptr<Record> record) : bytes_(bytes), eagerness_(eagerness), record_(std::move(record)) {}
  ~HostAccelerator() override {
    for (auto& [memory, length] : blocks_) ::operator delete(memory, std::align_val_t{256});
  }

  const std::string& name() const override { return name_; }
  Status enter() override { return Status::good(); }
  Result<AcceleratorMemory> memory() override { return AcceleratorMemory{bytes_ - record_->held, bytes_}; }

  Result<void*> allocate(int64_t bytes, const char* doing) override {
    if (record_->held + bytes > bytes_) return Status::fail(ErrorCode::outOfMemory, std::string("The GPU's memory is full while ") + doing + ".");
    record_->held += bytes;
    record_->most = std::max(record_->most, record_->held);
    ++record_->allocations;
    void* memory = ::operator new(static_cast<size_t>(bytes), std::align_val_t{256});
    // Nothing may count on zeros.
    std::memset(memory, 0xff, static_cast<size_t>(bytes));
    blocks_[memory] = bytes;
    return memory;
  }
  void release(void* memory) override {
    static_cast<void>(synchronise());
    record_->held -= blocks_.at(memory);
    blocks_.erase(memory);
    ::operator delete(memory, std::align_val_t{256});
  }
  Result<void*> allocatePinned(int64_t bytes) override { return ::operator new(static_cast<size_t>(bytes), std::align_val_t{256}); }
  void releasePinned(void* memory) override { ::operator delete(memory, std::align_val_t{256}); }

  Status copyIn(Queue queue, void* device, const void* pinned, int64_t bytes) override {
    record_->bytesIn += bytes;
    return give(queue, [=] { std::memcpy(device, pinned, static_cast<size_t>(bytes)); });
  }
  Status copyOut(Queue queue, void* pinned, const void* device, int64_t bytes) override {
    record_->bytesOut += bytes;
    return give(queue, [=] { std::memcpy(pinned, device, static_cast<size_t>(bytes)); });
  }
  Status copyWithin(Queue queue, void* target, const void* source, int64_t bytes) override {
    return give(queue, [=] { std::memmove(target, source, static_cast<size_t>(bytes)); });
  }
  Status launch(Queue queue, const Program& program) override {
    const int64_t launch = record_->launches++;
    if (record_->onLaunch) {
      if (Status status = record_->onLaunch(launch); !status.ok()) return status;
    }
    return give(queue, [program, threaded = record_->threaded] {
      std::visit([threaded](const auto& kind) { threaded ? runThreaded(kind) : runOnHost(kind); }, program);
    });
  }

  Status record(Event event, Queue queue) override {
    events_[static_cast<size_t>(event)] = {queue, given_[static_cast<size_t>(queue)]};
    return Status::good();
  }
  Status wait(Queue queue, Event event) override {
    const Mark mark = events_[static_cast<size_t>(event)];
    return give(queue, [this, mark] { runUpTo(mark); });
  }
  Status waitOnHost(Event event) override {
    runUpTo(events_[static_cast<size_t>(event)]);
    return Status::good();
  }
  Status synchronise() override {
    for (size_t queue : {size_t{1}, size_t{0}}) runUpTo({static_cast<Queue>(queue), given_[queue]});
    return Status::good();
  }

 private:
  struct Mark {
    Queue queue = Queue::compute;
    int64_t count = 0;
  };

  Status give(Queue queue, std::function<void()> work) {
    const auto n = static_cast<size_t>(queue);
    work_[n].push_back(std::move(work));
    ++given_[n];
    if (eagerness_ == Eagerness::atOnce) runUpTo({queue, given_[n]});
    return Status::good();
  }
  void runUpTo(Mark mark) {
    const auto n = static_cast<size_t>(mark.queue);
    while (done_[n] < mark.count) {
      const std::function<void()> work = std::move(work_[n].front());
      work_[n].pop_front();
      ++done_[n];
      work();
    }
  }

  std::string name_ = "cuda:0";
  int64_t bytes_;
  Eagerness eagerness_;
  std::shared_ptr<Record> record_;
  std::map<void*, int64_t> blocks_;
  std::deque<std::function<void()>> work_[2];
  int64_t given_[2] = {0, 0}, done_[2] = {0, 0};
  Mark events_[static_cast<size_t>(Event::count)];
};

}  // namespace tomo::test
