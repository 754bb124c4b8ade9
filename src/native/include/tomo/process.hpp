// What the system says about this process and machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tomo {

struct ProcessMemory {
  double residentMiB = 0, peakResidentMiB = 0, virtualMiB = 0;
  /// Private memory that may be written, touched or not: what a limit counts. 0 where the system does not say.
  double privateMiB = 0;
};

/// What another process of this user has used so far.
struct ProcessUsage {
  double residentMiB = 0, peakResidentMiB = 0, cpuSeconds = 0;
  /// From and to disks, not the system's own copies in memory; 0 where the system does not say.
  double diskReadMiB = 0, diskWrittenMiB = 0;
};

ProcessMemory processMemory();
/// Starts a new peak; false where the system cannot.
bool resetPeakMemory();
/// Allocations of this process fail once its private memory would pass this; infinity lifts the limit. False where the system cannot.
bool setPrivateMemoryLimit(double mebibytes);
/// Nothing for a process that is not there (or not ours).
std::optional<ProcessUsage> processUsage(int64_t pid);
std::string cpuName();

}  // namespace tomo
