// How a projection is cut to fit a device's memory: slabs of slices of the volume, blocks of views, chunks that are copied at a time. Numbers only.
//
// A voxel's weights do not depend on its neighbours, so slabs need no overlap and the sum over slabs is the projection of the whole, weight for weight.
// A slab meets only the detector lines between its projected ends; these alone are copied and worked on (bandOf), where the slab's axis is the line axis.
#pragma once

#include "projection_programs.hpp"
#include "tomo/error.hpp"

namespace tomo {

/// What a call needs besides its arguments on the device. All lengths in elements.
struct SlabRequest {
  int64_t slices = 0, sliceLength = 0;      // of the volume, along z
  int64_t views = 0, pixelsPerView = 0;
  bool volumeOnHost = false;                // else it is on the device, in the order of the host
  bool viewsOnHost = false;
  bool images = false;                      // back projection keeps its views a second time, with their lines contiguous
  int64_t bytes = 0;                        // what may be held
};

struct SlabPlan {
  int64_t slabs = 1, slicesPerSlab = 0;     // the last slab may have fewer
  int64_t viewsPerBlock = 0;
  int64_t chunkSlices = 0;                  // slices copied at a time; 0 where the volume is on the device

  int64_t slabBuffers() const { return slabs > 1 ? 2 : 1; }
};

/// Largest chunk: enough for copies to run at full speed.
constexpr int64_t mostChunkFloats = int64_t{1} << 24;

/// Bytes of working memory of a plan: what the device holds beside the arguments that are on it.
int64_t bytesOf(const SlabRequest& request, const SlabPlan& plan);

/// A plan with few slabs, then many views at a time; outOfMemory where not even a slice and a view fit.
Result<SlabPlan> planSlabs(const SlabRequest& request);

/// Slices [first,last) of slab `index`: all slabs as equal as can be.
struct SliceBand {
  int64_t first, last;
};
SliceBand slicesOf(const SlabPlan& plan, int64_t slices, int64_t index);

/// The slab's part of the frame's volume: slices of z are l, q or, where l is x or y, q too.
VolumeSlab slabOf(const ViewFrame& frame, SliceBand slices);

/// Lines [first,last) of a view that may see the slab; all of them where slices are not seen along rows of the detector.
SliceBand bandOf(const ViewFrame& frame, const VolumeSlab& slab);

/// The view as kernels read it, for the band. `pixels`: element of the raw block where its first kept pixel is; `image`: where its image starts.
DeviceView deviceView(const ViewFrame& frame, SliceBand band, int64_t pixels, int64_t image);

/// Elements [first,last) of a view that hold the band, in the order of the host.
SliceBand pixelsOf(const ViewFrame& frame, SliceBand band);

}  // namespace tomo
