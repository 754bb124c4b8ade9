// Arithmetic on whole arrays and numbers per slice; results do not depend on the number of threads or on how ranges are split.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tomo/parallel.hpp"

namespace tomo {

enum class RandomDistribution { uniform, normal };

/// target[n] = offset + sum_k coefficients[k]*sources[k][n], n in [start,end), summed in double, k in order.
Status combine(float* target, const std::vector<double>& coefficients, const std::vector<const float*>& sources, double offset, int64_t start, int64_t end, const CallControl& control);
/// target[n] = a[n] / b[n] where b[n] > 0, else 0.
Status divide(float* target, const float* a, const float* b, int64_t start, int64_t end, const CallControl& control);
Status clampRange(float* target, float low, float high, int64_t start, int64_t end, const CallControl& control);
Status copyRange(float* target, const float* source, int64_t count, const CallControl& control);
/// Values depend on seed and index only.
Status fillRandom(float* target, uint64_t seed, RandomDistribution distribution, int64_t start, int64_t end, const CallControl& control);

/// Slices [first,last) of `length` elements; results hold one number a slice (two for min and max).
struct SliceRange {
  int64_t length = 0, first = 0, last = 0;
};
Status dotSlices(const float* a, const float* b, SliceRange range, double* result, const CallControl& control);
Status squaredErrorSlices(const float* x, const float* reference, SliceRange range, double* result, const CallControl& control);
Status minMaxSlices(const float* a, SliceRange range, double* result, const CallControl& control);
Status countNonFiniteSlices(const float* a, SliceRange range, double* result, const CallControl& control);

/// Exact quantiles with linear interpolation between order statistics (numpy's default); NaN is passed over, all NaN gives NaN.
Status percentiles(const float* a, int64_t length, const std::vector<double>& fractions, double* result, const CallControl& control);

using Shape = std::array<int64_t, 3>;  // (D,H,W)

/// SSIM windows along an axis: 11, or the largest odd size that fits.
int64_t ssimWindow(int64_t axisLength);
/// Sums of the local SSIM over output slices [first,last) of 0..D-window; `windows` is the number of windows a slice.
Status ssimSlices(const float* x, const float* reference, Shape shape, double dataRange, int64_t first, int64_t last, double* sums, double* windows, const CallControl& control);

}  // namespace tomo
