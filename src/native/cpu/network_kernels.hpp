// The network's inner loops as a table per instruction set; kernels_*.cpp fill it in from network_kernels_impl.hpp.
#pragma once

#include <cstdint>

namespace tomo {

/// Edge of a Winograd tile's output, of what it reads, and numbers of its transform.
constexpr int64_t tileEdge = 4, tileReach = 6, tilePositions = 36;

struct NetworkKernels {
  int64_t vectorWidth;
  /// Rows that a matrix product works on at once; numbers of rows are best multiples of it.
  int64_t productRows;

  /**
   * Rows times a panel of weights: out[r*outRowStride + v*outVectorStep + lane] = sum over blocks b and k < 16 of
   * blocks[b][r*rowStride + k] * weights[((b*16 + k)*vectors + v)*vectorWidth + lane], for vectors = 1 or 2. rowStride: 16 or 32. k rises, one fused operation each.
   */
  void (*product)(const float* const* blocks, int64_t blockCount, int64_t rows, int64_t rowStride, const float* weights, int64_t vectors, float* out,
                  int64_t outRowStride, int64_t outVectorStep);
  /// out[p*positionStride + c] = (B^T d B)[p] for 16 channels; d is tileReach^2 pointers to 16 floats.
  void (*transformInput)(const float* const* d, float* out, int64_t positionStride);
  /// y[4*i + j][c] = (A^T m A)[i][j] for 16 channels, m[p] at m + p*positionStride; y: 16 x 16 floats.
  void (*transformOutput)(const float* m, int64_t positionStride, float* y);
  /// target[n] = max(0, source[n]) or source[n] + (added == null ? 0 : added[n]) for 16 channels.
  void (*finish)(const float* source, const float* added, bool rectified, float* target);
  /// sum over pointers of dot(values[n], weights + 16 n), 16 channels each; null pointers are left out.
  float (*dot)(const float* const* values, int64_t count, const float* weights);
  /// target[c] = sum over n of values[n] * weights[n*stride + c] for 16 channels.
  void (*weigh)(const float* values, int64_t count, const float* weights, int64_t stride, float* target);
};

const NetworkKernels& genericNetworkKernels();
const NetworkKernels* avx2NetworkKernels();    // null where not built
const NetworkKernels* avx512NetworkKernels();  // null where not built

/// Those of the instruction set of chooseKernels.
const NetworkKernels& chooseNetworkKernels();

}  // namespace tomo
