// Answers for builds without CUDA.
#include "accelerator.hpp"
#include "tomo/cuda_info.hpp"

namespace tomo {

CudaInfo cudaInfo() { return {"", {}, "No CUDA device: this build has no CUDA support, because no CUDA compiler was found when it was made."}; }

Result<std::unique_ptr<Accelerator>> makeCudaAccelerator(int) { return Status::fail(ErrorCode::unsupported, cudaInfo().reason + " Use device cpu."); }

}  // namespace tomo
