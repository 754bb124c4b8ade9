// The Device of a GPU over anything that can stand for one: the real GPU, or the host in tests.
#pragma once

#include "gpu_memory.hpp"

namespace tomo {

std::shared_ptr<Device> makeGpuDevice(std::unique_ptr<Accelerator> accelerator, int64_t limitBytes);

}  // namespace tomo
