// The inner loops for AVX-512; compiled with those instructions allowed, called only where the processor has them.
#ifdef __AVX512F__

#include "simd_avx512.hpp"

#include "kernels_impl.hpp"
#include "network_kernels_impl.hpp"

namespace tomo {

const Kernels* avx512Kernels() {
  static const Kernels kernels{"avx512", projectTile<Simd>, gatherTile<Simd>};
  return &kernels;
}

const NetworkKernels* avx512NetworkKernels() { return &networkKernels; }

}  // namespace tomo

#else

#include "kernels.hpp"
#include "network_kernels.hpp"

namespace tomo {

const Kernels* avx512Kernels() { return nullptr; }
const NetworkKernels* avx512NetworkKernels() { return nullptr; }

}  // namespace tomo

#endif
