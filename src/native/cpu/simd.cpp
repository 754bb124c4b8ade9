// Chooses the kernels for this processor.
#include "tomo/simd.hpp"

#include <cstdlib>
#include <string>

#include "kernels.hpp"
#include "network_kernels.hpp"

#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))
#include <immintrin.h>
#include <intrin.h>
#endif

namespace tomo {
namespace {

enum class Level { baseline, avx2, avx512 };

Level processorLevel() {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return Level::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Level::avx2;
#elif defined(_MSC_VER) && defined(_M_X64)
  int info[4];
  __cpuid(info, 1);
  const bool saves = (info[2] & (1 << 27)) != 0, fma = (info[2] & (1 << 12)) != 0;
  const unsigned long long state = saves ? _xgetbv(0) : 0;
  __cpuidex(info, 7, 0);
  const int avx512 = (1 << 16) | (1 << 17) | (1 << 31);
  if ((info[1] & avx512) == avx512 && (state & 0xe6) == 0xe6) return Level::avx512;
  if ((info[1] & (1 << 5)) != 0 && fma && (state & 0x6) == 0x6) return Level::avx2;
#endif
  return Level::baseline;
}

const Kernels& choose() {
  Level level = processorLevel();
  if (const char* wish = std::getenv("TOMOBENCH_SIMD"); wish != nullptr) {
    const std::string name = wish;
    if (name == "baseline") level = Level::baseline;
    if (name == "avx2" && level == Level::avx512) level = Level::avx2;
  }
  if (level == Level::avx512 && avx512Kernels() != nullptr) return *avx512Kernels();
  if (level != Level::baseline && avx2Kernels() != nullptr) return *avx2Kernels();
  return genericKernels();
}

}  // namespace

const Kernels& chooseKernels() {
  static const Kernels& kernels = choose();
  return kernels;
}

const NetworkKernels& chooseNetworkKernels() {
  const Kernels* chosen = &chooseKernels();
  if (chosen == avx512Kernels()) return *avx512NetworkKernels();
  return chosen == avx2Kernels() ? *avx2NetworkKernels() : genericNetworkKernels();
}

const char* simdName() { return chooseKernels().name; }

}  // namespace tomo
