// CUDA errors as values.
#pragma once

#include <cuda_runtime.h>

#include <string>

#include "tomo/error.hpp"

namespace tomo {

/// Good, or the sentence for a failed CUDA call; `doing` completes "while ...".
inline Status cudaStatus(cudaError_t error, const char* doing) {
  if (error == cudaSuccess) return Status::good();
  // Reading the error clears it, so that the next call starts clean.
  cudaGetLastError();
  if (error == cudaErrorMemoryAllocation) {
    return Status::fail(ErrorCode::outOfMemory, std::string("The GPU's memory is full while ") + doing + ". Close other programs that use the GPU, use a smaller volume, or use device cpu.");
  }
  if (error == cudaErrorNoKernelImageForDevice || error == cudaErrorInvalidDeviceFunction || error == cudaErrorUnsupportedPtxVersion) {
    return Status::fail(ErrorCode::unsupported, "This GPU or its driver is older than what the CUDA toolkit of this build makes code for. Build with an older toolkit (12 for Volta), update the driver, or use device cpu.");
  }
  return Status::fail(ErrorCode::internal, std::string("CUDA failed while ") + doing + ": " + cudaGetErrorString(error) + ".");
}

}  // namespace tomo
