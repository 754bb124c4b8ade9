// Ramp filtering of detector rows by FFT, many rows side by side in SIMD lanes; weights and angles are left to fdk.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "tomo/fdk.hpp"

namespace tomo {

class RowFilter {
 public:
  /// Rows of one batch: pairs of rows share a complex lane.
  static constexpr int64_t lanes = 16;
  static constexpr int64_t batchRows = 2 * lanes;

  /// For rows of `columns` samples at unit pitch; zero padded so that nothing wraps around.
  RowFilter(int64_t columns, FdkFilter filter);

  /// Floats of scratch that filterBatch needs.
  int64_t scratchSize() const { return 4 * size_ * lanes; }

  /// Filters in place `rows` <= batchRows rows; sample n of row k is data[k*rowStride + n].
  void filterBatch(float* data, int64_t rows, int64_t rowStride, float* scratch) const;

 private:
  void transform(float*& re, float*& im, float*& otherRe, float*& otherIm, float direction) const;

  int64_t columns_, size_;
  std::vector<float> response_;            // real, divided by size_
  std::vector<float> cosine_, sine_;       // of 2 pi n / size_
};

}  // namespace tomo
