// The order of copies and kernels of a projection; see gpu_projector.hpp. Per group of views with the same line axis, and per slab of the volume: the views
// in blocks. While a block is computed the one before comes back (forward) or the next one goes up (back), and so do chunks of the next or last slab.
#include "gpu_projector.hpp"

#include <algorithm>

#include "slab_stream.hpp"

namespace tomo {
namespace {

/// Longest axis that launches can count; geometries beyond are a matter for the CPU.
constexpr int64_t mostAxis = int64_t{1} << 19;

struct View {
  ViewFrame frame;
  int64_t index;
};
using Group = std::vector<View>;

/// Views of a block and what their bands need at most.
struct Block {
  int64_t first, count;
  int mostLines = 0, mostAcross = 0;
};

class GpuProjector final : public DeviceProjector {
 public:
  GpuProjector(std::shared_ptr<GpuMemory> memory, const ScanGeometry& geometry) : memory_(std::move(memory)), geometry_(geometry) {
    for (int64_t index = 0; index < geometry.views(); ++index) {
      const ViewFrame frame = makeViewFrame(geometry, index);
      groups_[static_cast<size_t>(frame.lineAxis)].push_back({frame, index});
    }
  }

  Status forward(const Floats& volume, const Floats* measured, const Floats& sinogram, const CallControl& control) const override {
    if (measured != nullptr && measured->onHost() != sinogram.onHost()) return Status::fail(ErrorCode::badInput, "The measured sinogram and the residual must both be on the host or both on the device.");
    GpuMemory::Call call(*memory_);
    if (!call.status().ok()) return call.status();
    SlabRequest request = requestFor(volume.onHost(), sinogram.onHost(), false);
    return withPlan(request, [&](const SlabPlan& plan) {
      control.expect(pieces(plan));
      if (plan.slabs > 1) {
        if (Status status = startSums(measured, sinogram, control); !status.ok()) return status;
      }
      for (const Group& group : groups_) {
        if (group.empty()) continue;
        if (Status status = forwardGroup(group, plan, volume, plan.slabs > 1 ? nullptr : measured, sinogram, control); !status.ok()) return status;
      }
      return call.finish();
    });
  }

  Status back(const Floats& sinogram, const Floats& volume, const CallControl& control) const override { return gather(&sinogram, nullptr, volume, control); }

  Status average(const ViewSource& source, const Floats& volume, const CallControl& control) const override { return gather(nullptr, &source, volume, control); }

 private:
  int64_t pixels() const { return geometry_.pixelsPerView(); }
  /// What progress counts: views of every slab, and slices on their way.
  int64_t pieces(const SlabPlan& plan) const {
    int64_t groups = 0;
    for (const Group& group : groups_) groups += group.empty() ? 0 : 1;
    return plan.slabs * geometry_.views() + groups * geometry_.volumeShape[0];
  }
  int64_t sliceLength() const { return geometry_.volumeShape[1] * geometry_.volumeShape[2]; }

  SlabRequest requestFor(bool volumeOnHost, bool viewsOnHost, bool images) const {
    return {geometry_.volumeShape[0], sliceLength(), geometry_.views(), pixels(), volumeOnHost, viewsOnHost, images, 0};
  }

  /// Runs `work` with a plan for the memory there is; where that turns out not to be there in one piece, with a smaller plan.
  template <typename Run>
  Status withPlan(SlabRequest& request, Run&& run) const {
    const Result<int64_t> bytes = memory_->workingBytes();
    if (!bytes.ok()) return bytes.status();
    for (request.bytes = bytes.value();; request.bytes = request.bytes / 4 * 3) {
      const Result<SlabPlan> plan = planSlabs(request);
      if (!plan.ok()) return plan.status();
      Status status = reserve(request, plan.value());
      if (!status.ok() && status.code == ErrorCode::outOfMemory) {
        // Pieces of other sizes, from calls before, may be in the way.
        memory_->dropWork();
        status = reserve(request, plan.value());
      }
      if (status.ok()) return run(plan.value());
      if (status.code != ErrorCode::outOfMemory) return status;
      memory_->dropWork();
    }
  }

