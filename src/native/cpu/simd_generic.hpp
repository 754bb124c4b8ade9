// Eight floats in an array: compilers turn the loops into whatever the target has (SSE2, NEON).
#pragma once

#include <cstdint>

namespace tomo {
namespace {

struct Simd {
  static constexpr int32_t width = 8;
  static constexpr int32_t windowReach = 8;  // how far windows may read beyond their limit
  struct F {
    float v[width];
  };
  struct I {
    int32_t v[width];
  };

  template <typename Lane>
  static F make(Lane&& lane) {
    F result;
    for (int32_t n = 0; n < width; ++n) result.v[n] = lane(n);
    return result;
  }
  template <typename Lane>
  static I makeInt(Lane&& lane) {
    I result;
    for (int32_t n = 0; n < width; ++n) result.v[n] = lane(n);
    return result;
  }

  static F set(float x) {
    return make([x](int32_t) { return x; });
  }
  static F iota() {
    return make([](int32_t n) { return static_cast<float>(n); });
  }
  static F load(const float* at) {
    return make([at](int32_t n) { return at[n]; });
  }
  static void store(float* at, F x) {
    for (int32_t n = 0; n < width; ++n) at[n] = x.v[n];
  }
  static F add(F a, F b) {
    return make([&](int32_t n) { return a.v[n] + b.v[n]; });
  }
  static F sub(F a, F b) {
    return make([&](int32_t n) { return a.v[n] - b.v[n]; });
  }
  static F mul(F a, F b) {
    return make([&](int32_t n) { return a.v[n] * b.v[n]; });
  }
  static F div(F a, F b) {
    return make([&](int32_t n) { return a.v[n] / b.v[n]; });
  }
  static F fma(F a, F b, F c) {
    return make([&](int32_t n) { return a.v[n] * b.v[n] + c.v[n]; });
  }
  static F min(F a, F b) {
    return make([&](int32_t n) { return a.v[n] < b.v[n] ? a.v[n] : b.v[n]; });
  }
  static F max(F a, F b) {
    return make([&](int32_t n) { return a.v[n] > b.v[n] ? a.v[n] : b.v[n]; });
  }
  static F abs(F a) {
    return make([&](int32_t n) { return a.v[n] < 0 ? -a.v[n] : a.v[n]; });
  }
  /// For |a| < 2^31 only.
  static F floor(F a) {
    return make([&](int32_t n) {
      const auto whole = static_cast<float>(static_cast<int32_t>(a.v[n]));
      return whole > a.v[n] ? whole - 1.0F : whole;
    });
  }
  static I toInt(F a) {
    return makeInt([&](int32_t n) { return static_cast<int32_t>(a.v[n]); });
  }
  static int32_t first(F a) { return static_cast<int32_t>(a.v[0]); }
  /// Lanes moved up by one, the last lane of `before` first.
  static F shift(F before, F a) {
    return make([&](int32_t n) { return n == 0 ? before.v[width - 1] : a.v[n - 1]; });
  }
  static I increment(I a) {
    return makeInt([&](int32_t n) { return a.v[n] + 1; });
  }

  /// Looks up floats after `base`; positions from `limit` on read what is at `limit`.
  struct Far {
    const float* base;
    int32_t limit;
    Far(const float* from, int32_t last) : base(from), limit(last) {}
    F at(I position) const {
      return make([&](int32_t n) { return base[position.v[n] < limit ? position.v[n] : limit]; });
    }
  };
  using Narrow = Far;
  using Wide = Far;
  using Vast = Far;
};

}  // namespace
}  // namespace tomo
