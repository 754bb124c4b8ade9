// The limit of this process's memory, and what other processes use, on Linux, macOS and Windows.
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "tomo/process.hpp"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#include <psapi.h>
#elif defined(__APPLE__)
#include <libproc.h>
#include <mach/mach_time.h>
#else
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace tomo {
namespace {

constexpr double bytesPerMiB = 1024.0 * 1024.0;

}  // namespace

bool setPrivateMemoryLimit(double mebibytes) {
#if defined(__linux__)
  // RLIMIT_DATA counts private writable memory (Linux 4.7 and newer). RLIMIT_AS would count the many gigabytes of addresses that JavaScript engines reserve and never touch.
  rlimit limit{};
  if (getrlimit(RLIMIT_DATA, &limit) != 0) return false;
  const double bytes = mebibytes * bytesPerMiB;
  const bool unlimited = !(bytes < static_cast<double>(std::numeric_limits<int64_t>::max()));
  limit.rlim_cur = unlimited ? limit.rlim_max : static_cast<rlim_t>(std::fmax(0.0, bytes));
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_DATA, &limit) == 0;
#else
  static_cast<void>(mebibytes);
  return false;
#endif
}

std::optional<ProcessUsage> processUsage(int64_t pid) {
  ProcessUsage usage;
#if defined(__linux__)
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream status(folder + "/status");
  if (!status) return std::nullopt;
  std::string line;
  bool alive = false;
  while (std::getline(status, line)) {
    std::istringstream words(line);
    std::string key;
    double kibibytes = 0;
    words >> key >> kibibytes;
    // A process that has ended but was not waited for has no memory lines.
    if (key == "VmRSS:") {
      usage.residentMiB = kibibytes / 1024.0;
      alive = true;
    }
    if (key == "VmHWM:") usage.peakResidentMiB = kibibytes / 1024.0;
  }
  if (!alive) return std::nullopt;
  std::ifstream stat(folder + "/stat");
  std::getline(stat, line);
  // The name, in parentheses, may hold anything; 11 fields follow before user and system time.
  const size_t afterName = line.rfind(')');
  if (afterName != std::string::npos) {
    std::istringstream words(line.substr(afterName + 1));
    std::string skipped;
    for (int field = 0; field < 11; ++field) words >> skipped;
    double user = 0, system = 0;
    words >> user >> system;
    usage.cpuSeconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  std::ifstream io(folder + "/io");
  while (std::getline(io, line)) {
    std::istringstream words(line);
    std::string key;
    double bytes = 0;
    words >> key >> bytes;
    if (key == "read_bytes:") usage.diskReadMiB = bytes / bytesPerMiB;
    if (key == "write_bytes:") usage.diskWrittenMiB = bytes / bytesPerMiB;
  }
  return usage;
#elif defined(__APPLE__)
  rusage_info_current info{};
  if (proc_pid_rusage(static_cast<int>(pid), RUSAGE_INFO_CURRENT, reinterpret_cast<rusage_info_t*>(&info)) != 0) return std::nullopt;
  mach_timebase_info_data_t base{};
  mach_timebase_info(&base);
  const double secondsPerTick = static_cast<double>(base.numer) / static_cast<double>(base.denom) * 1e-9;
  usage.residentMiB = static_cast<double>(info.ri_resident_size) / bytesPerMiB;
  usage.peakResidentMiB = static_cast<double>(info.ri_lifetime_max_phys_footprint) / bytesPerMiB;
  usage.cpuSeconds = static_cast<double>(info.ri_user_time + info.ri_system_time) * secondsPerTick;
  usage.diskReadMiB = static_cast<double>(info.ri_diskio_bytesread) / bytesPerMiB;
  usage.diskWrittenMiB = static_cast<double>(info.ri_diskio_byteswritten) / bytesPerMiB;
  return usage;
#elif defined(_WIN32)
  const HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(pid));
  if (process == nullptr) return std::nullopt;
  PROCESS_MEMORY_COUNTERS counters{};
  const bool known = GetProcessMemoryInfo(process, &counters, sizeof counters) != 0;
  usage.residentMiB = static_cast<double>(counters.WorkingSetSize) / bytesPerMiB;
  usage.peakResidentMiB = static_cast<double>(counters.PeakWorkingSetSize) / bytesPerMiB;
  FILETIME begin{}, end{}, kernel{}, user{};
  const auto seconds = [](const FILETIME& time) {
    return (static_cast<double>(time.dwHighDateTime) * 4294967296.0 + static_cast<double>(time.dwLowDateTime)) * 1e-7;
  };
  if (GetProcessTimes(process, &begin, &end, &kernel, &user)) usage.cpuSeconds = seconds(kernel) + seconds(user);
  IO_COUNTERS io{};
  if (GetProcessIoCounters(process, &io)) {
    usage.diskReadMiB = static_cast<double>(io.ReadTransferCount) / bytesPerMiB;
    usage.diskWrittenMiB = static_cast<double>(io.WriteTransferCount) / bytesPerMiB;
  }
  CloseHandle(process);
  return known ? std::optional<ProcessUsage>(usage) : std::nullopt;
#else
  static_cast<void>(pid);
  return std::nullopt;
#endif
}

}  // namespace tomo
