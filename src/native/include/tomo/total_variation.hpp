// Steps of total-variation denoising on its dual, slice by slice; neither the number of threads nor the split into slices changes a bit.
#pragma once

#include <array>
#include <cstdint>

#include "tomo/parallel.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo {

/// A vector field p on a volume (D,H,W), one array for each axis (z,y,x). The last slice along an axis is zero in that axis' array.
using VectorField = std::array<float*, 3>;
using ConstVectorField = std::array<const float*, 3>;

/// Differences along axis a are multiplied by scale[a]: voxel edges may differ.
struct DifferenceGrid {
  Shape shape{};
  std::array<float, 3> scale{1, 1, 1};
};

/**
 * image = min(max(input + weight div p, low), high) on slices [first,last), div = -grad^T, grad forward differences that are zero at the far border.
 * `image` may be `input`. Allocates nothing.
 */
Status totalVariationImage(float* image, const float* input, ConstVectorField p, const DifferenceGrid& grid, float weight, float low, float high, int64_t first, int64_t last, const CallControl& control);

/**
 * q = r + step grad image, pulled back to length 1 voxel by voxel;  r = q + inertia (q - p);  p = q, on slices [first,last). Allocates nothing.
 * Reads `image` one slice beyond `last`, where there is one.
 */
Status totalVariationStep(const float* image, VectorField p, VectorField r, const DifferenceGrid& grid, float step, float inertia, int64_t first, int64_t last, const CallControl& control);

}  // namespace tomo
