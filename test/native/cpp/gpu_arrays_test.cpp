// Arithmetic on arrays, reductions and tiles of the GPU's programs, run on the host, against the CPU's functions.
#include <limits>

#include "gpu_scene.hpp"
#include "tomo/tiles.hpp"

namespace tomo::test {
namespace {

Values signedValues(int64_t length, uint64_t seed) {
  Values values = randomValues(length, seed);
  for (float& value : values) value = 2 * value - 1;
  return values;
}

}  // namespace

TEST_CASE("elementwise steps on the GPU give the CPU's bits") {
  constexpr int64_t length = 10007, start = 13, end = 9999;
  const HostGpu gpu;
  const Values a = signedValues(length, 1), b = signedValues(length, 2);
  const Floats da = gpu.resident(a), db = gpu.resident(b);
  const auto compare = [&](auto&& onGpu, auto&& onCpu) {
    Values expected = signedValues(length, 3);
    const Floats target = gpu.resident(expected);
    REQUIRE(onGpu(target).ok());
    REQUIRE(onCpu(expected).ok());
    CHECK(gpu.fetched(target) == expected);
  };
  Device& device = *gpu.device;
  compare([&](const Floats& t) { return device.combine(t, {0.3, -1.7, 1}, {da, db, t}, 0.25, start, end, twoThreadsHere); },
          [&](Values& t) { return combine(t.data(), {0.3, -1.7, 1}, {a.data(), b.data(), t.data()}, 0.25, start, end, twoThreadsHere); });
  compare([&](const Floats& t) { return device.combine(t, {}, {}, 2.5, start, end, twoThreadsHere); }, [&](Values& t) { return combine(t.data(), {}, {}, 2.5, start, end, twoThreadsHere); });
  compare([&](const Floats& t) { return device.divide(t, da, db, start, end, twoThreadsHere); }, [&](Values& t) { return divide(t.data(), a.data(), b.data(), start, end, twoThreadsHere); });
  compare([&](const Floats& t) { return device.clampRange(t, -0.2F, 0.4F, start, end, twoThreadsHere); }, [&](Values& t) { return clampRange(t.data(), -0.2F, 0.4F, start, end, twoThreadsHere); });
  compare([&](const Floats& t) { return device.copyRange(t, 5, da, 7, 900, twoThreadsHere); }, [&](Values& t) { return copyRange(t.data() + 5, a.data() + 7, 900, twoThreadsHere); });
  compare([&](const Floats& t) { return device.fill(*t.buffer, 1.5F, start, end); },
          [&](Values& t) {
            std::fill(t.begin() + start, t.begin() + end, 1.5F);
            return Status::good();
          });
  Values host = a;
  CHECK(device.combine(floatsOf(host), {1}, {da}, 0, 0, length, twoThreadsHere).code == ErrorCode::badInput);
  CHECK(device.combine(da, std::vector<double>(65, 1.0), std::vector<Floats>(65, db), 0, 0, length, twoThreadsHere).code == ErrorCode::unsupported);
}

TEST_CASE("numbers per slice on the GPU are the CPU's") {
  constexpr int64_t slice = 1003, slices = 9;
  const HostGpu gpu;
  Values a = signedValues(slice * slices, 4), b = signedValues(slice * slices, 5);
  a[2 * slice + 4] = std::numeric_limits<float>::quiet_NaN();
  a[5 * slice] = std::numeric_limits<float>::infinity();
  const Floats da = gpu.resident(a), db = gpu.resident(b);
  const SliceRange range{slice, 1, 8}, finite{slice, 6, 9};
  const auto same = [](const std::vector<double>& found, const std::vector<double>& expected) {
    for (size_t n = 0; n < found.size(); ++n) CHECK(found[n] == doctest::Approx(expected[n]).epsilon(1e-12));
  };
  std::vector<double> found(14), expected(14);
  REQUIRE(gpu.device->dotSlices(da, db, finite, found.data(), twoThreadsHere).ok());
  REQUIRE(dotSlices(a.data(), b.data(), finite, expected.data(), twoThreadsHere).ok());
  same(found, expected);
  REQUIRE(gpu.device->squaredErrorSlices(da, db, finite, found.data(), twoThreadsHere).ok());
  REQUIRE(squaredErrorSlices(a.data(), b.data(), finite, expected.data(), twoThreadsHere).ok());
  same(found, expected);
  REQUIRE(gpu.device->minMaxSlices(da, range, found.data(), twoThreadsHere).ok());
  REQUIRE(minMaxSlices(a.data(), range, expected.data(), twoThreadsHere).ok());
  CHECK(found == expected);
  REQUIRE(gpu.device->countNonFiniteSlices(da, range, found.data(), twoThreadsHere).ok());
  REQUIRE(countNonFiniteSlices(a.data(), range, expected.data(), twoThreadsHere).ok());
  CHECK(found == expected);
  CHECK(found[1] == 1);
  CHECK(found[4] == 1);
}

TEST_CASE("tiles of a volume on the GPU are the CPU's, folded and dense") {
  const HostGpu gpu;
  const Values volume = signedValues(5 * 9 * 11, 6);
  TileLayout layout;
  layout.volumeShape = {5, 9, 11}, layout.window = {4, 6, 7}, layout.halo = {2, 3, 1}, layout.networkShape = {4, 8, 8};
  const std::vector<int32_t> starts{0, 0, 0, 5, 9, 6, 2, 4, 3}, regions{0, 0, 0, 2, 3, 4, 0, 0, 0, 1, 1, 1, 3, 5, 6, 2, 4, 5};
  for (const int64_t channels : {int64_t{1}, int64_t{2}}) {
    layout.sliceStride = channels * 64;
    layout.tileStride = 4 * layout.sliceStride;
    Values found(static_cast<size_t>(3 * layout.tileStride), -1.0F), expected = found;
    REQUIRE(gpu.device->gatherTiles(gpu.resident(volume), layout, starts.data(), 3, 0.1F, 1.7F, found.data(), twoThreadsHere).ok());
    REQUIRE(gatherTiles(volume.data(), layout, starts.data(), 3, 0.1F, 1.7F, expected.data(), twoThreadsHere).ok());
    CHECK(found == expected);
    Values written = volume;
    const Floats target = gpu.resident(volume);
    REQUIRE(gpu.device->scatterTiles(found.data(), layout, regions.data(), 2, 0.6F, -0.3F, target, twoThreadsHere).ok());
    REQUIRE(scatterTiles(found.data(), layout, regions.data(), 2, 0.6F, -0.3F, written.data(), twoThreadsHere).ok());
    CHECK(gpu.fetched(target) == written);
  }
}

}  // namespace tomo::test
