// Structural similarity of two volumes with a 3D Gaussian window (Wang et al. 2004; torchmetrics' and deepinv's settings), summed per output slice.
#include <cmath>

#include "tomo/vector_ops.hpp"

namespace tomo {
namespace {

constexpr double sigma = 1.5;
// Output rows a thread works on at a time: bounds the ring of slices to some MiB.
constexpr int64_t bandRows = 16;
constexpr size_t moments = 5;  // x, y, xx, yy, xy

std::vector<double> gaussian(int64_t size) {
  std::vector<double> window(static_cast<size_t>(size));
  double sum = 0;
  for (int64_t n = 0; n < size; ++n) {
    const double t = static_cast<double>(n - size / 2) / sigma;
    sum += window[static_cast<size_t>(n)] = std::exp(-0.5 * t * t);
  }
  for (double& weight : window) weight /= sum;
  return window;
}

struct Setting {
  Shape shape;
  std::vector<double> windowZ, windowY, windowX;
  int64_t outRows, outColumns;
  double c1, c2;
};

/// Weighted moments of the rows [row, row + rows + window - 1) of slice z, filtered along x and y: rows x outColumns each.
void filterSlice(const Setting& s, const float* x, const float* y, int64_t z, int64_t row, int64_t rows, std::vector<double>& wide, double* out) {
  const int64_t columns = s.outColumns, inRows = rows + static_cast<int64_t>(s.windowY.size()) - 1;
  wide.assign(moments * static_cast<size_t>(inRows * columns), 0.0);
  for (int64_t r = 0; r < inRows; ++r) {
    const float* rowX = x + (z * s.shape[1] + row + r) * s.shape[2];
    const float* rowY = y + (z * s.shape[1] + row + r) * s.shape[2];
    double* target[moments];
    for (size_t m = 0; m < moments; ++m) target[m] = wide.data() + (static_cast<int64_t>(m) * inRows + r) * columns;
    for (size_t tap = 0; tap < s.windowX.size(); ++tap) {
      const double weight = s.windowX[tap];
      for (int64_t c = 0; c < columns; ++c) {
        const auto a = static_cast<double>(rowX[c + static_cast<int64_t>(tap)]), b = static_cast<double>(rowY[c + static_cast<int64_t>(tap)]);
        const double wa = weight * a, wb = weight * b;
        target[0][c] += wa;
        target[1][c] += wb;
        target[2][c] += wa * a;
        target[3][c] += wb * b;
        target[4][c] += wa * b;
      }
    }
  }
  std::fill(out, out + static_cast<int64_t>(moments) * rows * columns, 0.0);
  for (int64_t m = 0; m < static_cast<int64_t>(moments); ++m) {
    for (int64_t r = 0; r < rows; ++r) {
      double* target = out + (m * rows + r) * columns;
      for (size_t tap = 0; tap < s.windowY.size(); ++tap) {
        const double weight = s.windowY[tap];
        const double* source = wide.data() + (m * inRows + r + static_cast<int64_t>(tap)) * columns;
        for (int64_t c = 0; c < columns; ++c) target[c] += weight * source[c];
      }
    }
  }
}

double similarity(const Setting& s, const double* mean, int64_t stride, int64_t count) {
  double sum = 0;
  for (int64_t n = 0; n < count; ++n) {
    const double mx = mean[n], my = mean[stride + n];
    const double xx = mean[2 * stride + n] - mx * mx, yy = mean[3 * stride + n] - my * my, xy = mean[4 * stride + n] - mx * my;
    sum += (2.0 * mx * my + s.c1) * (2.0 * xy + s.c2) / ((mx * mx + my * my + s.c1) * (xx + yy + s.c2));
  }
  return sum;
}

}  // namespace

int64_t ssimWindow(int64_t axisLength) { return axisLength >= 11 ? 11 : axisLength - (axisLength + 1) % 2; }

Status ssimSlices(const float* x, const float* reference, Shape shape, double dataRange, int64_t first, int64_t last, double* sums, double* windows, const CallControl& control) {
  Setting s{shape, gaussian(ssimWindow(shape[0])), gaussian(ssimWindow(shape[1])), gaussian(ssimWindow(shape[2])), 0, 0, 0, 0};
  s.outRows = shape[1] - static_cast<int64_t>(s.windowY.size()) + 1;
  s.outColumns = shape[2] - static_cast<int64_t>(s.windowX.size()) + 1;
  s.c1 = (0.01 * dataRange) * (0.01 * dataRange);
  s.c2 = (0.03 * dataRange) * (0.03 * dataRange);
  const auto depth = static_cast<int64_t>(s.windowZ.size());
  const int64_t bands = (s.outRows + bandRows - 1) / bandRows, slices = last - first;
  std::vector<double> bandSums(static_cast<size_t>(bands * slices), 0.0);
  control.expect(bands);
  Status status = parallelFor(control, bands, [&](int64_t band, int) {
    const int64_t row = band * bandRows, rows = std::min(bandRows, s.outRows - row);
    const int64_t plane = static_cast<int64_t>(moments) * rows * s.outColumns;
    std::vector<double> wide, ring(static_cast<size_t>(depth * plane)), mean(static_cast<size_t>(plane));
    for (int64_t z = first; z < last + depth - 1 && !control.cancelled(); ++z) {
      filterSlice(s, x, reference, z, row, rows, wide, ring.data() + z % depth * plane);
      const int64_t out = z - depth + 1;
      if (out < first) continue;
      std::fill(mean.begin(), mean.end(), 0.0);
      for (int64_t tap = 0; tap < depth; ++tap) {
        const double weight = s.windowZ[static_cast<size_t>(tap)];
        const double* source = ring.data() + (out + tap) % depth * plane;
        for (int64_t n = 0; n < plane; ++n) mean[static_cast<size_t>(n)] += weight * source[n];
      }
      bandSums[static_cast<size_t>((out - first) * bands + band)] = similarity(s, mean.data(), rows * s.outColumns, rows * s.outColumns);
    }
    control.advance();
  });
  for (int64_t slice = 0; slice < slices; ++slice) {
    sums[slice] = 0;
    for (int64_t band = 0; band < bands; ++band) sums[slice] += bandSums[static_cast<size_t>(slice * bands + band)];
    windows[slice] = static_cast<double>(s.outRows * s.outColumns);
  }
  return status;
}

}  // namespace tomo
