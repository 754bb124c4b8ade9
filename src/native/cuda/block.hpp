// How a program of blocks runs: phases in which every thread of a block does its part, with a barrier after each. A GPU runs them on its threads
// (cuda_accelerator.cu), a host one thread after the other, so that tests execute the very same programs without a GPU.
#pragma once

#include <cstdint>
#include <memory>

#include "tomo/host_device.hpp"

namespace tomo {

/// Blocks of a launch along x, y and z.
struct Grid {
  int64_t x = 1, y = 1, z = 1;
};

/// Most blocks along y and z; x may have 2^31 - 1.
constexpr int64_t mostGridYZ = 65535;

/// One block on the host.
template <int threads>
struct HostBlock {
  /// One value a thread that outlives a phase; a register on a GPU.
  template <typename T>
  struct PerThread {
    T values[threads];
    T& operator[](int thread) { return values[thread]; }
  };

  int64_t x, y, z;

  template <typename Phase>
  void each(Phase&& phase) const {
    for (int thread = 0; thread < threads; ++thread) phase(thread);
  }
};

/// Runs a whole launch on the host.
template <typename Program>
void runOnHost(const Program& program) {
  const auto shared = std::make_unique<typename Program::Shared>();
  const Grid grid = program.grid();
  HostBlock<Program::threads> block{};
  for (block.z = 0; block.z < grid.z; ++block.z) {
    for (block.y = 0; block.y < grid.y; ++block.y) {
      for (block.x = 0; block.x < grid.x; ++block.x) program.run(block, *shared);
    }
  }
}

TOMO_HD int64_t smallerOf(int64_t a, int64_t b) { return a < b ? a : b; }
TOMO_HD int64_t largerOf(int64_t a, int64_t b) { return a > b ? a : b; }
TOMO_HD int64_t piecesOf(int64_t count, int64_t piece) { return (count + piece - 1) / piece; }

}  // namespace tomo
