// Total-variation denoising on its dual (Beck and Teboulle 2009, "Fast gradient-based algorithms for constrained total variation image denoising and deblurring problems", in three dimensions).
#include "tomo/total_variation.hpp"

#include <cmath>

namespace tomo {
namespace {

/// A row of W voxels and its neighbours along z and y; borders point at rows that make their term vanish.
struct ImageRow {
  const float* input;
  const float *z, *y, *x;
  const float *zBefore, *yBefore;  // null at the near border
};

void imageRow(float* image, const ImageRow& row, int64_t columns, const std::array<float, 3>& scale, float weight, float low, float high) {
  const float sz = scale[0] * weight, sy = scale[1] * weight, sx = scale[2] * weight;
  const auto finish = [&](int64_t c, float along) {
    // The three terms are added in one order everywhere: z, y, x.
    const float dz = row.zBefore == nullptr ? row.z[c] : row.z[c] - row.zBefore[c];
    const float dy = row.yBefore == nullptr ? row.y[c] : row.y[c] - row.yBefore[c];
    const float value = row.input[c] + (sz * dz + sy * dy + sx * along);
    image[c] = value < low ? low : value > high ? high : value;
  };
  finish(0, row.x[0]);
  for (int64_t c = 1; c < columns; ++c) finish(c, row.x[c] - row.x[c - 1]);
}

struct StepRow {
  const float *here, *zNext, *yNext;  // at the far border: `here` itself, whose difference is zero
  float *pz, *py, *px, *rz, *ry, *rx;
};

void stepRow(const StepRow& row, int64_t columns, const std::array<float, 3>& scale, float step, float inertia) {
  const float sz = scale[0] * step, sy = scale[1] * step, sx = scale[2] * step;
  const auto update = [&](int64_t c, float along) {
    const float qz = row.rz[c] + sz * (row.zNext[c] - row.here[c]);
    const float qy = row.ry[c] + sy * (row.yNext[c] - row.here[c]);
    const float qx = row.rx[c] + sx * along;
    const float length = std::sqrt(qz * qz + qy * qy + qx * qx);
    const float shrink = 1.0F / (length > 1.0F ? length : 1.0F);
    const float z = qz * shrink, y = qy * shrink, x = qx * shrink;
    row.rz[c] = z + inertia * (z - row.pz[c]);
    row.ry[c] = y + inertia * (y - row.py[c]);
    row.rx[c] = x + inertia * (x - row.px[c]);
    row.pz[c] = z;
    row.py[c] = y;
    row.px[c] = x;
  };
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
  for (int64_t c = 0; c < columns - 1; ++c) update(c, row.here[c + 1] - row.here[c]);
  update(columns - 1, 0.0F);
}

}  // namespace

Status totalVariationImage(float* image, const float* input, ConstVectorField p, const DifferenceGrid& grid, float weight, float low, float high, int64_t first, int64_t last, const CallControl& control) {
  const int64_t rows = grid.shape[1], columns = grid.shape[2], plane = rows * columns;
  return parallelRange(control, first, last, 1, [&](int64_t z, int64_t) {
    for (int64_t y = 0; y < rows; ++y) {
      const int64_t at = z * plane + y * columns;
      const ImageRow row{input + at, p[0] + at, p[1] + at, p[2] + at, z > 0 ? p[0] + at - plane : nullptr, y > 0 ? p[1] + at - columns : nullptr};
      imageRow(image + at, row, columns, grid.scale, weight, low, high);
    }
  });
}

Status totalVariationStep(const float* image, VectorField p, VectorField r, const DifferenceGrid& grid, float step, float inertia, int64_t first, int64_t last, const CallControl& control) {
  const int64_t slices = grid.shape[0], rows = grid.shape[1], columns = grid.shape[2], plane = rows * columns;
  return parallelRange(control, first, last, 1, [&](int64_t z, int64_t) {
    for (int64_t y = 0; y < rows; ++y) {
      const int64_t at = z * plane + y * columns;
      const float* here = image + at;
      const StepRow row{here, z + 1 < slices ? here + plane : here, y + 1 < rows ? here + columns : here, p[0] + at, p[1] + at, p[2] + at, r[0] + at, r[1] + at, r[2] + at};
      stepRow(row, columns, grid.scale, step, inertia);
    }
  });
}

}  // namespace tomo
