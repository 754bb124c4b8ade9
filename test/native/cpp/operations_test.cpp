// Filters, statistics and tiles against plain definitions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "cpu/row_filter.hpp"
#include "tomo/array.hpp"
#include "tomo/tiles.hpp"
#include "tomo/total_variation.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo::test {
namespace {

const CallControl twoThreads{2, nullptr};

std::vector<float> normals(int64_t length, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(length));
  REQUIRE(fillRandom(values.data(), seed, RandomDistribution::normal, 0, length, twoThreads).ok());
  return values;
}

}  // namespace

TEST_CASE("the ramp filter is the convolution with its kernel") {
  constexpr int64_t columns = 53, rows = 37;
  const RowFilter filter(columns, FdkFilter::ramp);
  std::vector<float> data = normals(columns * rows, 1), scratch(static_cast<size_t>(filter.scratchSize()));
  const std::vector<float> before = data;
  for (int64_t first = 0; first < rows; first += RowFilter::batchRows) {
    filter.filterBatch(data.data() + first * columns, std::min(RowFilter::batchRows, rows - first), columns, scratch.data());
  }
  double largest = 0;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t n = 0; n < columns; ++n) {
      double sum = 0;
      for (int64_t m = 0; m < columns; ++m) {
        const double k = std::numbers::pi * static_cast<double>(n - m);
        const double kernel = n == m ? 0.25 : (n - m) % 2 != 0 ? -1.0 / (k * k) : 0.0;
        sum += kernel * static_cast<double>(before[static_cast<size_t>(row * columns + m)]);
      }
      largest = std::max(largest, std::abs(sum - static_cast<double>(data[static_cast<size_t>(row * columns + n)])));
    }
  }
  CHECK(largest < 2e-6);
}

TEST_CASE("quantiles are those of the sorted values") {
  std::vector<float> values = normals(100001, 2);
  values[5] = std::numeric_limits<float>::quiet_NaN();
  values[6] = -0.0F;
  std::vector<float> sorted;
  for (const float value : values) {
    if (!std::isnan(value)) sorted.push_back(value);
  }
  std::sort(sorted.begin(), sorted.end());
  const std::vector<double> fractions{0, 0.001, 0.25, 0.5, 0.999, 0.99999, 1};
  std::vector<double> found(fractions.size());
  REQUIRE(percentiles(values.data(), static_cast<int64_t>(values.size()), fractions, found.data(), twoThreads).ok());
  for (size_t k = 0; k < fractions.size(); ++k) {
    const double position = fractions[k] * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<size_t>(position);
    const double low = static_cast<double>(sorted[below]), high = static_cast<double>(sorted[std::min(below + 1, sorted.size() - 1)]);
    CHECK(found[k] == low + (position - static_cast<double>(below)) * (high - low));
  }
}

TEST_CASE("random values depend on seed and index only, and look random") {
  const std::vector<float> whole = normals(20000, 3);
  std::vector<float> parts(whole.size());
  REQUIRE(fillRandom(parts.data(), 3, RandomDistribution::normal, 7000, 20000, twoThreads).ok());
  REQUIRE(fillRandom(parts.data(), 3, RandomDistribution::normal, 0, 7000, twoThreads).ok());
  CHECK(parts == whole);
  CHECK(normals(20000, 4) != whole);
  double sum = 0, squares = 0;
  for (const float value : whole) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  CHECK(std::abs(sum / 20000) < 0.03);
  CHECK(std::abs(squares / 20000 - 1) < 0.04);
}

