// Which SIMD instructions the projector uses on this machine.
#pragma once

namespace tomo {

const char* simdName();

}  // namespace tomo
