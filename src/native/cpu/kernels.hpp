// The projector's inner loops as a table per instruction set; kernels_*.cpp fill it in from kernels_impl.hpp.
#pragma once

#include <cstdint>

#include "tomo/footprint.hpp"

namespace tomo {

/// Widest vector of any instruction set; buffers are padded for it.
constexpr int64_t maxVector = 16;
/// Zeros that kernels may read after a voxel line, and room they need after a detector line.
constexpr int64_t linePadding = 128;
/// Zeros that kernels may read before a voxel line, and elements they may write there.
constexpr int64_t leadPadding = 32;

/// Where voxel 0 lies after the aligned start of a line that gather writes: its first vector starts at voxel -1 for Basis::linear, at voxel 0 else.
inline int64_t leadOf(Basis basis) { return basis == Basis::linear ? maxVector + 1 : maxVector; }

/// Elements from one cross index to the next in an image that kernels work on: whole vectors, and not a multiple of a page.
inline int64_t imageStride(int64_t countR) {
  const int64_t stride = (countR + maxVector - 1) / maxVector * maxVector;
  return stride % 1024 == 0 ? stride + maxVector : stride;
}

/// `count` voxel columns p0.. of one q. Column n's voxels are at voxels + n*voxelStride, between leadPadding and linePadding zeros.
struct ColumnTile {
  int64_t p0, q, count;
  int64_t voxelStride;
};

struct Kernels {
  const char* name;
  /// image[c*stride + r] += footprints of the tile's voxels.
  void (*project)(const ViewFrame& view, const ColumnTile& tile, const float* voxels, float* image, int64_t stride);
  /// voxels[n*voxelStride + l] += what the image holds under their footprints. `scratch`: imageStride + leadPadding + linePadding floats, aligned.
  void (*gather)(const ViewFrame& view, const ColumnTile& tile, Basis basis, const float* image, int64_t stride, float* voxels, float* scratch);
};

const Kernels& genericKernels();
const Kernels* avx2Kernels();    // null where not built
const Kernels* avx512Kernels();  // null where not built

/// The best this processor runs; TOMOBENCH_SIMD=baseline, avx2 or avx512 asks for a lesser one.
const Kernels& chooseKernels();

}  // namespace tomo
