// One macro for functions that the CPU and the CUDA compiler both build.
#pragma once

// Internal linkage on purpose: files compiled for different instruction sets must not share these.
#ifdef __CUDACC__
#define TOMO_HD static __host__ __device__ inline
#else
#define TOMO_HD static inline
#endif
