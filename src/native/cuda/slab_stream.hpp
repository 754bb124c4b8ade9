// Brings slabs of a volume to where kernels read them, or takes them back, a chunk at a time, so that it can go on beside the work on other slabs.
#pragma once

#include "gpu_memory.hpp"
#include "slab_plan.hpp"

namespace tomo {

/// One pass over a volume in slabs. Calls put work into the copy queue and count slices as progress; `order` is any view of the group that the volume is laid out for.
class SlabStream {
 public:
  SlabStream(GpuMemory& memory, const SlabPlan& plan, const ViewFrame& order, const Floats& volume, int64_t slices, int64_t sliceLength)
      : memory_(memory), plan_(plan), order_(order), volume_(volume), slices_(slices), sliceLength_(sliceLength) {}

  VolumeSlab slab(int64_t index) const { return slabOf(order_, slicesOf(plan_, slices_, index)); }
  Result<void*> slabMemory(int64_t index) { return memory_.work(workAt(Work::slab0, index), plan_.slicesPerSlab * sliceLength_ * static_cast<int64_t>(sizeof(float))); }

  /// Starts with slab `index`; loadNext or storeNext then does a chunk of it.
  void begin(int64_t index);
  bool done() const { return next_ >= band_.last; }
  /// The volume's next chunk into the slab; the first waits until the slab's memory is free.
  Status loadNext(const CallControl& control);
  /// The slab's next chunk into the volume; the first waits until the slab has been computed.
  Status storeNext(Store store, const CallControl& control);

 private:
  int64_t chunk() const { return volume_.onHost() ? std::min(plan_.chunkSlices, band_.last - next_) : band_.last - next_; }
  Result<float*> chunkMemory();
  RearrangeProgram rearrange(int64_t first, int64_t count, float* slab, float* slices, bool toSlab) const;

  GpuMemory& memory_;
  const SlabPlan& plan_;
  const ViewFrame& order_;
  const Floats& volume_;
  int64_t slices_, sliceLength_;
  int64_t index_ = 0, next_ = 0;
  SliceBand band_{0, 0};
};

}  // namespace tomo
