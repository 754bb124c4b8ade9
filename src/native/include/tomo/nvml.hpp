// What NVIDIA's management library says of the GPUs, opened at run time: programs must start where it is not there.
#pragma once

#include <string>
#include <vector>

namespace tomo {

/// NaN where the device does not tell.
struct GpuReading {
  double usedMiB, totalMiB, utilisationPercent, powerWatt, temperatureCelsius;
};

struct GpuReadings {
  /// In the library's order, which is that of the PCI bus.
  std::vector<GpuReading> devices;
  /// Why there is none; empty otherwise. A machine without NVIDIA driver is an ordinary machine.
  std::string reason;
};

/// Opens the library on the first call and keeps it. `libraryPath` for tests; empty: the driver's.
GpuReadings readGpus(const std::string& libraryPath = {});

}  // namespace tomo
