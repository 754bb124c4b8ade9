// What CUDA offers on this machine; no driver and no device are ordinary answers.
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
    info.reason = error == cudaErrorInsufficientDriver ? "no NVIDIA driver, or one too old for CUDA " + info.runtime + "." : std::string(cudaGetErrorString(error)) + ".";
    return info;
  }
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties{};
    size_t free = 0, total = 0;
    if (cudaGetDeviceProperties(&properties, index) != cudaSuccess || cudaSetDevice(index) != cudaSuccess || cudaMemGetInfo(&free, &total) != cudaSuccess) {
      cudaGetLastError();
      continue;
    }
    constexpr double bytesPerMiB = 1024.0 * 1024.0;
    info.devices.push_back({index, properties.name, static_cast<double>(total) / bytesPerMiB, static_cast<double>(free) / bytesPerMiB,
                            std::to_string(properties.major) + "." + std::to_string(properties.minor)});
  }
  if (info.devices.empty()) info.reason = "the driver lists no GPU that can be used.";
  return info;
}

}  // namespace tomo
