// Eight floats in an AVX2 register.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace tomo {
namespace {

struct Simd {
  static constexpr int32_t width = 8;
  static constexpr int32_t windowReach = 32;  // the widest window
  using F = __m256;
  using I = __m256i;

  static F set(float x) { return _mm256_set1_ps(x); }
  static F iota() { return _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7); }
  static F load(const float* at) { return _mm256_loadu_ps(at); }
  static void store(float* at, F x) { _mm256_storeu_ps(at, x); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static F div(F a, F b) { return _mm256_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F min(F a, F b) { return _mm256_min_ps(a, b); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }
  static F abs(F a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
  static F floor(F a) { return _mm256_floor_ps(a); }
  static I toInt(F a) { return _mm256_cvttps_epi32(a); }
  static int32_t first(F a) { return _mm_cvttss_si32(_mm256_castps256_ps128(a)); }
  /// Lanes moved up by one, the last lane of `before` first.
  static F shift(F before, F a) {
    const __m256i low = _mm256_permute2x128_si256(_mm256_castps_si256(before), _mm256_castps_si256(a), 0x21);
    return _mm256_castsi256_ps(_mm256_alignr_epi8(_mm256_castps_si256(a), low, 12));
  }
  static I increment(I a) { return _mm256_add_epi32(a, _mm256_set1_epi32(1)); }

  /// Looks up floats at positions 0..2*width-1 after `base`, from registers.
  struct Narrow {
    F a, b;
    Narrow(const float* base, int32_t) : a(load(base)), b(load(base + 8)) {}
    F at(I position) const {
      // Bit 3 of the position chooses the register: moved to the sign, which the blend looks at.
      const F upper = _mm256_castsi256_ps(_mm256_slli_epi32(position, 28));
      return _mm256_blendv_ps(_mm256_permutevar8x32_ps(a, position), _mm256_permutevar8x32_ps(b, position), upper);
    }
  };
  /// Positions 0..4*width-1.
  struct Wide {
    Narrow low, high;
    Wide(const float* base, int32_t) : low(base, 0), high(base + 16, 0) {}
    F at(I position) const {
      const F upper = _mm256_castsi256_ps(_mm256_slli_epi32(position, 27));
      return _mm256_blendv_ps(low.at(position), high.at(position), upper);
    }
  };
  /// Any positions; those from `limit` on read what is at `limit`.
  struct Far {
    const float* base;
    I limit;
    Far(const float* from, int32_t last) : base(from), limit(_mm256_set1_epi32(last)) {}
    F at(I position) const { return _mm256_i32gather_ps(base, _mm256_min_epi32(position, limit), 4); }
  };
  using Vast = Far;
};

}  // namespace
}  // namespace tomo
