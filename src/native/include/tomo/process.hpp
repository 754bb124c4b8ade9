// What the system says about this process and machine.
#pragma once

#include <cstdint>
#include <string>

namespace tomo {

struct ProcessMemory {
  double residentMiB = 0, peakResidentMiB = 0, virtualMiB = 0;
};

ProcessMemory processMemory();
/// Starts a new peak; false where the system cannot.
bool resetPeakMemory();
std::string cpuName();

}  // namespace tomo
