// Sixteen floats in an AVX-512 register.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace tomo {
namespace {

struct Simd {
  static constexpr int32_t width = 16;
  static constexpr int32_t windowReach = 128;  // the widest window
  using F = __m512;
  using I = __m512i;

  static F set(float x) { return _mm512_set1_ps(x); }
  static F iota() { return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
  static F load(const float* at) { return _mm512_loadu_ps(at); }
  static void store(float* at, F x) { _mm512_storeu_ps(at, x); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F div(F a, F b) { return _mm512_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F min(F a, F b) { return _mm512_min_ps(a, b); }
  static F max(F a, F b) { return _mm512_max_ps(a, b); }
  static F abs(F a) { return _mm512_abs_ps(a); }
  static F floor(F a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
  static I toInt(F a) { return _mm512_cvttps_epi32(a); }
  static int32_t first(F a) { return _mm_cvttss_si32(_mm512_castps512_ps128(a)); }
  /// Lanes moved up by one, the last lane of `before` first.
  static F shift(F before, F a) { return _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(a), _mm512_castps_si512(before), 15)); }
  static I increment(I a) { return _mm512_add_epi32(a, _mm512_set1_epi32(1)); }

  /// Looks up floats at positions 0..2*width-1 after `base`, from registers.
  struct Narrow {
    F a, b;
    Narrow(const float* base, int32_t) : a(load(base)), b(load(base + 16)) {}
    F at(I position) const { return _mm512_permutex2var_ps(a, position, b); }
  };
  /// Positions 0..4*width-1.
  struct Wide {
    F a, b, c, d;
    Wide(const float* base, int32_t) : a(load(base)), b(load(base + 16)), c(load(base + 32)), d(load(base + 48)) {}
    F at(I position) const {
      const __mmask16 upper = _mm512_test_epi32_mask(position, _mm512_set1_epi32(32));
      return _mm512_mask_blend_ps(upper, _mm512_permutex2var_ps(a, position, b), _mm512_permutex2var_ps(c, position, d));
    }
  };
  /// Positions 0..8*width-1.
  struct Vast {
    Wide low, high;
    Vast(const float* base, int32_t) : low(base, 0), high(base + 64, 0) {}
    F at(I position) const {
      const __mmask16 upper = _mm512_test_epi32_mask(position, _mm512_set1_epi32(64));
      return _mm512_mask_blend_ps(upper, low.at(position), high.at(position));
    }
  };
  /// Any positions; those from `limit` on read what is at `limit`.
  struct Far {
    const float* base;
    I limit;
    Far(const float* from, int32_t last) : base(from), limit(_mm512_set1_epi32(last)) {}
    F at(I position) const { return _mm512_i32gather_ps(_mm512_min_epi32(position, limit), base, 4); }
  };
};

}  // namespace
}  // namespace tomo
