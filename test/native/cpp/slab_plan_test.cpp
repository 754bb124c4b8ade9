// Plans for little memory: they fit, cover everything once, and say what is missing.
#include <doctest/doctest.h>

#include "cuda/slab_plan.hpp"
#include "geometries.hpp"

namespace tomo::test {
namespace {

/// 501^3 with 50 views of 972 x 768.
SlabRequest walnut(int64_t bytes) { return {501, 501 * 501, 50, 972 * 768, true, true, true, bytes}; }

constexpr int64_t mebibyte = int64_t{1} << 20;

}  // namespace

TEST_CASE("a plan is the whole where that fits, and always within its memory") {
  const auto whole = planSlabs(walnut(2000 * mebibyte));
  REQUIRE(whole.ok());
  CHECK(whole.value().slabs == 1);
  CHECK(whole.value().viewsPerBlock == viewsPerPass);
  int64_t fewest = 501, most = 1;
  for (int64_t bytes = 2000 * mebibyte; bytes > 15 * mebibyte; bytes = bytes * 7 / 8) {
    CAPTURE(bytes);
    const auto plan = planSlabs(walnut(bytes));
    REQUIRE(plan.ok());
    CHECK(bytesOf(walnut(bytes), plan.value()) <= bytes);
    fewest = std::min(fewest, plan.value().slabs);
    most = std::max(most, plan.value().slabs);
    int64_t next = 0;
    for (int64_t slab = 0; slab < plan.value().slabs; ++slab) {
      const SliceBand band = slicesOf(plan.value(), 501, slab);
      CHECK(band.first == next);
      CHECK(band.last > band.first);
      CHECK(band.last - band.first <= plan.value().slicesPerSlab);
      next = band.last;
    }
    CHECK(next == 501);
  }
  CHECK(fewest == 1);
  CHECK(most > 20);
}

TEST_CASE("memory beyond the volume's own is a constant: two chunks of views, their images, a chunk of slices and the views' records") {
  const auto plan = planSlabs(walnut(8000 * mebibyte));
  REQUIRE(plan.ok());
  const int64_t block = viewsPerPass * 972 * 768 * 4;
  CHECK(bytesOf(walnut(0), plan.value()) <= int64_t{501} * 501 * 501 * 4 + 3 * block + mostChunkFloats * 4 + 50 * static_cast<int64_t>(sizeof(DeviceView)));
}

TEST_CASE("any sizes give a plan that fits and covers everything once, or a lack of memory: never an overflow") {
  uint64_t state = 88172645463325252ULL;
  const auto upTo = [&state](int64_t most) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    // As many small numbers as large ones.
    const auto bits = static_cast<int>(state >> 40) % 64;
    return 1 + static_cast<int64_t>((state >> 8) & ((uint64_t{1} << bits) - 1) & 0xffffffffffffULL) % most;
  };
  int planned = 0, refused = 0;
  for (int n = 0; n < 20000; ++n) {
    constexpr int64_t axis = int64_t{1} << 19;
    SlabRequest request{upTo(axis), upTo(axis) * upTo(axis), upTo(int64_t{1} << 24), upTo(axis) * upTo(axis), n % 2 == 0, n % 3 == 0, n % 5 == 0, n % 7 == 0 ? -upTo(1000) + 1 : upTo(int64_t{1} << 46)};
    CAPTURE(request.slices);
    CAPTURE(request.sliceLength);
    CAPTURE(request.views);
    CAPTURE(request.pixelsPerView);
    CAPTURE(request.bytes);
    const auto plan = planSlabs(request);
    if (!plan.ok()) {
      ++refused;
      if (plan.status().code != ErrorCode::outOfMemory) FAIL_CHECK("another error");
      continue;
    }
    ++planned;
    const SlabPlan& found = plan.value();
    const int64_t bytes = bytesOf(request, found);
    if (bytes <= 0 || bytes > request.bytes) FAIL_CHECK("needs " << bytes);
    if (found.viewsPerBlock < 1 || found.viewsPerBlock > viewsPerPass || found.slabs < 1 || found.slabs > request.slices) FAIL_CHECK("an impossible plan");
    for (const int64_t slab : {int64_t{0}, found.slabs / 2, found.slabs - 1}) {
      const SliceBand band = slicesOf(found, request.slices, slab);
      if (band.last <= band.first || band.last - band.first > found.slicesPerSlab) FAIL_CHECK("slab " << slab);
    }
    if (slicesOf(found, request.slices, 0).first != 0 || slicesOf(found, request.slices, found.slabs - 1).last != request.slices) FAIL_CHECK("slices are missing");
  }
  CHECK(planned > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("too little memory is said in MiB") {
  const auto plan = planSlabs(walnut(3 * mebibyte));
  REQUIRE(!plan.ok());
  CHECK(plan.status().code == ErrorCode::outOfMemory);
  CHECK(plan.status().message.find("3 MiB") != std::string::npos);
}

TEST_CASE("a slab's band holds every line that sees it") {
  for (const NamedScan& scan : allScans()) {
    CAPTURE(scan.name);
    for (int64_t index = 0; index < scan.geometry.views(); ++index) {
      const ViewFrame frame = makeViewFrame(scan.geometry, index);
      for (int64_t slice = 0; slice < scan.geometry.volumeShape[0]; slice += 3) {
        const VolumeSlab slab = slabOf(frame, {slice, slice + 1});
        const SliceBand band = bandOf(frame, slab);
        if (slab.l0 == 0 && slab.l1 == slab.countL) {
          CHECK(band.last - band.first == frame.countR);
          continue;
        }
        for (int64_t p = 0; p < frame.countP; ++p) {
          for (int64_t q = 0; q < frame.countQ; ++q) {
            const auto column = makeColumn<double>(frame, static_cast<double>(p), static_cast<double>(q), Basis::linear);
            const double low = lineOfFace(column, slab.l0 - 0.5) - 0.5, high = lineOfFace(column, slab.l1 + 0.5) + 0.5;
            for (int64_t r = 0; r < frame.countR; ++r) {
              const bool sees = static_cast<double>(r) > low && static_cast<double>(r) < high;
              if (sees && (r < band.first || r >= band.last)) FAIL_CHECK("line " << r << " of view " << index);
            }
          }
        }
      }
    }
  }
}

}  // namespace tomo::test
