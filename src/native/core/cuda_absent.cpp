// Answers for builds without CUDA.
#include "tomo/cuda_info.hpp"

namespace tomo {

CudaInfo cudaInfo() { return {"", {}, "This build has no CUDA support: no CUDA compiler was found when it was made."}; }

Result<std::unique_ptr<Projector>> makeCudaProjector(const ScanGeometry&, int) {
  return Status::fail(ErrorCode::unsupported, "No CUDA device: " + cudaInfo().reason + " Use device cpu.");
}

}  // namespace tomo