  /// Takes all of a plan's memory at once, so that nothing can be missing halfway.
  Status reserve(const SlabRequest& request, const SlabPlan& plan) const {
    const auto floats = static_cast<int64_t>(sizeof(float));
    const int64_t block = plan.viewsPerBlock * request.pixelsPerView * floats, records = request.views * static_cast<int64_t>(sizeof(DeviceView));
    std::vector<std::pair<Work, int64_t>> pieces;
    for (int64_t n = 0; n < plan.slabBuffers(); ++n) {
      pieces.emplace_back(workAt(Work::slab0, n), plan.slicesPerSlab * request.sliceLength * floats);
      pieces.emplace_back(workAt(Work::views0, n), records);
    }
    if (request.volumeOnHost) pieces.emplace_back(Work::chunk, plan.chunkSlices * request.sliceLength * floats);
    if (request.viewsOnHost) pieces.insert(pieces.end(), {{Work::block0, block}, {Work::block1, block}});
    if (request.images) pieces.emplace_back(Work::images, block);
    for (const auto& [piece, bytes] : pieces) {
      const Result<void*> memory = memory_->work(piece, bytes);
      if (!memory.ok()) return memory.status();
    }
    return Status::good();
  }

  float* workFloats(Work piece) const {
    // Reserved before; asking for nothing gives what is held.
    const Result<void*> memory = memory_->work(piece, 0);
    return memory.ok() ? static_cast<float*>(memory.value()) : nullptr;
  }

  /// sinogram = -measured, or zero: what the slabs' shares are added to.
  Status startSums(const Floats* measured, const Floats& sinogram, const CallControl& control) const {
    if (sinogram.onHost()) {
      const CallControl plain{control.threads, nullptr};
      return parallelRange(plain, 0, sinogram.length, int64_t{1} << 20, [&](int64_t from, int64_t to) {
        for (int64_t n = from; n < to; ++n) sinogram.host[n] = measured == nullptr ? 0.0F : -measured->host[n];
      });
    }
    CombineProgram program{};
    program.count = sinogram.length;
    program.target = deviceData(sinogram);
    if (measured != nullptr) {
      program.terms = 1;
      program.coefficients[0] = -1;
      program.sources[0] = deviceData(*measured);
    }
    return memory_->accelerator().launch(Queue::compute, program);
  }

  /// Puts the records of a group's views for a slab on the device, into the copy queue. Views of a block follow each other in its memory.
  Status sendViews(const Group& group, const SlabPlan& plan, const VolumeSlab& slab, int64_t slabIndex, bool viewsOnHost, std::vector<DeviceView>& records, const CallControl& control) const {
    records.clear();
    int64_t image = 0;
    for (size_t n = 0; n < group.size(); ++n) {
      const ViewFrame& frame = group[n].frame;
      const int64_t place = static_cast<int64_t>(n) % plan.viewsPerBlock;
      const SliceBand band = bandOf(frame, slab);
      image = place == 0 ? 0 : image;
      records.push_back(deviceView(frame, band, viewsOnHost ? place * pixels() : group[n].index * pixels() + pixelsOf(frame, band).first, image));
      image += (band.last - band.first) * frame.countC;
    }
    return memory_->transfers().upload(workFloats(workAt(Work::views0, slabIndex)), records.data(), static_cast<int64_t>(records.size() * sizeof(DeviceView)), control);
  }

  static Block blockAt(const std::vector<DeviceView>& records, const SlabPlan& plan, int64_t index) {
    Block block{index * plan.viewsPerBlock, 0};
    block.count = std::min(plan.viewsPerBlock, static_cast<int64_t>(records.size()) - block.first);
    for (int64_t n = block.first; n < block.first + block.count; ++n) {
      block.mostLines = std::max(block.mostLines, records[static_cast<size_t>(n)].lines);
      block.mostAcross = std::max(block.mostAcross, records[static_cast<size_t>(n)].countC);
    }
    return block;
  }

  const DeviceView* viewsOf(int64_t slabIndex, const Block& block) const {
    return static_cast<const DeviceView*>(static_cast<const void*>(workFloats(workAt(Work::views0, slabIndex)))) + block.first;
  }

