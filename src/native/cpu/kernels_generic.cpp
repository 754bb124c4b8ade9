// The inner loops for processors of which nothing is known.
#include "simd_generic.hpp"

#include "kernels_impl.hpp"
#include "network_kernels_impl.hpp"

namespace tomo {

const Kernels& genericKernels() {
#if defined(__ARM_NEON)
  static const Kernels kernels{"neon", projectTile<Simd>, gatherTile<Simd>};
#else
  static const Kernels kernels{"baseline", projectTile<Simd>, gatherTile<Simd>};
#endif
  return kernels;
}

const NetworkKernels& genericNetworkKernels() { return networkKernels; }

}  // namespace tomo
