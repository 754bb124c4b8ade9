// Slabs on their way; see slab_stream.hpp.
#include "slab_stream.hpp"

#include <algorithm>

namespace tomo {

void SlabStream::begin(int64_t index) {
  index_ = index;
  band_ = slicesOf(plan_, slices_, index);
  next_ = band_.first;
}

Result<float*> SlabStream::chunkMemory() {
  const Result<void*> memory = memory_.work(Work::chunk, plan_.chunkSlices * sliceLength_ * static_cast<int64_t>(sizeof(float)));
  if (!memory.ok()) return memory.status();
  return static_cast<float*>(memory.value());
}

/// Slices [first,first+count) in the order of the host, against their place in the slab.
RearrangeProgram SlabStream::rearrange(int64_t first, int64_t count, float* slab, float* slices, bool toSlab) const {
  const VolumeSlab part = slabOf(order_, band_);
  const int64_t strideP = part.l1 - part.l0, strideQ = order_.countP * strideP;
  // The axes x, y, z of the host; `from` is the host's stride.
  const int64_t lineAxis = order_.lineAxis;
  const int64_t width = lineAxis == 0 ? order_.countL : order_.countP;
  const int64_t height = lineAxis == 2 ? order_.countQ : lineAxis == 1 ? order_.countL : order_.countP;
  const RearrangeProgram::Axis x{width, 1, lineAxis == 0 ? 1 : strideP};
  const RearrangeProgram::Axis y{height, width, lineAxis == 2 ? strideQ : lineAxis == 1 ? 1 : strideP};
  const RearrangeProgram::Axis z{count, width * height, lineAxis == 2 ? 1 : strideQ};
  slab += (first - band_.first) * z.to;
  RearrangeProgram program{};
  program.straight = lineAxis == 0;
  program.first = x;
  program.second = lineAxis == 2 ? z : y;
  program.third = lineAxis == 2 ? y : z;
  program.source = slices, program.target = slab;
  if (toSlab) return program;
  const auto turned = [](const RearrangeProgram::Axis& a) { return RearrangeProgram::Axis{a.count, a.to, a.from}; };
  program.source = slab, program.target = slices;
  const RearrangeProgram::Axis contiguous = turned(program.straight ? program.first : program.second), other = turned(program.straight ? program.second : program.first);
  program.first = contiguous, program.second = other, program.third = turned(program.third);
  return program;
}

Status SlabStream::loadNext(const CallControl& control) {
  Accelerator& gpu = memory_.accelerator();
  const Result<void*> slab = slabMemory(index_);
  if (!slab.ok()) return slab.status();
  if (next_ == band_.first) {
    if (Status status = gpu.wait(Queue::copy, eventAt(Event::slabFree0, index_)); !status.ok()) return status;
  }
  const int64_t count = chunk();
  float* slices = nullptr;
  if (volume_.onHost()) {
    const Result<float*> memory = chunkMemory();
    if (!memory.ok()) return memory.status();
    slices = memory.value();
    if (Status status = memory_.transfers().upload(slices, volume_.host + next_ * sliceLength_, count * sliceLength_ * static_cast<int64_t>(sizeof(float)), control); !status.ok()) return status;
  } else {
    slices = deviceData(volume_) + next_ * sliceLength_;
  }
  if (Status status = gpu.launch(Queue::copy, rearrange(next_, count, static_cast<float*>(slab.value()), slices, true)); !status.ok()) return status;
  next_ += count;
  control.advance(count);
  return done() ? gpu.record(eventAt(Event::slabReady0, index_), Queue::copy) : Status::good();
}

Status SlabStream::storeNext(Store store, const CallControl& control) {
  Accelerator& gpu = memory_.accelerator();
  const Result<void*> slab = slabMemory(index_);
  if (!slab.ok()) return slab.status();
  if (next_ == band_.first) {
    if (Status status = gpu.wait(Queue::copy, eventAt(Event::slabDone0, index_)); !status.ok()) return status;
  }
  const int64_t count = chunk();
  if (volume_.onHost()) {
    const Result<float*> slices = chunkMemory();
    if (!slices.ok()) return slices.status();
    if (Status status = gpu.launch(Queue::copy, rearrange(next_, count, static_cast<float*>(slab.value()), slices.value(), false)); !status.ok()) return status;
    float* target = volume_.host + next_ * sliceLength_;
    if (Status status = memory_.transfers().download(slices.value(), target, count * sliceLength_, store == Store::add ? Arrival::add : Arrival::set, nullptr, control); !status.ok()) return status;
  } else {
    RearrangeProgram program = rearrange(next_, count, static_cast<float*>(slab.value()), deviceData(volume_) + next_ * sliceLength_, false);
    program.store = store;
    if (Status status = gpu.launch(Queue::copy, program); !status.ok()) return status;
  }
  next_ += count;
  control.advance(count);
  return done() ? gpu.record(eventAt(Event::slabFree0, index_), Queue::copy) : Status::good();
}

}  // namespace tomo
