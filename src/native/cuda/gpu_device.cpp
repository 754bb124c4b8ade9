// A GPU as a device: arrays, arithmetic on them and tiles through the programs of array_programs.hpp; projections are left to gpu_projector.cpp.
#include "gpu_device.hpp"

#include <algorithm>
#include <cstring>

#include "gpu_projector.hpp"

namespace tomo {
namespace {

class GpuDevice final : public Device {
 public:
  explicit GpuDevice(std::shared_ptr<GpuMemory> memory) : memory_(std::move(memory)) {}

  const std::string& name() const override { return memory_->accelerator().name(); }

  Result<DeviceMemory> memory() override {
    const GpuMemory::Call call(*memory_);
    if (!call.status().ok()) return call.status();
    return memory_->memory();
  }

  Result<std::shared_ptr<DeviceBuffer>> allocate(int64_t length) override {
    GpuMemory::Call call(*memory_);
    if (!call.status().ok()) return call.status();
    Result<std::shared_ptr<DeviceBuffer>> buffer = memory_->makeBuffer(length);
    if (!buffer.ok()) return buffer;
    FillProgram zero{};
    zero.count = length;
    zero.target = deviceData(Floats::of(buffer.value()));
    if (Status status = memory_->accelerator().launch(Queue::compute, zero); !status.ok()) return status;
    if (Status status = call.finish(); !status.ok()) return status;
    return buffer;
  }

  Status upload(DeviceBuffer& target, int64_t offset, const float* source, int64_t count) override {
    return run([&] { return memory_->transfers().upload(bufferData(target) + offset, source, count * floatBytes, CallControl{}); });
  }
  Status download(const DeviceBuffer& source, int64_t offset, float* target, int64_t count) override {
    return run([&] { return memory_->transfers().download(bufferData(source) + offset, target, count, Arrival::set, nullptr, CallControl{}); });
  }
  Status fill(DeviceBuffer& target, float value, int64_t start, int64_t end) override {
    FillProgram program{};
    program.count = end - start, program.target = bufferData(target) + start, program.value = value;
    return launch(program);
  }
  Status synchronise() override {
    return run([] { return Status::good(); });
  }

  Result<std::shared_ptr<const DeviceProjector>> makeProjector(const ScanGeometry& geometry) override { return makeGpuProjector(memory_, geometry); }

  Status combine(const Floats& target, const std::vector<double>& coefficients, const std::vector<Floats>& sources, double offset, int64_t start, int64_t end, const CallControl& control) override {
    if (Status status = here(target); !status.ok()) return status;
    if (static_cast<int>(sources.size()) > CombineProgram::mostTerms) {
      return Status::fail(ErrorCode::unsupported, "A GPU adds at most " + std::to_string(CombineProgram::mostTerms) + " arrays at a time. Use fewer operators or device cpu.");
    }
    CombineProgram program{};
    program.count = end - start, program.target = deviceData(target) + start, program.offset = offset;
    for (size_t k = 0; k < sources.size(); ++k) {
      if (Status status = here(sources[k]); !status.ok()) return status;
      program.coefficients[k] = coefficients[k];
      program.sources[k] = deviceData(sources[k]) + start;
    }
    program.terms = static_cast<int>(sources.size());
    return control.cancelled() ? Status::cancelledCall() : launch(program);
  }

  Status divide(const Floats& target, const Floats& a, const Floats& b, int64_t start, int64_t end, const CallControl& control) override {
    for (const Floats* floats : {&target, &a, &b}) {
      if (Status status = here(*floats); !status.ok()) return status;
    }
    DivideProgram program{};
    program.count = end - start, program.target = deviceData(target) + start, program.a = deviceData(a) + start, program.b = deviceData(b) + start;
    return control.cancelled() ? Status::cancelledCall() : launch(program);
  }

  Status clampRange(const Floats& target, float low, float high, int64_t start, int64_t end, const CallControl& control) override {
    if (Status status = here(target); !status.ok()) return status;
    ClampProgram program{};
    program.count = end - start, program.target = deviceData(target) + start, program.low = low, program.high = high;
    return control.cancelled() ? Status::cancelledCall() : launch(program);
  }

