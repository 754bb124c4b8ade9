// Slabs, bands and blocks worked out from sizes; see slab_plan.hpp.
#include "slab_plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace tomo {
namespace {

constexpr int64_t floatBytes = sizeof(float);

std::string mebibytes(int64_t bytes) { return std::to_string((bytes + (int64_t{1} << 20) - 1) >> 20) + " MiB"; }

}  // namespace

int64_t bytesOf(const SlabRequest& request, const SlabPlan& plan) {
  const int64_t block = plan.viewsPerBlock * request.pixelsPerView * floatBytes;
  const int64_t slabs = plan.slabBuffers() * plan.slicesPerSlab * request.sliceLength * floatBytes;
  return slabs + plan.chunkSlices * request.sliceLength * floatBytes + (request.viewsOnHost ? 2 * block : 0) + (request.images ? block : 0) +
         plan.slabBuffers() * request.views * static_cast<int64_t>(sizeof(DeviceView));
}

namespace {

/// The plan with the fewest slabs that keeps `leastViews` views at a time and chunks of `chunkSlices`; no slabs where there is none.
SlabPlan planWith(const SlabRequest& request, int64_t leastViews, int64_t chunkSlices) {
  SlabPlan plan;
  const int64_t most = std::min<int64_t>(viewsPerPass, request.views);
  // The number of slabs grows by a quarter at a time: a plan need not be the best to the slice.
  for (int64_t slabs = 1; slabs <= request.slices; slabs = std::max(slabs + 1, std::min(request.slices, slabs + slabs / 4))) {
    plan.slicesPerSlab = piecesOf(request.slices, slabs);
    plan.slabs = piecesOf(request.slices, plan.slicesPerSlab);
    plan.chunkSlices = request.volumeOnHost ? std::min(chunkSlices, plan.slicesPerSlab) : 0;
    for (plan.viewsPerBlock = most; plan.viewsPerBlock >= leastViews; plan.viewsPerBlock /= 2) {
      if (bytesOf(request, plan) <= request.bytes) return plan;
    }
  }
  plan.slabs = 0;
  return plan;
}

}  // namespace

Result<SlabPlan> planSlabs(const SlabRequest& request) {
  const int64_t chunk = std::clamp<int64_t>(mostChunkFloats / request.sliceLength, 1, request.slices);
  const SlabPlan roomy = planWith(request, std::min<int64_t>(viewsPerPass / 4, request.views), chunk), frugal = planWith(request, 1, 1);
  // Small blocks and chunks cost less than many more slabs.
  if (roomy.slabs > 0 && roomy.slabs <= 2 * frugal.slabs) return roomy;
  if (frugal.slabs > 0) return frugal;
  const SlabPlan least{request.slices, 1, 1, request.volumeOnHost ? 1 : 0};
  return Status::fail(ErrorCode::outOfMemory, "The GPU may use " + mebibytes(request.bytes) + " for this step, which needs at least " + mebibytes(bytesOf(request, least)) +
                                                  ". Close other programs that use the GPU, raise its memory limit, or use device cpu.");
}

SliceBand slicesOf(const SlabPlan& plan, int64_t slices, int64_t index) { return {slices * index / plan.slabs, slices * (index + 1) / plan.slabs}; }

VolumeSlab slabOf(const ViewFrame& frame, SliceBand slices) {
  VolumeSlab slab{static_cast<int>(frame.countP), static_cast<int>(frame.countL), 0, static_cast<int>(frame.countQ), 0, static_cast<int>(frame.countL)};
  if (frame.lineAxis == 2) {
    slab.l0 = static_cast<int>(slices.first), slab.l1 = static_cast<int>(slices.last);
  } else {
    slab.q0 = static_cast<int>(slices.first), slab.q1 = static_cast<int>(slices.last);
  }
  return slab;
}

SliceBand bandOf(const ViewFrame& frame, const VolumeSlab& slab) {
  const int64_t lines = frame.countR;
  // Lines that are columns of the detector are not a stretch of its memory.
  if (frame.swapped || (slab.l0 == 0 && slab.l1 == slab.countL)) return {0, lines};
  double low = static_cast<double>(lines), high = -1;
  // Where a face is seen grows or falls along p and q, so that the outermost columns bound it.
  for (int corner = 0; corner < 4; ++corner) {
    const double p = (corner & 1) != 0 ? static_cast<double>(frame.countP - 1) : 0, q = (corner & 2) != 0 ? static_cast<double>(frame.countQ - 1) : 0;
    const ColumnFootprint<double> column = makeColumn<double>(frame, p, q, Basis::linear);
    low = std::min(low, lineOfFace(column, static_cast<double>(slab.l0) - 0.5));
    high = std::max(high, lineOfFace(column, static_cast<double>(slab.l1) + 0.5));
  }
  const auto first = static_cast<int64_t>(std::clamp(std::floor(low + 0.5) - 1.0, 0.0, static_cast<double>(lines)));
  const auto last = static_cast<int64_t>(std::clamp(std::ceil(high + 0.5) + 1.0, 0.0, static_cast<double>(lines)));
  return {first, std::max(first, last)};
}

SliceBand pixelsOf(const ViewFrame& frame, SliceBand band) {
  if (band.first >= band.last) return {0, 0};
  const int64_t corners[4] = {band.first * frame.strideR, (band.last - 1) * frame.strideR, band.first * frame.strideR + (frame.countC - 1) * frame.strideC,
                              (band.last - 1) * frame.strideR + (frame.countC - 1) * frame.strideC};
  return {frame.firstPixel + *std::min_element(corners, corners + 4), frame.firstPixel + *std::max_element(corners, corners + 4) + 1};
}

DeviceView deviceView(const ViewFrame& frame, SliceBand band, int64_t pixels, int64_t image) {
  DeviceView view{};
  view.depth = frame.depth, view.cross = frame.cross, view.line = frame.line;
  view.voxelVolume = frame.voxelVolume;
  for (size_t axis = 0; axis < 3; ++axis) {
    view.rayOrigin[axis] = frame.rayOrigin[axis], view.rayPerC[axis] = frame.rayPerC[axis], view.rayPerR[axis] = frame.rayPerR[axis];
  }
  view.lengthScale = frame.lengthScale;
  view.countR = static_cast<int>(frame.countR), view.countC = static_cast<int>(frame.countC);
  view.firstLine = static_cast<int>(band.first), view.lines = static_cast<int>(band.last - band.first);
  view.pixels = pixels - pixelsOf(frame, band).first + frame.firstPixel;
  view.strideR = frame.strideR, view.strideC = frame.strideC;
  view.image = image;
  // Half a strip is widest at the volume's edges; a lattice of columns finds it closely, and half as much again covers what lies between.
  double widest = 0;
  constexpr int lattice = 8;
  for (int i = 0; i <= lattice; ++i) {
    for (int j = 0; j <= lattice; ++j) {
      const auto column = makeColumn<double>(frame, static_cast<double>(frame.countP - 1) * i / lattice, static_cast<double>(frame.countQ - 1) * j / lattice, Basis::linear);
      const double top = static_cast<double>(frame.countL) + 0.5;
      const double nearest = std::max(1.0 / (column.depth0 - 0.5 * column.depthL), 1.0 / (column.depth0 + top * column.depthL));
      widest = std::max(widest, 2.0 * column.wide * nearest);
    }
  }
  view.halfStrip = static_cast<float>(std::min(1.5 * widest + 0.5, 1e6));
  return view;
}

}  // namespace tomo
