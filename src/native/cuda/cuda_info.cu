// What CUDA offers on this machine; no driver and no device are ordinary answers. Asks for properties only, which opens no context on any GPU.
#include <cuda_runtime.h>

#include "tomo/cuda_info.hpp"

namespace tomo {

CudaInfo cudaInfo() {
  CudaInfo info;
  int version = 0;
  cudaRuntimeGetVersion(&version);
  info.runtime = std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
  int count = 0;
  if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess) {
    cudaGetLastError();
    info.reason = "No CUDA device: " + (error == cudaErrorInsufficientDriver ? "there is no NVIDIA driver, or one too old for CUDA " + info.runtime : std::string(cudaGetErrorString(error))) + ".";
    return info;
  }
  std::string failed;
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties{};
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, index); error != cudaSuccess) {
      cudaGetLastError();
      failed += " GPU " + std::to_string(index) + " did not answer: " + cudaGetErrorString(error) + ".";
      continue;
    }
    constexpr double bytesPerMiB = 1024.0 * 1024.0;
    info.devices.push_back({index, properties.name, static_cast<double>(properties.totalGlobalMem) / bytesPerMiB, std::to_string(properties.major) + "." + std::to_string(properties.minor)});
  }
  if (info.devices.empty()) info.reason = "No CUDA device: the driver lists no GPU that can be used." + failed;
  else if (!failed.empty()) info.reason = failed.substr(1);
  return info;
}

}  // namespace tomo
