// One macro for functions that the CPU and the CUDA compiler both build.
#pragma once

#ifdef __CUDACC__
#define TOMO_HD __host__ __device__ inline
#else
#define TOMO_HD inline
#endif
