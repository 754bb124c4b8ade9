// The processor as a device: its memory is the host's, so buffers and host arrays are the same thing, and every call goes to the functions of cpu/.
#include <algorithm>

#include "tomo/array.hpp"
#include "tomo/device.hpp"

namespace tomo {
namespace {

class CpuBuffer final : public DeviceBuffer {
 public:
  explicit CpuBuffer(ArrayPointer array) : array_(std::move(array)) {}
  int64_t length() const override { return array_->length(); }
  float* data() const { return array_->data(); }

 private:
  ArrayPointer array_;
};

float* dataOf(const DeviceBuffer& buffer) { return static_cast<const CpuBuffer&>(buffer).data(); }
float* dataOf(const Floats& floats) { return floats.onHost() ? floats.host : dataOf(*floats.buffer); }

class CpuDeviceProjector final : public DeviceProjector {
 public:
  explicit CpuDeviceProjector(const ScanGeometry& geometry) : projector_(makeCpuProjector(geometry)) {}
  Status forward(const Floats& volume, const Floats* measured, const Floats& sinogram, const CallControl& control) const override {
    return projector_->forward(dataOf(volume), measured == nullptr ? nullptr : dataOf(*measured), dataOf(sinogram), control);
  }
  Status back(const Floats& sinogram, const Floats& volume, const CallControl& control) const override { return projector_->back(dataOf(sinogram), dataOf(volume), control); }
  Status average(const ViewSource& source, const Floats& volume, const CallControl& control) const override { return projector_->average(source, dataOf(volume), control); }

 private:
  std::unique_ptr<Projector> projector_;
};

class CpuDevice final : public Device {
 public:
  const std::string& name() const override { return name_; }
  /// The host's memory is not this object's to count: doctor and telemetry ask the system.
  Result<DeviceMemory> memory() override { return DeviceMemory{}; }

  Result<std::shared_ptr<DeviceBuffer>> allocate(int64_t length) override {
    Result<ArrayPointer> array = makePrivateArray(length);
    if (!array.ok()) return array.status();
    return std::shared_ptr<DeviceBuffer>(std::make_shared<CpuBuffer>(std::move(array.value())));
  }
  Status upload(DeviceBuffer& target, int64_t offset, const float* source, int64_t count) override {
    std::copy(source, source + count, dataOf(target) + offset);
    return Status::good();
  }
  Status download(const DeviceBuffer& source, int64_t offset, float* target, int64_t count) override {
    std::copy(dataOf(source) + offset, dataOf(source) + offset + count, target);
    return Status::good();
  }
  Status fill(DeviceBuffer& target, float value, int64_t start, int64_t end) override {
    std::fill(dataOf(target) + start, dataOf(target) + end, value);
    return Status::good();
  }
  Status synchronise() override { return Status::good(); }

  Result<std::shared_ptr<const DeviceProjector>> makeProjector(const ScanGeometry& geometry) override {
    return std::shared_ptr<const DeviceProjector>(std::make_shared<CpuDeviceProjector>(geometry));
  }

  Status combine(const Floats& target, const std::vector<double>& coefficients, const std::vector<Floats>& sources, double offset, int64_t start, int64_t end, const CallControl& control) override {
    std::vector<const float*> data;
    for (const Floats& source : sources) data.push_back(dataOf(source));
    return tomo::combine(dataOf(target), coefficients, data, offset, start, end, control);
  }
  Status divide(const Floats& target, const Floats& a, const Floats& b, int64_t start, int64_t end, const CallControl& control) override {
    return tomo::divide(dataOf(target), dataOf(a), dataOf(b), start, end, control);
  }
  Status clampRange(const Floats& target, float low, float high, int64_t start, int64_t end, const CallControl& control) override {
    return tomo::clampRange(dataOf(target), low, high, start, end, control);
  }
  Status copyRange(const Floats& target, int64_t to, const Floats& source, int64_t from, int64_t count, const CallControl& control) override {
    return tomo::copyRange(dataOf(target) + to, dataOf(source) + from, count, control);
  }
  Status dotSlices(const Floats& a, const Floats& b, SliceRange range, double* result, const CallControl& control) override {
    return tomo::dotSlices(dataOf(a), dataOf(b), range, result, control);
  }
  Status squaredErrorSlices(const Floats& x, const Floats& reference, SliceRange range, double* result, const CallControl& control) override {
    return tomo::squaredErrorSlices(dataOf(x), dataOf(reference), range, result, control);
  }
  Status minMaxSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) override { return tomo::minMaxSlices(dataOf(a), range, result, control); }
  Status countNonFiniteSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) override {
    return tomo::countNonFiniteSlices(dataOf(a), range, result, control);
  }

  Status gatherTiles(const Floats& volume, const TileLayout& layout, const int32_t* starts, int64_t tiles, float shift, float scale, float* target, const CallControl& control) override {
    return tomo::gatherTiles(dataOf(volume), layout, starts, tiles, shift, scale, target, control);
  }
  Status scatterTiles(const float* source, const TileLayout& layout, const int32_t* regions, int64_t tiles, float scale, float shift, const Floats& volume, const CallControl& control) override {
    return tomo::scatterTiles(source, layout, regions, tiles, scale, shift, dataOf(volume), control);
  }

 private:
  std::string name_ = "cpu";
};

}  // namespace

std::shared_ptr<Device> cpuDevice() {
  static const std::shared_ptr<Device> device = std::make_shared<CpuDevice>();
  return device;
}

}  // namespace tomo
