// Macros for functions that the CPU and the CUDA compiler both build.
#pragma once

#ifdef __CUDACC__
/// Member functions and templates.
#define TOMO_BOTH __host__ __device__
#else
#define TOMO_BOTH
#endif

/// Plain functions. Internal linkage on purpose: files compiled for different instruction sets must not share these.
#define TOMO_HD static TOMO_BOTH inline
