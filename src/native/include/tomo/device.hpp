// The one interface between the program and what computes for it, a processor (cpu/) or a GPU (cuda/): arrays on the device, the pair A, A^T, the back
// projection of FDK, arithmetic on arrays, tiles. Nothing above it knows where its numbers are. Errors are values; a lack of memory is outOfMemory.
//
// Version 1. Whoever changes a function here raises the version, implements it in cpu/ and cuda/, and adds it to test/native/deviceOperations.ts, the
// table that compares the two operation by operation. What has no place here, and why, is in docs/decisions/0008-device-interface.md: total variation, SSIM,
// percentiles and random values work on volumes, which ranks share in the host's memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tomo/fdk.hpp"
#include "tomo/projector.hpp"
#include "tomo/tiles.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo {

constexpr int deviceInterfaceVersion = 1;

/// Floats in the memory of one device, released with the last pointer to them.
class DeviceBuffer {
 public:
  virtual ~DeviceBuffer() = default;
  virtual int64_t length() const = 0;
};

/// Where the floats of an argument are: in memory of the host (whoever passes them keeps them alive), or in a buffer of the device that is called.
struct Floats {
  float* host = nullptr;
  std::shared_ptr<DeviceBuffer> buffer;
  int64_t length = 0;

  bool onHost() const { return host != nullptr; }
  static Floats of(float* data, int64_t length) { return {data, nullptr, length}; }
  static Floats of(std::shared_ptr<DeviceBuffer> buffer) {
    const int64_t length = buffer->length();
    return {nullptr, std::move(buffer), length};
  }
};

/// Bytes. `held`: by arrays and working memory of this device object; `limit`: what it may hold at most, 0 for no limit but the device's own.
struct DeviceMemory {
  int64_t total = 0, free = 0, held = 0, limit = 0;
};

/// A and A^T of one geometry; shapes and formulas as Projector (projector.hpp). Arguments may be on the host or on the device, in any mix.
class DeviceProjector {
 public:
  virtual ~DeviceProjector() = default;
  /// sinogram = A volume - measured. `measured` may be null or the sinogram itself, and must be where the sinogram is.
  virtual Status forward(const Floats& volume, const Floats* measured, const Floats& sinogram, const CallControl& control) const = 0;
  /// volume = A^T sinogram.
  virtual Status back(const Floats& sinogram, const Floats& volume, const CallControl& control) const = 0;
  /// Projector::average: the views that `source` makes on the host, back projected as FDK wants it.
  virtual Status average(const ViewSource& source, const Floats& volume, const CallControl& control) const = 0;
};

/// Calls may come from any thread, one after the other; each returns when its result is there.
class Device {
 public:
  virtual ~Device() = default;
  virtual int interfaceVersion() const { return deviceInterfaceVersion; }
  /// cpu or cuda:N.
  virtual const std::string& name() const = 0;
  virtual Result<DeviceMemory> memory() = 0;

  /// An array of zeros on the device.
  virtual Result<std::shared_ptr<DeviceBuffer>> allocate(int64_t length) = 0;
  virtual Status upload(DeviceBuffer& target, int64_t offset, const float* source, int64_t count) = 0;
  virtual Status download(const DeviceBuffer& source, int64_t offset, float* target, int64_t count) = 0;
  virtual Status fill(DeviceBuffer& target, float value, int64_t start, int64_t end) = 0;
  /// Returns when everything asked for so far is done.
  virtual Status synchronise() = 0;

  /// Expects a geometry that validateGeometry accepts.
  virtual Result<std::shared_ptr<const DeviceProjector>> makeProjector(const ScanGeometry& geometry) = 0;

  // As the functions of vector_ops.hpp of the same name. Arrays are buffers of this device. combine is axpy, scaling and, with coefficients of 1 over
  // [start,end), the reduction of a slab.
  virtual Status combine(const Floats& target, const std::vector<double>& coefficients, const std::vector<Floats>& sources, double offset, int64_t start, int64_t end, const CallControl& control) = 0;
  virtual Status divide(const Floats& target, const Floats& a, const Floats& b, int64_t start, int64_t end, const CallControl& control) = 0;
  virtual Status clampRange(const Floats& target, float low, float high, int64_t start, int64_t end, const CallControl& control) = 0;
  virtual Status copyRange(const Floats& target, int64_t to, const Floats& source, int64_t from, int64_t count, const CallControl& control) = 0;
  virtual Status dotSlices(const Floats& a, const Floats& b, SliceRange range, double* result, const CallControl& control) = 0;
  virtual Status squaredErrorSlices(const Floats& x, const Floats& reference, SliceRange range, double* result, const CallControl& control) = 0;
  virtual Status minMaxSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) = 0;
  virtual Status countNonFiniteSlices(const Floats& a, SliceRange range, double* result, const CallControl& control) = 0;

  // As tiles.hpp: the volume is on the device, the tiles are in memory of the host, where the network's runtime takes and leaves them.
  virtual Status gatherTiles(const Floats& volume, const TileLayout& layout, const int32_t* starts, int64_t tiles, float shift, float scale, float* target, const CallControl& control) = 0;
  virtual Status scatterTiles(const float* source, const TileLayout& layout, const int32_t* regions, int64_t tiles, float scale, float shift, const Floats& volume, const CallControl& control) = 0;
};

/// The processor as a device; there is one.
std::shared_ptr<Device> cpuDevice();

/// GPU `index`, or a sentence that says why there is none. `limitBytes`: what arrays and working memory may take, 0 for all that is free.
Result<std::shared_ptr<Device>> openCudaDevice(int index, int64_t limitBytes);

/// Filtered back projection of these views on a device: weights and filters on the host's threads, back projection where `device` computes.
Status fdk(Device& device, const ScanGeometry& geometry, const Floats& sinogram, const double* weights, FdkFilter filter, const Floats& volume, const CallControl& control);

}  // namespace tomo
