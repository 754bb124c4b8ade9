// The GPU's projector, its programs run on the host: against the plain projector, its transpose, itself in slabs, and on errors on the way.
#include <cstdio>

#include "cuda/slab_plan.hpp"
#include "geometries.hpp"
#include "gpu_scene.hpp"
#include "reference_projector.hpp"

namespace tomo::test {
namespace {

// Against the plain projector in double; whole against slabs; of the norms. check:gpu's bounds against the CPU are in test/native/deviceOperations.ts.
constexpr double largestDistance = 5e-6, largestCut = 5e-6, largestGap = 1e-6;

int64_t sinogramLength(const ScanGeometry& geometry) { return geometry.views() * geometry.pixelsPerView(); }

/// Views as they are, for average().
struct Copy final : ViewSource {
  const Values& sinogram;
  int64_t pixels;
  Copy(const Values& values, int64_t count) : sinogram(values), pixels(count) {}
  void produce(int64_t view, float* out) const override { std::copy(sinogram.begin() + view * pixels, sinogram.begin() + (view + 1) * pixels, out); }
};

Values forward(const HostGpu& gpu, const ScanGeometry& geometry, Values& x, Values* measured = nullptr) {
  Values y(static_cast<size_t>(sinogramLength(geometry)), -7.0F);
  const Floats known = measured == nullptr ? Floats{} : floatsOf(*measured);
  const Status status = gpu.projector(geometry)->forward(floatsOf(x), measured == nullptr ? nullptr : &known, floatsOf(y), twoThreadsHere);
  CAPTURE(status.message);
  REQUIRE(status.ok());
  return y;
}

Values back(const HostGpu& gpu, const ScanGeometry& geometry, Values& y) {
  Values x(static_cast<size_t>(geometry.voxels()), -7.0F);
  const Status status = gpu.projector(geometry)->back(floatsOf(y), floatsOf(x), twoThreadsHere);
  CAPTURE(status.message);
  REQUIRE(status.ok());
  return x;
}

Values average(const HostGpu& gpu, const ScanGeometry& geometry, const Values& y) {
  Values x(static_cast<size_t>(geometry.voxels()), -7.0F);
  const Status status = gpu.projector(geometry)->average(Copy(y, geometry.pixelsPerView()), floatsOf(x), twoThreadsHere);
  CAPTURE(status.message);
  REQUIRE(status.ok());
  return x;
}

/// Memory for work on `slices` slices of a scan at a time, as planSlabs counts, and what the device keeps free on top.
int64_t bytesForSlices(const ScanGeometry& geometry, int64_t slices, bool images, bool onHost = true) {
  const SlabRequest request{geometry.volumeShape[0], geometry.volumeShape[1] * geometry.volumeShape[2], geometry.views(), geometry.pixelsPerView(), onHost, onHost, images, 0};
  SlabPlan plan;
  plan.slicesPerSlab = slices;
  plan.slabs = piecesOf(geometry.volumeShape[0], slices);
  plan.viewsPerBlock = std::min<int64_t>(geometry.views(), 4);
  plan.chunkSlices = onHost ? 1 : 0;
  return bytesOf(request, plan) * 32 / 31 + 64;
}

}  // namespace

TEST_CASE("the GPU's programs agree with the plain projector and are each other's transpose") {
  for (const NamedScan& scan : allScans()) {
    CAPTURE(scan.name);
    const ScanGeometry& geometry = scan.geometry;
    const HostGpu gpu;
    const auto plain = makeReferenceProjector(geometry);
    Values x = randomValues(geometry.voxels(), 1), y = randomValues(sinogramLength(geometry), 2);
    Values expectedAx(y.size()), expectedAty(x.size()), expectedMean(x.size());
    REQUIRE(plain->forward(x.data(), nullptr, expectedAx.data(), twoThreadsHere).ok());
    REQUIRE(plain->back(y.data(), expectedAty.data(), twoThreadsHere).ok());
    REQUIRE(plain->average(Copy(y, geometry.pixelsPerView()), expectedMean.data(), twoThreadsHere).ok());
    const Values ax = forward(gpu, geometry, x), aty = back(gpu, geometry, y), mean = average(gpu, geometry, y);
    std::printf("%-40s forward %.1e back %.1e average %.1e\n", scan.name.c_str(), distance(ax, expectedAx), distance(aty, expectedAty), distance(mean, expectedMean));
    CHECK(distance(ax, expectedAx) < largestDistance);
    CHECK(distance(aty, expectedAty) < largestDistance);
    CHECK(distance(mean, expectedMean) < largestDistance);
    CHECK(std::abs(product(ax, y) - product(x, aty)) <= largestGap * std::sqrt(product(ax, ax) * product(y, y)));
  }
}

TEST_CASE("any geometry gives finite numbers, the plain projector's, and a transpose on the GPU") {
  int accepted = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    const Values dice = randomValues(64, 5000 + seed);
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
    const HostGpu gpu;
    const auto plain = makeReferenceProjector(geometry);
    Values x = randomValues(geometry.voxels(), seed), y = randomValues(sinogramLength(geometry), seed + 1), expected(y.size());
    REQUIRE(plain->forward(x.data(), nullptr, expected.data(), twoThreadsHere).ok());
    const Values ax = forward(gpu, geometry, x), aty = back(gpu, geometry, y);
    CHECK(std::isfinite(product(ax, ax)));
    CHECK(std::isfinite(product(average(gpu, geometry, y), x)));
    CHECK(distance(ax, expected) < 1e-3);
    CHECK(std::abs(product(ax, y) - product(x, aty)) <= 1e-5 * std::sqrt(product(ax, ax) * product(y, y)));
  }
  CHECK(accepted > 60);
}