  Status copyRange(const Floats& target, int64_t to, const Floats& source, int64_t from, int64_t count, const CallControl& control) override {
    if (control.cancelled()) return Status::cancelledCall();
    if (target.onHost() && source.onHost()) return tomo::copyRange(target.host + to, source.host + from, count, control);
    if (source.onHost()) return upload(*target.buffer, to, source.host + from, count);
    if (target.onHost()) return download(*source.buffer, from, target.host + to, count);
    return run([&] { return memory_->accelerator().copyWithin(Queue::compute, deviceData(target) + to, deviceData(source) + from, count * floatBytes); });
  }

  Status dotSlices(const Floats& a, const Floats& b, SliceRange range, double* result, const CallControl& control) override { return reduce(Reduction::dot, a, &b, range, 1, result, control); }
  Status squaredErrorSlices(const Floats& x, const Floats& reference, SliceRange range, double* result, const CallControl& control) override {
    return reduce(Reduction::squaredError, x, &reference, range, 1, result, control);
  }
  Status minMaxSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) override {
    if (Status status = reduce(Reduction::least, a, nullptr, range, 2, result, control); !status.ok()) return status;
    return reduce(Reduction::most, a, nullptr, range, 2, result + 1, control);
  }
  Status countNonFiniteSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) override { return reduce(Reduction::notFinite, a, nullptr, range, 1, result, control); }

  Status gatherTiles(const Floats& volume, const TileLayout& layout, const int32_t* starts, int64_t tiles, float shift, float scale, float* target, const CallControl& control) override {
    if (Status status = here(volume); !status.ok()) return status;
    const int64_t sliceFloats = layout.networkShape[1] * layout.networkShape[2], tileFloats = layout.networkShape[0] * sliceFloats;
    GatherTilesProgram program{};
    program.shape = shapeOf(layout, tileFloats, sliceFloats);
    program.shift = shift, program.scale = scale;
    program.volume = deviceData(volume);
    control.expect(tiles);
    // A tile at a time through a small place on the device: the network's memory has the tiles' other channels in between.
    for (int64_t tile = 0; tile < tiles; ++tile) {
      if (control.cancelled()) return Status::cancelledCall();
      const Status status = run([&] {
        const Result<void*> numbers = memory_->work(Work::indices, 3 * static_cast<int64_t>(sizeof(int32_t))), floats = memory_->work(Work::tiles, tileFloats * floatBytes);
        if (!numbers.ok()) return numbers.status();
        if (!floats.ok()) return floats.status();
        program.starts = static_cast<const int32_t*>(numbers.value());
        program.target = static_cast<float*>(floats.value());
        program.count = tileFloats;
        if (Status done = memory_->transfers().upload(numbers.value(), starts + tile * 3, 3 * static_cast<int64_t>(sizeof(int32_t)), control); !done.ok()) return done;
        if (Status done = memory_->accelerator().launch(Queue::copy, program); !done.ok()) return done;
        float* out = target + tile * layout.tileStride;
        if (layout.sliceStride == sliceFloats) return memory_->transfers().download(program.target, out, tileFloats, Arrival::set, nullptr, control);
        for (int64_t z = 0; z < layout.networkShape[0]; ++z) {
          if (Status done = memory_->transfers().download(program.target + z * sliceFloats, out + z * layout.sliceStride, sliceFloats, Arrival::set, nullptr, control); !done.ok()) return done;
        }
        return Status::good();
      });
      if (!status.ok()) return status;
      control.advance();
    }
    return Status::good();
  }

  Status scatterTiles(const float* source, const TileLayout& layout, const int32_t* regions, int64_t tiles, float scale, float shift, const Floats& volume, const CallControl& control) override {
    if (Status status = here(volume); !status.ok()) return status;
    const int64_t sliceFloats = layout.networkShape[1] * layout.networkShape[2], tileFloats = layout.networkShape[0] * sliceFloats;
    control.expect(tiles);
    for (int64_t tile = 0; tile < tiles; ++tile) {
      if (control.cancelled()) return Status::cancelledCall();
      ScatterTileProgram program{};
      program.shape = shapeOf(layout, tileFloats, sliceFloats);
      program.scale = scale, program.shift = shift;
      std::memcpy(program.keep, regions + tile * 9, sizeof program.keep);
      std::memcpy(program.size, regions + tile * 9 + 3, sizeof program.size);
      std::memcpy(program.destination, regions + tile * 9 + 6, sizeof program.destination);
      program.count = static_cast<int64_t>(program.size[0]) * program.size[1] * program.size[2];
      program.volume = deviceData(volume);
      const Status status = run([&] {
        const Result<void*> floats = memory_->work(Work::tiles, tileFloats * floatBytes);
        if (!floats.ok()) return floats.status();
        program.source = static_cast<const float*>(floats.value());
        for (int64_t z = program.keep[0]; z < program.keep[0] + program.size[0]; ++z) {
          const float* from = source + tile * layout.tileStride + z * layout.sliceStride;
          if (Status done = memory_->transfers().upload(static_cast<float*>(floats.value()) + z * sliceFloats, from, sliceFloats * floatBytes, control); !done.ok()) return done;
        }
        return memory_->accelerator().launch(Queue::copy, program);
      });
      if (!status.ok()) return status;
      control.advance();
    }
    return Status::good();
  }

