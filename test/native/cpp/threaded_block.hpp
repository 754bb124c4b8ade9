// Runs programs of blocks as a GPU does, every thread by itself with a barrier after each phase, so that a thread sanitizer sees races between phases and
// a thread that takes another way than its neighbours is found.
#pragma once

#include <doctest/doctest.h>

#include <barrier>
#include <thread>
#include <vector>

#include "cuda/block.hpp"

namespace tomo::test {

/// One thread's view of a block; see HostBlock.
struct ThreadedBlock {
  template <typename T>
  struct PerThread {
    T value;
    T& operator[](int) { return value; }
  };

  int64_t x, y, z;
  int thread;
  std::barrier<>* barrier;
  int64_t* phases;

  template <typename Phase>
  void each(Phase&& phase) const {
    phase(thread);
    ++*phases;
    barrier->arrive_and_wait();
  }
};

/// As runOnHost, with as many threads as the program has.
template <typename Program>
void runThreaded(const Program& program) {
  const auto shared = std::make_unique<typename Program::Shared>();
  const Grid grid = program.grid();
  std::barrier<> within(Program::threads), between(Program::threads);
  std::vector<int64_t> phases(Program::threads, 0);
  std::vector<std::thread> threads;
  for (int n = 0; n < Program::threads; ++n) {
    threads.emplace_back([&, n] {
      for (int64_t z = 0; z < grid.z; ++z) {
        for (int64_t y = 0; y < grid.y; ++y) {
          for (int64_t x = 0; x < grid.x; ++x) {
            ThreadedBlock block{x, y, z, n, &within, &phases[static_cast<size_t>(n)]};
            program.run(block, *shared);
            between.arrive_and_wait();
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int64_t count : phases) CHECK(count == phases[0]);
}

}  // namespace tomo::test