  /// Calls move(element of the block, element of the sinogram, count) for every stretch that holds the kept lines of the block's views.
  template <typename Move>
  Status forEachStretch(const Group& group, const std::vector<DeviceView>& records, const Block& block, Move&& move) const {
    for (int64_t n = block.first; n < block.first + block.count;) {
      const auto stretchOf = [&](int64_t at) {
        const DeviceView& view = records[static_cast<size_t>(at)];
        return pixelsOf(group[static_cast<size_t>(at)].frame, {view.firstLine, view.firstLine + view.lines});
      };
      const SliceBand stretch = stretchOf(n);
      const int64_t index = group[static_cast<size_t>(n)].index;
      int64_t views = 1;
      // Whole views in a row go in one piece.
      while (stretch.last - stretch.first == pixels() && n + views < block.first + block.count && group[static_cast<size_t>(n + views)].index == index + views) {
        const SliceBand next = stretchOf(n + views);
        if (next.last - next.first != pixels()) break;
        ++views;
      }
      const int64_t count = views > 1 ? views * pixels() : stretch.last - stretch.first;
      if (count > 0) {
        if (Status status = move((n - block.first) * pixels(), index * pixels() + stretch.first, count); !status.ok()) return status;
      }
      n += views;
    }
    return Status::good();
  }

  Status forwardGroup(const Group& group, const SlabPlan& plan, const Floats& volume, const Floats* measured, const Floats& sinogram, const CallControl& control) const {
    Accelerator& gpu = memory_->accelerator();
    SlabStream loader(*memory_, plan, group[0].frame, volume, geometry_.volumeShape[0], sliceLength());
    std::vector<DeviceView> records;
    const int64_t blocks = piecesOf(static_cast<int64_t>(group.size()), plan.viewsPerBlock);
    const Store store = plan.slabs > 1 ? Store::add : Store::set;
    loader.begin(0);
    while (!loader.done()) {
      if (control.cancelled()) return Status::cancelledCall();
      if (Status status = loader.loadNext(control); !status.ok()) return status;
    }
    for (int64_t slabIndex = 0; slabIndex < plan.slabs; ++slabIndex) {
      const VolumeSlab slab = loader.slab(slabIndex);
      if (Status status = sendViews(group, plan, slab, slabIndex, sinogram.onHost(), records, control); !status.ok()) return status;
      // The records came after the slab in the copy queue.
      if (Status status = order(Queue::copy, eventAt(Event::slabReady0, slabIndex), Queue::compute); !status.ok()) return status;
      const Result<void*> voxels = loader.slabMemory(slabIndex);
      if (!voxels.ok()) return voxels.status();
      const bool more = slabIndex + 1 < plan.slabs;
      if (more) loader.begin(slabIndex + 1);
      for (int64_t index = 0; index <= blocks; ++index) {
        if (control.cancelled()) return Status::cancelledCall();
        if (index < blocks) {
          const Block block = blockAt(records, plan, index);
          float* target = sinogram.onHost() ? workFloats(workAt(Work::block0, index)) : deviceData(sinogram);
          const float* subtracted = measured == nullptr || sinogram.onHost() ? nullptr : deviceData(*measured);
          const Store kept = sinogram.onHost() ? Store::set : store;
          if (block.mostLines > 0) {
            const ForwardProgram program{viewsOf(slabIndex, block), static_cast<int>(block.count), block.mostLines, block.mostAcross, slab, static_cast<const float*>(voxels.value()), subtracted, target, kept};
            if (Status status = gpu.launch(Queue::compute, program); !status.ok()) return status;
          }
          if (Status status = gpu.record(eventAt(Event::blockReady0, index), Queue::compute); !status.ok()) return status;
        }
        // The next slab comes while this one is worked on, evenly over its blocks.
        for (int64_t n = 0; more && !loader.done() && (n < chunksPerBlock(plan, blocks) || index == blocks); ++n) {
          if (Status status = loader.loadNext(control); !status.ok()) return status;
        }
        if (index == 0) continue;
        const Block before = blockAt(records, plan, index - 1);
        if (Status status = takeBlock(group, records, before, index - 1, measured, sinogram, store, control); !status.ok()) return status;
        control.advance(before.count);
      }
      if (Status status = gpu.record(eventAt(Event::slabFree0, slabIndex), Queue::compute); !status.ok()) return status;
    }
    return Status::good();
  }

