// Forward and back projection on a GPU of volumes and views of any size: what is not on the device comes in slabs and blocks, copied while kernels run.
#pragma once

#include "gpu_memory.hpp"
#include "slab_plan.hpp"

namespace tomo {

/// Expects a geometry that validateGeometry accepts; refuses what no launch can count.
Result<std::shared_ptr<const DeviceProjector>> makeGpuProjector(std::shared_ptr<GpuMemory> memory, const ScanGeometry& geometry);

}  // namespace tomo
