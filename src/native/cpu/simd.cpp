// Names the SIMD instructions in use.
#include "tomo/simd.hpp"

namespace tomo {

const char* simdName() { return "baseline"; }

}  // namespace tomo