TEST_CASE("slabs give what the whole gives, in little memory and whatever runs first") {
  for (const NamedScan& scan : allScans()) {
    CAPTURE(scan.name);
    const ScanGeometry& geometry = scan.geometry;
    const HostGpu whole;
    Values x = randomValues(geometry.voxels(), 3), y = randomValues(sinogramLength(geometry), 4), measured = randomValues(sinogramLength(geometry), 5);
    const Values residual = forward(whole, geometry, x, &measured), aty = back(whole, geometry, y), mean = average(whole, geometry, y);
    for (const Eagerness eagerness : {Eagerness::atOnce, Eagerness::lazily}) {
      for (const int64_t slices : {int64_t{1}, geometry.volumeShape[0] / 3}) {
        if (slices < 1 || slices >= geometry.volumeShape[0]) continue;
        CAPTURE(slices);
        const int64_t bytes = bytesForSlices(geometry, slices, false), bytesBack = bytesForSlices(geometry, slices, true);
        const HostGpu small(bytes, eagerness), smallBack(bytesBack, eagerness);
        // Weight for weight the same; the sums are added up in another order, and a column is counted from another line.
        CHECK(distance(forward(small, geometry, x, &measured), residual) < largestCut);
        CHECK(distance(back(smallBack, geometry, y), aty) < largestCut);
        CHECK(distance(average(smallBack, geometry, y), mean) < largestCut);
        CHECK(small.record->most <= bytes);
        CHECK(smallBack.record->most <= bytesBack);
      }
    }
  }
}

TEST_CASE("arrays that are on the GPU give what arrays of the host give, in place too, whole and in slabs") {
  for (const size_t index : {size_t{1}, size_t{5}, size_t{8}, size_t{9}}) {
    const NamedScan scan = allScans()[index];
    CAPTURE(scan.name);
    const ScanGeometry& geometry = scan.geometry;
    Values x = randomValues(geometry.voxels(), 6), y = randomValues(sinogramLength(geometry), 7);
    const HostGpu reference;
    const Values residual = forward(reference, geometry, x, &y), aty = back(reference, geometry, y), ax = forward(reference, geometry, x);
    for (const bool slabs : {false, true}) {
      CAPTURE(slabs);
      const int64_t arrays = 2 * (geometry.voxels() + 2 * sinogramLength(geometry)) * static_cast<int64_t>(sizeof(float));
      const int64_t bytes = slabs ? arrays + bytesForSlices(geometry, 3, true) : int64_t{1} << 28;
      const HostGpu gpu(bytes, Eagerness::lazily);
      const auto projector = gpu.projector(geometry);
      const Floats volume = gpu.resident(x), sinogram = gpu.resident(y), result = gpu.empty(geometry.voxels()), projected = gpu.empty(sinogramLength(geometry));
      REQUIRE(projector->forward(volume, nullptr, projected, twoThreadsHere).ok());
      CHECK(distance(gpu.fetched(projected), ax) < largestCut);
      REQUIRE(projector->back(sinogram, result, twoThreadsHere).ok());
      CHECK(distance(gpu.fetched(result), aty) < largestCut);
      // The measured views become the residual.
      REQUIRE(projector->forward(volume, &sinogram, sinogram, twoThreadsHere).ok());
      CHECK(distance(gpu.fetched(sinogram), residual) < largestCut);
      Values mixed(y.size());
      REQUIRE(projector->forward(volume, nullptr, floatsOf(mixed), twoThreadsHere).ok());
      CHECK(distance(mixed, ax) < largestCut);
      const Floats known = floatsOf(y);
      CHECK(projector->forward(volume, &known, projected, twoThreadsHere).code == ErrorCode::badInput);
    }
  }
}

TEST_CASE("working memory is kept from call to call, and makes way for arrays") {
  const NamedScan scan = allScans()[0];
  Values x = randomValues(scan.geometry.voxels(), 8), y = randomValues(sinogramLength(scan.geometry), 9);
  const int64_t bytes = 2 * bytesForSlices(scan.geometry, scan.geometry.volumeShape[0], true);
  const HostGpu gpu(bytes);
  static_cast<void>(back(gpu, scan.geometry, y));
  static_cast<void>(forward(gpu, scan.geometry, x));
  const int64_t allocations = gpu.record->allocations;
  static_cast<void>(back(gpu, scan.geometry, y));
  static_cast<void>(forward(gpu, scan.geometry, x));
  CHECK(gpu.record->allocations == allocations);
  CHECK(gpu.device->allocate(bytes / static_cast<int64_t>(sizeof(float)) - 64).ok());
}

