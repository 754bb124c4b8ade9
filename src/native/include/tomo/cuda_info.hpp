// What CUDA offers on this machine; answered by cuda/ when built with it, else by cuda/cuda_absent.cpp.
#pragma once

#include <string>
#include <vector>

namespace tomo {

struct CudaDevice {
  int index = 0;
  std::string name;
  double totalMiB = 0;
  std::string computeCapability;
};

struct CudaInfo {
  std::string runtime;  // empty: built without CUDA
  std::vector<CudaDevice> devices;
  std::string reason;   // a sentence: why there is no device, or which GPUs cannot be used; empty when all is well
};

/// Opens no context on any GPU: free memory is asked for where a device is in use (Device::memory).
CudaInfo cudaInfo();

}  // namespace tomo
