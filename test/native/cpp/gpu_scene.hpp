// A GPU that is the host, arrays on it, and comparisons: what the tests of cuda/ share.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "cuda/gpu_device.hpp"
#include "host_accelerator.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo::test {

using Values = std::vector<float>;

inline const CallControl twoThreadsHere{2, nullptr};

inline Values randomValues(int64_t length, uint64_t seed) {
  Values values(static_cast<size_t>(length));
  REQUIRE(fillRandom(values.data(), seed, RandomDistribution::uniform, 0, length, twoThreadsHere).ok());
  return values;
}

inline double product(const Values& a, const Values& b) {
  double sum = 0;
  for (size_t n = 0; n < a.size(); ++n) sum += static_cast<double>(a[n]) * static_cast<double>(b[n]);
  return sum;
}

/// ||a - b|| / ||b||
inline double distance(const Values& a, const Values& b) {
  REQUIRE(a.size() == b.size());
  Values difference(a.size());
  for (size_t n = 0; n < a.size(); ++n) difference[n] = a[n] - b[n];
  const double scale = product(b, b);
  return std::sqrt(product(difference, difference) / (scale > 0 ? scale : 1));
}

inline Floats floatsOf(Values& values) { return Floats::of(values.data(), static_cast<int64_t>(values.size())); }

struct HostGpu {
  std::shared_ptr<HostAccelerator::Record> record = std::make_shared<HostAccelerator::Record>();
  std::shared_ptr<Device> device;

  explicit HostGpu(int64_t bytes = int64_t{1} << 30, Eagerness eagerness = Eagerness::lazily, int64_t limit = 0) {
    device = makeGpuDevice(std::make_unique<HostAccelerator>(bytes, eagerness, record), limit);
  }
  std::shared_ptr<const DeviceProjector> projector(const ScanGeometry& geometry) const {
    auto made = device->makeProjector(geometry);
    REQUIRE(made.ok());
    return made.value();
  }
  Floats empty(int64_t length) const {
    auto buffer = device->allocate(length);
    REQUIRE(buffer.ok());
    return Floats::of(buffer.value());
  }
  Floats resident(const Values& values) const {
    const Floats floats = empty(static_cast<int64_t>(values.size()));
    REQUIRE(device->upload(*floats.buffer, 0, values.data(), floats.length).ok());
    return floats;
  }
  Values fetched(const Floats& floats) const {
    Values values(static_cast<size_t>(floats.length));
    REQUIRE(device->download(*floats.buffer, 0, values.data(), floats.length).ok());
    return values;
  }
};

}  // namespace tomo::test