 private:
  static constexpr auto floatBytes = static_cast<int64_t>(sizeof(float));

  /// Arithmetic on arrays does not copy them behind the caller's back.
  static Status here(const Floats& floats) {
    return floats.onHost() ? Status::fail(ErrorCode::badInput, "An array of a step on the GPU is in the host's memory. Copy it to the device first.") : Status::good();
  }

  static float* bufferData(const DeviceBuffer& buffer) {
    // Not owned: only asked for its address.
    const Floats floats{nullptr, std::shared_ptr<DeviceBuffer>(std::shared_ptr<void>(), const_cast<DeviceBuffer*>(&buffer)), buffer.length()};
    return deviceData(floats);
  }

  static TileShape shapeOf(const TileLayout& layout, int64_t tileStride, int64_t sliceStride) {
    TileShape shape{};
    for (size_t axis = 0; axis < 3; ++axis) {
      shape.volume[axis] = layout.volumeShape[axis], shape.window[axis] = layout.window[axis], shape.halo[axis] = layout.halo[axis], shape.network[axis] = layout.networkShape[axis];
    }
    shape.tileStride = tileStride, shape.sliceStride = sliceStride;
    return shape;
  }

  template <typename Body>
  Status run(Body&& body) {
    GpuMemory::Call call(*memory_);
    if (!call.status().ok()) return call.status();
    if (Status status = body(); !status.ok()) return status;
    return call.finish();
  }

  Status launch(const Program& program) {
    return run([&] { return memory_->accelerator().launch(Queue::compute, program); });
  }

  /// Numbers of the slices at result[0], result[step], ...
  Status reduce(Reduction what, const Floats& a, const Floats* b, SliceRange range, int64_t step, double* result, const CallControl& control) {
    if (Status status = here(a); !status.ok()) return status;
    if (b != nullptr) {
      if (Status status = here(*b); !status.ok()) return status;
    }
    const int64_t slices = range.last - range.first;
    if (control.cancelled()) return Status::cancelledCall();
    if (slices <= 0) return Status::good();
    std::vector<double> numbers(static_cast<size_t>(slices));
    const Status status = run([&] {
      const int64_t bytes = slices * static_cast<int64_t>(sizeof(double));
      const Result<void*> memory = memory_->work(Work::results, bytes);
      if (!memory.ok()) return memory.status();
      const ReduceProgram program{what, deviceData(a), b == nullptr ? nullptr : deviceData(*b), range.length, range.first, slices, static_cast<double*>(memory.value())};
      if (Status done = memory_->accelerator().launch(Queue::copy, program); !done.ok()) return done;
      // The bytes of the numbers, as the floats that transfers move.
      return memory_->transfers().download(static_cast<const float*>(memory.value()), static_cast<float*>(static_cast<void*>(numbers.data())), bytes / floatBytes, Arrival::set, nullptr, CallControl{});
    });
    if (!status.ok()) return status;
    for (int64_t n = 0; n < slices; ++n) result[n * step] = numbers[static_cast<size_t>(n)];
    return Status::good();
  }

  std::shared_ptr<GpuMemory> memory_;
};

}  // namespace

std::shared_ptr<Device> makeGpuDevice(std::unique_ptr<Accelerator> accelerator, int64_t limitBytes) {
  return std::make_shared<GpuDevice>(std::make_shared<GpuMemory>(std::move(accelerator), limitBytes));
}

Result<std::shared_ptr<Device>> openCudaDevice(int index, int64_t limitBytes) {
  Result<std::unique_ptr<Accelerator>> accelerator = makeCudaAccelerator(index);
  if (!accelerator.ok()) return accelerator.status();
  return makeGpuDevice(std::move(accelerator.value()), limitBytes);
}

}  // namespace tomo
