// Calls of libnvidia-ml by the layouts its header has kept since version 2 of each function; nothing is linked.
#include "tomo/nvml.hpp"

#include <cmath>
#include <memory>
#include <mutex>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace tomo {
namespace {

constexpr double bytesPerMiB = 1024.0 * 1024.0;

class Library {
 public:
  explicit Library(const char* path) {
#if defined(_WIN32)
    handle_ = reinterpret_cast<void*>(LoadLibraryA(path));
#else
    handle_ = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
#endif
  }
  // Never unloaded: the driver's library keeps threads of its own.
  bool open() const { return handle_ != nullptr; }

  template <typename Function>
  Function* find(const char* name) const {
#if defined(_WIN32)
    return reinterpret_cast<Function*>(reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(handle_), name)));
#else
    return reinterpret_cast<Function*>(dlsym(handle_, name));
#endif
  }

 private:
  void* handle_ = nullptr;
};

using Device = struct NvmlDevice*;
struct Memory {
  unsigned long long total, free, used;
};
struct Utilisation {
  unsigned int gpu, memory;
};

struct Calls {
  int (*count)(unsigned int*) = nullptr;
  int (*device)(unsigned int, Device*) = nullptr;
  int (*memory)(Device, Memory*) = nullptr;
  int (*utilisation)(Device, Utilisation*) = nullptr;
  int (*power)(Device, unsigned int*) = nullptr;
  int (*temperature)(Device, int, unsigned int*) = nullptr;
  std::string reason;
};

Calls openCalls(const std::string& path) {
  Calls calls;
#if defined(_WIN32)
  const std::string driver = "nvml.dll";
#else
  const std::string driver = "libnvidia-ml.so.1";
#endif
  const Library library((path.empty() ? driver : path).c_str());
  if (!library.open()) {
    calls.reason = "no NVIDIA driver (" + (path.empty() ? driver : path) + " is not here)";
    return calls;
  }
  const auto initialise = library.find<int()>("nvmlInit_v2");
  calls.count = library.find<int(unsigned int*)>("nvmlDeviceGetCount_v2");
  calls.device = library.find<int(unsigned int, Device*)>("nvmlDeviceGetHandleByIndex_v2");
  calls.memory = library.find<int(Device, Memory*)>("nvmlDeviceGetMemoryInfo");
  calls.utilisation = library.find<int(Device, Utilisation*)>("nvmlDeviceGetUtilizationRates");
  calls.power = library.find<int(Device, unsigned int*)>("nvmlDeviceGetPowerUsage");
  calls.temperature = library.find<int(Device, int, unsigned int*)>("nvmlDeviceGetTemperature");
  if (initialise == nullptr || calls.count == nullptr || calls.device == nullptr) {
    calls.reason = "the NVIDIA driver's management library lacks functions this program needs";
  } else if (const int code = initialise(); code != 0) {
    calls.reason = "the NVIDIA driver's management library does not start (code " + std::to_string(code) + ")";
  }
  return calls;
}

}  // namespace

GpuReadings readGpus(const std::string& libraryPath) {
  static std::mutex guard;
  static std::unique_ptr<Calls> opened;
  static std::string openedPath;
  const std::lock_guard<std::mutex> lock(guard);
  if (opened == nullptr || openedPath != libraryPath) {
    opened = std::make_unique<Calls>(openCalls(libraryPath));
    openedPath = libraryPath;
  }
  GpuReadings readings;
  readings.reason = opened->reason;
  unsigned int count = 0;
  if (!readings.reason.empty() || opened->count(&count) != 0) return readings;
  for (unsigned int index = 0; index < count; ++index) {
    GpuReading reading{NAN, NAN, NAN, NAN, NAN};
    Device device = nullptr;
    if (opened->device(index, &device) == 0) {
      Memory memory{};
      Utilisation utilisation{};
      unsigned int value = 0;
      if (opened->memory != nullptr && opened->memory(device, &memory) == 0) {
        reading.usedMiB = static_cast<double>(memory.used) / bytesPerMiB;
        reading.totalMiB = static_cast<double>(memory.total) / bytesPerMiB;
      }
      if (opened->utilisation != nullptr && opened->utilisation(device, &utilisation) == 0) reading.utilisationPercent = utilisation.gpu;
      // Milliwatts; sensor 0 is the chip.
      if (opened->power != nullptr && opened->power(device, &value) == 0) reading.powerWatt = value / 1000.0;
      if (opened->temperature != nullptr && opened->temperature(device, 0, &value) == 0) reading.temperatureCelsius = value;
    }
    readings.devices.push_back(reading);
  }
  return readings;
}

}  // namespace tomo