  /// Waits until a block has been computed; brings it to the host where the sinogram is there.
  Status takeBlock(const Group& group, const std::vector<DeviceView>& records, const Block& block, int64_t index, const Floats* measured, const Floats& sinogram, Store store, const CallControl& control) const {
    Accelerator& gpu = memory_->accelerator();
    if (!sinogram.onHost()) return gpu.waitOnHost(eventAt(Event::blockReady0, index));
    if (Status status = gpu.wait(Queue::copy, eventAt(Event::blockReady0, index)); !status.ok()) return status;
    const float* source = workFloats(workAt(Work::block0, index));
    const Arrival arrival = store == Store::add ? Arrival::add : measured != nullptr ? Arrival::less : Arrival::set;
    return forEachStretch(group, records, block, [&](int64_t from, int64_t to, int64_t count) {
      return memory_->transfers().download(source + from, sinogram.host + to, count, arrival, measured == nullptr ? nullptr : measured->host + to, control);
    });
  }

  static int64_t chunksPerBlock(const SlabPlan& plan, int64_t blocks) {
    const int64_t chunks = plan.chunkSlices > 0 ? piecesOf(plan.slicesPerSlab, plan.chunkSlices) : 1;
    return piecesOf(chunks, blocks);
  }

  /// What is given to `after` from now on runs when what is in `before` now is done.
  Status order(Queue before, Event event, Queue after) const {
    if (Status status = memory_->accelerator().record(event, before); !status.ok()) return status;
    return memory_->accelerator().wait(after, event);
  }

  Status gather(const Floats* sinogram, const ViewSource* source, const Floats& volume, const CallControl& control) const {
    GpuMemory::Call call(*memory_);
    if (!call.status().ok()) return call.status();
    SlabRequest request = requestFor(volume.onHost(), sinogram == nullptr || sinogram->onHost(), true);
    return withPlan(request, [&](const SlabPlan& plan) {
      control.expect(pieces(plan));
      Store store = Store::set;
      for (const Group& group : groups_) {
        if (group.empty()) continue;
        if (Status status = backGroup(group, plan, sinogram, source, volume, store, control); !status.ok()) return status;
        store = Store::add;
      }
      return call.finish();
    });
  }

  Status backGroup(const Group& group, const SlabPlan& plan, const Floats* sinogram, const ViewSource* source, const Floats& volume, Store store, const CallControl& control) const {
    Accelerator& gpu = memory_->accelerator();
    SlabStream storer(*memory_, plan, group[0].frame, volume, geometry_.volumeShape[0], sliceLength());
    std::vector<DeviceView> records;
    // Views that `source` makes, a block of them.
    std::vector<float> made(source == nullptr ? 0 : static_cast<size_t>(plan.viewsPerBlock * pixels()));
    const int64_t blocks = piecesOf(static_cast<int64_t>(group.size()), plan.viewsPerBlock);
    const bool onHost = sinogram == nullptr || sinogram->onHost();
    for (int64_t slabIndex = 0; slabIndex < plan.slabs; ++slabIndex) {
      const VolumeSlab slab = storer.slab(slabIndex);
      const Result<void*> voxels = storer.slabMemory(slabIndex);
      if (!voxels.ok()) return voxels.status();
      if (Status status = sendViews(group, plan, slab, slabIndex, onHost, records, control); !status.ok()) return status;
      if (Status status = order(Queue::copy, eventAt(Event::slabReady0, slabIndex), Queue::compute); !status.ok()) return status;
      // The slab that was here before has gone to the volume.
      if (Status status = gpu.wait(Queue::compute, eventAt(Event::slabFree0, slabIndex)); !status.ok()) return status;
      FillProgram zero{};
      zero.count = static_cast<int64_t>(slab.countP) * (slab.q1 - slab.q0) * (slab.l1 - slab.l0);
      zero.target = static_cast<float*>(voxels.value());
      if (Status status = gpu.launch(Queue::compute, zero); !status.ok()) return status;
      if (slabIndex > 0) storer.begin(slabIndex - 1);
      for (int64_t index = 0; index < blocks; ++index) {
        if (control.cancelled()) return Status::cancelledCall();
        const Block block = blockAt(records, plan, index);
        if (onHost) {
          if (Status status = giveBlock(group, records, block, index, sinogram, source, made, control); !status.ok()) return status;
        } else if (index > 0) {
          // No more than two blocks under way, so that progress and cancellation are those of the GPU.
          if (Status status = gpu.waitOnHost(eventAt(Event::blockDone0, index - 1)); !status.ok()) return status;
        }
        if (Status status = launchBack(viewsOf(slabIndex, block), block, index, slab, onHost ? workFloats(workAt(Work::block0, index)) : deviceData(*sinogram), source == nullptr, static_cast<float*>(voxels.value())); !status.ok()) return status;
        for (int64_t n = 0; slabIndex > 0 && !storer.done() && (n < chunksPerBlock(plan, blocks) || index + 1 == blocks); ++n) {
          if (Status status = storer.storeNext(store, control); !status.ok()) return status;
        }
        control.advance(block.count);
      }
      if (Status status = gpu.record(eventAt(Event::slabDone0, slabIndex), Queue::compute); !status.ok()) return status;
    }
    storer.begin(plan.slabs - 1);
    while (!storer.done()) {
      if (control.cancelled()) return Status::cancelledCall();
      if (Status status = storer.storeNext(store, control); !status.ok()) return status;
    }
    return Status::good();
  }

