// The fast projector against its plain version, its transpose, and itself with other threads and instruction sets.
#include <doctest/doctest.h>

#include <algorithm>

#include "cpu/kernels.hpp"
#include "geometries.hpp"
#include "reference_projector.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo::test {
namespace {

using Floats = std::vector<float>;

CallControl withThreads(int threads) { return {threads, nullptr}; }

Floats randomFloats(int64_t length, uint64_t seed) {
  Floats values(static_cast<size_t>(length));
  REQUIRE(fillRandom(values.data(), seed, RandomDistribution::uniform, 0, length, withThreads(1)).ok());
  return values;
}

Floats forward(const Projector& projector, const ScanGeometry& geometry, const Floats& x, int threads = 2) {
  Floats y(static_cast<size_t>(geometry.views() * geometry.pixelsPerView()), -1.0F);
  REQUIRE(projector.forward(x.data(), nullptr, y.data(), withThreads(threads)).ok());
  return y;
}

Floats back(const Projector& projector, const ScanGeometry& geometry, const Floats& y, int threads = 2) {
  Floats x(static_cast<size_t>(geometry.voxels()), -1.0F);
  REQUIRE(projector.back(y.data(), x.data(), withThreads(threads)).ok());
  return x;
}

/// Back projection for FDK, of views as they are.
Floats average(const Projector& projector, const ScanGeometry& geometry, const Floats& y) {
  struct Copy final : ViewSource {
    const float* sinogram;
    int64_t pixels;
    void produce(int64_t view, float* out) const override { std::copy(sinogram + view * pixels, sinogram + (view + 1) * pixels, out); }
  } copy;
  copy.sinogram = y.data();
  copy.pixels = geometry.pixelsPerView();
  Floats x(static_cast<size_t>(geometry.voxels()), -1.0F);
  REQUIRE(projector.average(copy, x.data(), withThreads(2)).ok());
  return x;
}

double product(const Floats& a, const Floats& b) {
  double sum = 0;
  for (size_t n = 0; n < a.size(); ++n) sum += static_cast<double>(a[n]) * static_cast<double>(b[n]);
  return sum;
}

double relativeDistance(const Floats& a, const Floats& b) {
  Floats difference(a.size());
  for (size_t n = 0; n < a.size(); ++n) difference[n] = a[n] - b[n];
  const double scale = product(b, b);
  return scale > 0 ? std::sqrt(product(difference, difference) / scale) : std::sqrt(product(difference, difference));
}

std::vector<const Kernels*> kernelsHere() {
  std::vector<const Kernels*> kernels{&genericKernels()};
  const std::string best = chooseKernels().name;
  if (best == "avx2" || best == "avx512") kernels.push_back(avx2Kernels());
  if (best == "avx512") kernels.push_back(avx512Kernels());
  return kernels;
}

}  // namespace

TEST_CASE("back is the transpose of forward for every geometry and instruction set") {
  for (const NamedScan& scan : allScans()) {
    REQUIRE_MESSAGE(validateGeometry(scan.geometry).ok(), scan.name);
    const Floats x = randomFloats(scan.geometry.voxels(), 1), y = randomFloats(scan.geometry.views() * scan.geometry.pixelsPerView(), 2);
    for (const Kernels* kernels : kernelsHere()) {
      CAPTURE(scan.name);
      CAPTURE(std::string(kernels->name));
      const auto projector = makeCpuProjector(scan.geometry, kernels);
      const Floats ax = forward(*projector, scan.geometry, x), aty = back(*projector, scan.geometry, y);
      const double left = product(ax, y), right = product(x, aty);
      if (scan.name == "detector that misses the volume") CHECK(left == 0.0);
      else CHECK(left > 0.0);
      CHECK(std::abs(left - right) <= 1e-6 * std::sqrt(product(ax, ax) * product(y, y)));
    }
  }
}

TEST_CASE("the fast projector agrees with the plain one") {
  for (const NamedScan& scan : allScans()) {
    const auto plain = makeReferenceProjector(scan.geometry);
    const Floats x = randomFloats(scan.geometry.voxels(), 3), y = randomFloats(scan.geometry.views() * scan.geometry.pixelsPerView(), 4);
    const Floats ax = forward(*plain, scan.geometry, x), aty = back(*plain, scan.geometry, y), boxes = average(*plain, scan.geometry, y);
    for (const Kernels* kernels : kernelsHere()) {
      CAPTURE(scan.name);
      CAPTURE(std::string(kernels->name));
      const auto projector = makeCpuProjector(scan.geometry, kernels);
      // Weights between knots are interpolated; random data shows the difference most.
      CHECK(relativeDistance(forward(*projector, scan.geometry, x), ax) < 1e-3);
      CHECK(relativeDistance(back(*projector, scan.geometry, y), aty) < 1e-3);
      CHECK(relativeDistance(average(*projector, scan.geometry, y), boxes) < 1e-3);
    }
  }
}

TEST_CASE("results do not depend on the number of threads or on the other views") {
  for (const NamedScan& scan : allScans()) {
    CAPTURE(scan.name);
    const auto projector = makeCpuProjector(scan.geometry);
    const Floats x = randomFloats(scan.geometry.voxels(), 5), y = randomFloats(scan.geometry.views() * scan.geometry.pixelsPerView(), 6);
    const Floats ax = forward(*projector, scan.geometry, x, 1);
    CHECK(ax == forward(*projector, scan.geometry, x, 3));
    CHECK(back(*projector, scan.geometry, y, 1) == back(*projector, scan.geometry, y, 3));
    ScanGeometry last = scan.geometry;
    last.vectors.assign(scan.geometry.vectors.end() - 12, scan.geometry.vectors.end());
    const Floats alone = forward(*makeCpuProjector(last), last, x);
    CHECK(alone == Floats(ax.end() - scan.geometry.pixelsPerView(), ax.end()));
  }
}