TEST_CASE("SSIM is the mean over windows of its definition") {
  const Shape shape{7, 14, 13};
  const std::vector<float> x = normals(7 * 14 * 13, 5), y = normals(7 * 14 * 13, 6);
  const double range = 2.5, c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  const int64_t wz = ssimWindow(7), wy = ssimWindow(14), wx = ssimWindow(13);
  CHECK(wz == 7);
  CHECK(wy == 11);
  CHECK(ssimWindow(8) == 7);
  CHECK(ssimWindow(1) == 1);
  const auto gauss = [](int64_t n, int64_t size) { return std::exp(-0.5 * std::pow(static_cast<double>(n - size / 2) / 1.5, 2)); };
  double expected = 0;
  for (int64_t j = 0; j + wy <= 14; ++j) {
    for (int64_t i = 0; i + wx <= 13; ++i) {
      double total = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
      for (int64_t c = 0; c < wz; ++c) {
        for (int64_t b = 0; b < wy; ++b) {
          for (int64_t a = 0; a < wx; ++a) {
            const double w = gauss(c, wz) * gauss(b, wy) * gauss(a, wx);
            const auto at = static_cast<size_t>((c * 14 + j + b) * 13 + i + a);
            const auto u = static_cast<double>(x[at]), v = static_cast<double>(y[at]);
            total += w, mx += w * u, my += w * v, xx += w * u * u, yy += w * v * v, xy += w * u * v;
          }
        }
      }
      mx /= total, my /= total, xx /= total, yy /= total, xy /= total;
      expected += (2 * mx * my + c1) * (2 * (xy - mx * my) + c2) / ((mx * mx + my * my + c1) * (xx - mx * mx + yy - my * my + c2));
    }
  }
  double sum = 0, windows = 0;
  REQUIRE(ssimSlices(x.data(), y.data(), shape, range, 0, 1, &sum, &windows, twoThreads).ok());
  CHECK(windows == 4 * 3);
  CHECK(sum == doctest::Approx(expected).epsilon(1e-10));
}

TEST_CASE("borders reflect as often as needed") {
  const std::vector<int64_t> expected{2, 1, 0, 1, 2, 1, 0, 1, 2};
  for (int64_t at = -2; at <= 6; ++at) CHECK(reflectIndex(at, 3) == expected[static_cast<size_t>(at + 2)]);
  CHECK(reflectIndex(-4, 1) == 0);
}

TEST_CASE("a shared array is one memory under two mappings, and its name goes away") {
  const std::string name = "tomobench-test-" + std::to_string(reinterpret_cast<uintptr_t>(&twoThreads) % 1000003);
  unlinkSharedArray(name);
  Result<ArrayPointer> first = createSharedArray(name, 1000);
  REQUIRE(first.ok());
  CHECK(createSharedArray(name, 10).status().code == ErrorCode::badInput);
  Result<ArrayPointer> second = openSharedArray(name, 1000);
  REQUIRE(second.ok());
  first.value()->data()[999] = 3.5F;
  CHECK(second.value()->data()[999] == 3.5F);
  CHECK(second.value()->data()[0] == 0.0F);
  CHECK(openSharedArray(name, 100000).status().code == ErrorCode::badInput);
  CHECK(unlinkSharedArray(name));
  CHECK(openSharedArray(name, 1000).status().code == ErrorCode::notFound);
  CHECK(createSharedArray(name, int64_t{1} << 40).status().code == ErrorCode::noSpace);
}

TEST_CASE("total-variation steps stay inside their arrays, for thin volumes too") {
  for (const Shape shape : {Shape{3, 4, 5}, Shape{1, 1, 1}, Shape{2, 1, 3}, Shape{1, 5, 1}}) {
    const int64_t length = shape[0] * shape[1] * shape[2];
    const std::vector<float> input = normals(length, 9);
    std::vector<float> image(input.size()), p[3], r[3];
    for (size_t axis = 0; axis < 3; ++axis) {
      p[axis].assign(input.size(), 0.0F);
      r[axis].assign(input.size(), 0.0F);
    }
    const DifferenceGrid grid{shape, {1.0F, 0.5F, 1.0F}};
    const VectorField dual{p[0].data(), p[1].data(), p[2].data()}, point{r[0].data(), r[1].data(), r[2].data()};
    const float infinity = std::numeric_limits<float>::infinity();
    for (int step = 0; step < 3; ++step) {
      REQUIRE(totalVariationImage(image.data(), input.data(), {point[0], point[1], point[2]}, grid, 0.5F, -infinity, infinity, 0, shape[0], twoThreads).ok());
      REQUIRE(totalVariationStep(image.data(), dual, point, grid, 1.0F / 6.0F, 0.3F, 0, shape[0], twoThreads).ok());
    }
    double before = 0, after = 0;
    for (size_t n = 0; n < input.size(); ++n) {
      before += static_cast<double>(input[n]);
      after += static_cast<double>(image[n]);
      CHECK(p[0][n] * p[0][n] + p[1][n] * p[1][n] + p[2][n] * p[2][n] < 1.00001F);
    }
    // A divergence adds up to nothing.
    CHECK(std::abs(after - before) < 1e-4);
  }
}

}  // namespace tomo::test