  /// Sends a block's views, or those that `source` makes of them, once the block that was in the same place has been read.
  Status giveBlock(const Group& group, const std::vector<DeviceView>& records, const Block& block, int64_t index, const Floats* sinogram, const ViewSource* source, std::vector<float>& made, const CallControl& control) const {
    Accelerator& gpu = memory_->accelerator();
    if (source != nullptr) {
      const Status status = parallelFor({control.threads, nullptr}, block.count, [&](int64_t n, int) {
        if (records[static_cast<size_t>(block.first + n)].lines > 0) source->produce(group[static_cast<size_t>(block.first + n)].index, made.data() + n * pixels());
      });
      if (!status.ok()) return status;
    }
    if (Status status = gpu.wait(Queue::copy, eventAt(Event::blockDone0, index)); !status.ok()) return status;
    float* target = workFloats(workAt(Work::block0, index));
    const Status status = forEachStretch(group, records, block, [&](int64_t to, int64_t from, int64_t count) {
      const float* pixelsFrom = sinogram != nullptr ? sinogram->host + from : made.data() + to + from % pixels();
      return memory_->transfers().upload(target + to, pixelsFrom, count * static_cast<int64_t>(sizeof(float)), control);
    });
    if (!status.ok()) return status;
    return order(Queue::copy, eventAt(Event::blockReady0, index), Queue::compute);
  }

  Status launchBack(const DeviceView* views, const Block& block, int64_t index, const VolumeSlab& slab, const float* pixelsAt, bool adjoint, float* voxels) const {
    Accelerator& gpu = memory_->accelerator();
    float* images = workFloats(Work::images);
    const auto count = static_cast<int>(block.count);
    if (block.mostLines > 0) {
      if (Status status = gpu.launch(Queue::compute, LoadImageProgram{views, count, block.mostLines, block.mostAcross, pixelsAt, images, adjoint}); !status.ok()) return status;
    }
    if (Status status = gpu.record(eventAt(Event::blockDone0, index), Queue::compute); !status.ok()) return status;
    if (block.mostLines == 0) return Status::good();
    if (adjoint) return gpu.launch(Queue::compute, BackProgram<Basis::linear>{views, count, slab, images, voxels});
    return gpu.launch(Queue::compute, BackProgram<Basis::box>{views, count, slab, images, voxels});
  }

  std::shared_ptr<GpuMemory> memory_;
  ScanGeometry geometry_;
  std::array<Group, 3> groups_;
};

}  // namespace

Result<std::shared_ptr<const DeviceProjector>> makeGpuProjector(std::shared_ptr<GpuMemory> memory, const ScanGeometry& geometry) {
  const int64_t longest = std::max({geometry.volumeShape[0], geometry.volumeShape[1], geometry.volumeShape[2], geometry.detectorRows, geometry.detectorColumns});
  if (longest > mostAxis) return Status::fail(ErrorCode::unsupported, "The volume or the detector has more than " + std::to_string(mostAxis) + " elements along an axis, more than a GPU launch can count. Use device cpu.");
  return std::shared_ptr<const DeviceProjector>(std::make_shared<GpuProjector>(std::move(memory), geometry));
}

}  // namespace tomo