TEST_CASE("the residual is the projection minus the measurement, in place too") {
  const NamedScan scan = allScans()[1];
  const auto projector = makeCpuProjector(scan.geometry);
  const Floats x = randomFloats(scan.geometry.voxels(), 7);
  Floats y = randomFloats(scan.geometry.views() * scan.geometry.pixelsPerView(), 8);
  const Floats ax = forward(*projector, scan.geometry, x);
  Floats expected(y.size());
  for (size_t n = 0; n < y.size(); ++n) expected[n] = ax[n] - y[n];
  REQUIRE(projector->forward(x.data(), y.data(), y.data(), withThreads(2)).ok());
  CHECK(y == expected);
}

TEST_CASE("a cancelled call says so") {
  const NamedScan scan = allScans()[0];
  const auto projector = makeCpuProjector(scan.geometry);
  Floats x = randomFloats(scan.geometry.voxels(), 9);
  Floats y(static_cast<size_t>(scan.geometry.views() * scan.geometry.pixelsPerView()));
  CallControl control{2, std::make_shared<CancelState>()};
  control.cancel->cancelled = true;
  CHECK(projector->forward(x.data(), nullptr, y.data(), control).code == ErrorCode::cancelled);
  CHECK(projector->back(y.data(), x.data(), control).code == ErrorCode::cancelled);
}

TEST_CASE("whatever geometry is accepted gives finite numbers and a transpose") {
  int accepted = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    const Floats dice = randomFloats(64, 1000 + seed);
    size_t next = 0;
    const auto between = [&](double low, double high) { return low + (high - low) * static_cast<double>(dice[next++]); };
    const auto whole = [&](double low, double high) { return static_cast<int64_t>(between(low, high)); };
    ScanGeometry geometry;
    geometry.type = seed % 3 == 0 ? BeamType::parallel : BeamType::cone;
    geometry.volumeShape = {whole(1, 12), whole(1, 12), whole(1, 12)};
    geometry.voxelSizeMm = {between(0.1, 4), between(0.1, 4), between(0.1, 4)};
    geometry.volumeCentreMm = {between(-5, 5), between(-5, 5), between(-5, 5)};
    geometry.detectorRows = whole(1, 40);
    geometry.detectorColumns = whole(1, 40);
    for (int n = 0; n < 24; ++n) geometry.vectors.push_back(n % 12 < 6 ? between(-60, 60) : between(-3, 3));
    if (!validateGeometry(geometry).ok()) continue;
    ++accepted;
    const Floats x = randomFloats(geometry.voxels(), seed), y = randomFloats(geometry.views() * geometry.pixelsPerView(), seed + 1);
    for (const Kernels* kernels : kernelsHere()) {
      CAPTURE(std::string(kernels->name));
      const auto projector = makeCpuProjector(geometry, kernels);
      const Floats ax = forward(*projector, geometry, x), aty = back(*projector, geometry, y), mean = average(*projector, geometry, y);
      const double left = product(ax, y), right = product(x, aty);
      CHECK(std::isfinite(left));
      CHECK(std::isfinite(product(mean, mean)));
      CHECK(std::abs(left - right) <= 1e-5 * std::sqrt(product(ax, ax) * product(y, y)));
    }
  }
  CHECK(accepted > 200);
}

TEST_CASE("unusable geometries are refused with the view's number") {
  const ScanGeometry good = allScans()[0].geometry;
  const auto refused = [&](auto&& change, const std::string& word) {
    ScanGeometry bad = good;
    change(bad);
    const Status status = validateGeometry(bad);
    CAPTURE(status.message);
    CHECK(!status.ok());
    CHECK(status.message.find(word) != std::string::npos);
  };
  refused([](ScanGeometry& g) { g.vectors[12 + 6] = g.vectors[12 + 7] = g.vectors[12 + 8] = 0; }, "View 1");
  refused([](ScanGeometry& g) { for (size_t n = 0; n < 3; ++n) g.vectors[24 + 9 + n] = 2 * g.vectors[24 + 6 + n]; }, "View 2");
  refused([](ScanGeometry& g) { for (size_t n = 0; n < 3; ++n) g.vectors[n] = g.vectors[3 + n]; }, "plane of the detector");
  refused([](ScanGeometry& g) { g.vectors[0] = g.vectors[1] = g.vectors[2] = 0.5; }, "inside the volume");
  refused([](ScanGeometry& g) { g.vectors[40] = NAN; }, "not finite");
  refused([](ScanGeometry& g) { g.vectors.pop_back(); }, "12 numbers");
  refused([](ScanGeometry& g) { g.vectors.clear(); }, "at least one view");
  refused([](ScanGeometry& g) { g.voxelSizeMm[1] = 0; }, "voxel size");
  refused([](ScanGeometry& g) { g.volumeShape[0] = 0; }, "at least one voxel");
  refused([](ScanGeometry& g) { g.detectorRows = (1 << 20) + 1; }, "at most a million");
  refused([](ScanGeometry& g) { g.volumeShape = {1 << 20, 1 << 20, 1 << 20}; }, "4 TiB");
}

}  // namespace tomo::test
