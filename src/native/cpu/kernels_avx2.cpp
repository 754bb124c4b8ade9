// The inner loops for AVX2; compiled with those instructions allowed, called only where the processor has them.
#ifdef __AVX2__

#include "simd_avx2.hpp"

#include "kernels_impl.hpp"
#include "network_kernels_impl.hpp"

namespace tomo {

const Kernels* avx2Kernels() {
  static const Kernels kernels{"avx2", projectTile<Simd>, gatherTile<Simd>};
  return &kernels;
}

const NetworkKernels* avx2NetworkKernels() { return &networkKernels; }

}  // namespace tomo

#else

#include "kernels.hpp"
#include "network_kernels.hpp"

namespace tomo {

const Kernels* avx2Kernels() { return nullptr; }
const NetworkKernels* avx2NetworkKernels() { return nullptr; }

}  // namespace tomo

#endif