TEST_CASE("arrays and working memory together stay within the limit") {
  const NamedScan scan = allScans()[0];
  Values y = randomValues(sinogramLength(scan.geometry), 9);
  const int64_t limit = 2 * bytesForSlices(scan.geometry, scan.geometry.volumeShape[0], true);
  const HostGpu gpu(int64_t{1} << 30, Eagerness::lazily, limit);
  static_cast<void>(back(gpu, scan.geometry, y));
  REQUIRE(gpu.device->memory().value().held > 0);
  const auto array = gpu.device->allocate(limit / static_cast<int64_t>(sizeof(float)) - 64);
  REQUIRE(array.ok());
  CHECK(gpu.device->memory().value().held <= limit);
  CHECK(gpu.record->held <= limit);
  // What is left is too little to work in, which is said.
  Values x(static_cast<size_t>(scan.geometry.voxels()));
  CHECK(gpu.projector(scan.geometry)->back(floatsOf(y), floatsOf(x), twoThreadsHere).code == ErrorCode::outOfMemory);
}

TEST_CASE("lack of memory is a value with its own code, and the device goes on") {
  const NamedScan scan = allScans()[0];
  Values x = randomValues(scan.geometry.voxels(), 10), y(static_cast<size_t>(sinogramLength(scan.geometry)));
  const HostGpu tiny(20000), limited(int64_t{1} << 30, Eagerness::lazily, 20000);
  for (const HostGpu* gpu : {&tiny, &limited}) {
    const Status status = gpu->projector(scan.geometry)->forward(floatsOf(x), nullptr, floatsOf(y), twoThreadsHere);
    CHECK(status.code == ErrorCode::outOfMemory);
    CHECK(status.message.find("MiB") != std::string::npos);
    CHECK(gpu->device->allocate(1 << 20).status().code == ErrorCode::outOfMemory);
    CHECK(gpu->device->allocate(100).ok());
  }
  const auto memory = limited.device->memory();
  REQUIRE(memory.ok());
  CHECK(memory.value().limit == 20000);
}

TEST_CASE("a cancelled call ends between blocks, a failed launch ends it, and the next call is right") {
  const NamedScan scan = allScans()[3];
  Values x = randomValues(scan.geometry.voxels(), 11), y = randomValues(sinogramLength(scan.geometry), 12);
  const HostGpu whole;
  const Values ax = forward(whole, scan.geometry, x), aty = back(whole, scan.geometry, y);
  const HostGpu gpu(bytesForSlices(scan.geometry, 4, true));
  const auto projector = gpu.projector(scan.geometry);
  for (const bool cancel : {true, false}) {
    CallControl control{2, std::make_shared<CancelState>()};
    int64_t begin = gpu.record->launches;
    static_cast<void>(cancel ? forward(gpu, scan.geometry, x) : back(gpu, scan.geometry, y));
    const int64_t middle = (gpu.record->launches - begin) / 2;
    begin = gpu.record->launches;
    gpu.record->onLaunch = [&](int64_t launch) {
      if (launch != begin + middle) return Status::good();
      if (!cancel) return Status::fail(ErrorCode::internal, "The GPU fell off the bus.");
      control.cancel->cancelled = true;
      return Status::good();
    };
    const Status status = cancel ? projector->forward(floatsOf(x), nullptr, floatsOf(y), control) : projector->back(floatsOf(y), floatsOf(x), control);
    CHECK(status.code == (cancel ? ErrorCode::cancelled : ErrorCode::internal));
    CHECK(control.cancel->progress() > 0);
    CHECK(control.cancel->progress() < 1);
    gpu.record->onLaunch = nullptr;
    x = randomValues(scan.geometry.voxels(), 11), y = randomValues(sinogramLength(scan.geometry), 12);
    CHECK(distance(forward(gpu, scan.geometry, x), ax) < largestCut);
    CHECK(distance(back(gpu, scan.geometry, y), aty) < largestCut);
  }
}

TEST_CASE("FDK on the GPU is FDK on the CPU") {
  // Between knots the CPU interpolates weights where a detector is tilted, which filtered noise shows most.
  for (const auto& [index, bound] : {std::pair{size_t{0}, 1e-5}, {size_t{1}, 1e-2}, {size_t{7}, 1e-5}}) {
    const NamedScan scan = allScans()[index];
    CAPTURE(scan.name);
    const ScanGeometry& geometry = scan.geometry;
    Values y = randomValues(sinogramLength(geometry), 13), onCpu(static_cast<size_t>(geometry.voxels())), onGpu(onCpu.size());
    const std::vector<double> weights = fdkWeights(geometry);
    const HostGpu gpu;
    REQUIRE(fdk(*cpuDevice(), geometry, floatsOf(y), weights.data(), FdkFilter::hann, floatsOf(onCpu), twoThreadsHere).ok());
    REQUIRE(fdk(*gpu.device, geometry, gpu.resident(y), weights.data(), FdkFilter::hann, floatsOf(onGpu), twoThreadsHere).ok());
    CHECK(distance(onGpu, onCpu) < bound);
  }
}

}  // namespace tomo::test
