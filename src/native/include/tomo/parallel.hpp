// Work spread over threads of one call, with cancellation and progress; results never depend on the number of threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "tomo/error.hpp"

namespace tomo {

/// Shared between a running call and whoever may cancel it or ask how far it is.
struct CancelState {
  std::atomic<bool> cancelled{false};
  std::atomic<int64_t> done{0};
  std::atomic<int64_t> total{0};

  double progress() const {
    const int64_t all = total.load();
    return all <= 0 ? 0.0 : std::min(1.0, static_cast<double>(done.load()) / static_cast<double>(all));
  }
};

/// How a call runs.
struct CallControl {
  int threads = 1;
  std::shared_ptr<CancelState> cancel;

  bool cancelled() const { return cancel && cancel->cancelled.load(std::memory_order_relaxed); }
  /// Starts counting: the call has `total` pieces of work.
  void expect(int64_t total) const {
    if (cancel) {
      cancel->done = 0;
      cancel->total = total;
    }
  }
  void advance(int64_t pieces = 1) const {
    if (cancel) cancel->done.fetch_add(pieces, std::memory_order_relaxed);
  }
};

/// Number of threads when the caller names none.
inline int defaultThreads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

/// Threads that parallelFor uses for `count` pieces of work.
inline int threadsFor(const CallControl& control, int64_t count) { return static_cast<int>(std::clamp<int64_t>(std::min<int64_t>(control.threads, count), 1, 256)); }

/**
 * Runs work(index, thread) for index in [0,count), each index once, on up to control.threads threads that take indices in order.
 * Stops early when cancelled; an exception of `work` (only lack of memory can throw here) becomes a Status.
 */
template <typename Work>
Status parallelFor(const CallControl& control, int64_t count, Work&& work) {
  const int threads = threadsFor(control, count);
  std::atomic<int64_t> next{0};
  std::atomic<bool> outOfMemory{false};
  std::atomic<bool> failed{false};
  const auto loop = [&](int thread) {
    try {
      for (;;) {
        if (control.cancelled() || failed.load(std::memory_order_relaxed)) return;
        const int64_t index = next.fetch_add(1);
        if (index >= count) return;
        work(index, thread);
      }
    } catch (const std::bad_alloc&) {
      outOfMemory = true;
      failed = true;
    } catch (const std::exception&) {
      failed = true;
    }
  };
  std::vector<std::thread> helpers;
  try {
    for (int thread = 1; thread < threads; ++thread) helpers.emplace_back(loop, thread);
  } catch (const std::exception&) {
    // No more threads to be had: those that run, this one included, do all the work.
  }
  loop(0);
  for (std::thread& helper : helpers) helper.join();
  if (control.cancelled()) return Status::cancelledCall();
  if (outOfMemory) return Status::fail(ErrorCode::outOfMemory, "Not enough memory for a step of the computation. Close other programs or use a smaller volume.");
  if (failed) return Status::fail(ErrorCode::internal, "A step of the computation failed.");
  return Status::good();
}

/// Splits [start,end) into pieces of `grain` that do not depend on the number of threads; work(from, to).
template <typename Work>
Status parallelRange(const CallControl& control, int64_t start, int64_t end, int64_t grain, Work&& work) {
  const int64_t pieces = end <= start ? 0 : (end - start + grain - 1) / grain;
  control.expect(pieces);
  return parallelFor(control, pieces, [&](int64_t piece, int) {
    const int64_t from = start + piece * grain;
    work(from, std::min(end, from + grain));
    control.advance();
  });
}

}  // namespace tomo
