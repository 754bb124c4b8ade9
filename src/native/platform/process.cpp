// Memory of this process and the processor's name on Linux, macOS and Windows.
#include "tomo/process.hpp"

#include <fstream>
#include <sstream>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#include <psapi.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#endif

namespace tomo {
namespace {

[[maybe_unused]] constexpr double bytesPerMiB = 1024.0 * 1024.0;

}  // namespace

ProcessMemory processMemory() {
  ProcessMemory memory;
#if defined(__linux__)
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream words(line);
    std::string key;
    double kibibytes = 0;
    words >> key >> kibibytes;
    if (key == "VmRSS:") memory.residentMiB = kibibytes / 1024.0;
    if (key == "VmHWM:") memory.peakResidentMiB = kibibytes / 1024.0;
    if (key == "VmData:") memory.privateMiB = kibibytes / 1024.0;
    if (key == "VmSize:") memory.virtualMiB = kibibytes / 1024.0;
  }
#elif defined(_WIN32)
  PROCESS_MEMORY_COUNTERS counters{};
  if (GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)) {
    memory.residentMiB = static_cast<double>(counters.WorkingSetSize) / bytesPerMiB;
    memory.peakResidentMiB = static_cast<double>(counters.PeakWorkingSetSize) / bytesPerMiB;
    memory.virtualMiB = static_cast<double>(counters.PagefileUsage) / bytesPerMiB;
  }
#elif defined(__APPLE__)
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info), &count) == KERN_SUCCESS) {
    memory.residentMiB = static_cast<double>(info.resident_size) / bytesPerMiB;
    memory.peakResidentMiB = static_cast<double>(info.resident_size_max) / bytesPerMiB;
    memory.virtualMiB = static_cast<double>(info.virtual_size) / bytesPerMiB;
  }
#endif
  return memory;
}

bool resetPeakMemory() {
#if defined(__linux__)
  std::ofstream control("/proc/self/clear_refs");
  control << "5";
  control.flush();
  return control.good();
#else
  return false;
#endif
}

std::string cpuName() {
#if defined(__linux__)
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line)) {
    if (line.rfind("model name", 0) == 0 || line.rfind("Model", 0) == 0) {
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
#elif defined(__APPLE__)
  char name[256] = {};
  size_t size = sizeof name;
  if (sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0) return name;
#elif defined(_WIN32)
  char name[256] = {};
  DWORD size = sizeof name;
  if (RegGetValueA(HKEY_LOCAL_MACHINE, "HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", "ProcessorNameString", RRF_RT_REG_SZ, nullptr, name, &size) == ERROR_SUCCESS) return name;
#endif
  return "unknown processor";
}

}  // namespace tomo
