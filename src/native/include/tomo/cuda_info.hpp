// What CUDA offers on this machine; answered by cuda/ when built with it, else by cuda_absent.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tomo/projector.hpp"

namespace tomo {

struct CudaDevice {
  int index = 0;
  std::string name;
  double totalMiB = 0, freeMiB = 0;
  std::string computeCapability;
};

struct CudaInfo {
  std::string runtime;  // empty: built without CUDA
  std::vector<CudaDevice> devices;
  std::string reason;   // why there is no device; empty when there is one
};

CudaInfo cudaInfo();

/// A projector on a GPU, or why there is none.
Result<std::unique_ptr<Projector>> makeCudaProjector(const ScanGeometry& geometry, int device);

}  // namespace tomo
