// Elementwise operations and slice-wise reductions on the CPU.
#include "tomo/vector_ops.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

namespace tomo {
namespace {

// Large enough to hide the cost of handing out work, small enough to balance it.
constexpr int64_t grain = 1 << 16;

/// A well mixed 64-bit value of a counter (the finalizer of SplitMix64, Steele et al. 2014).
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// Sums of eight interleaved partial sums: fixed order, and room for SIMD.
template <typename Term>
double laneSum(int64_t count, Term&& term) {
  constexpr int64_t lanes = 8;
  double partial[lanes] = {};
  int64_t n = 0;
  for (; n + lanes <= count; n += lanes) {
    for (int64_t lane = 0; lane < lanes; ++lane) partial[lane] += term(n + lane);
  }
  for (int64_t lane = 0; n < count; ++n, ++lane) partial[lane] += term(n);
  return ((partial[0] + partial[1]) + (partial[2] + partial[3])) + ((partial[4] + partial[5]) + (partial[6] + partial[7]));
}

template <typename Slice>
Status forSlices(SliceRange range, const CallControl& control, Slice&& slice) {
  return parallelRange(control, range.first, range.last, 1, [&](int64_t index, int64_t) { slice(index, index * range.length); });
}

}  // namespace

Status combine(float* target, const std::vector<double>& coefficients, const std::vector<const float*>& sources, double offset, int64_t start, int64_t end, const CallControl& control) {
  return parallelRange(control, start, end, grain, [&](int64_t from, int64_t to) {
    constexpr int64_t block = 512;
    double sum[block];
    for (int64_t at = from; at < to; at += block) {
      const int64_t count = std::min(block, to - at);
      std::fill(sum, sum + count, offset);
      for (size_t k = 0; k < sources.size(); ++k) {
        const float* source = sources[k] + at;
        const double coefficient = coefficients[k];
        for (int64_t n = 0; n < count; ++n) sum[n] += coefficient * static_cast<double>(source[n]);
      }
      for (int64_t n = 0; n < count; ++n) target[at + n] = static_cast<float>(sum[n]);
    }
  });
}

Status divide(float* target, const float* a, const float* b, int64_t start, int64_t end, const CallControl& control) {
  return parallelRange(control, start, end, grain, [&](int64_t from, int64_t to) {
    for (int64_t n = from; n < to; ++n) target[n] = b[n] > 0.0F ? a[n] / b[n] : 0.0F;
  });
}

Status clampRange(float* target, float low, float high, int64_t start, int64_t end, const CallControl& control) {
  return parallelRange(control, start, end, grain, [&](int64_t from, int64_t to) {
    for (int64_t n = from; n < to; ++n) {
      const float value = target[n];
      target[n] = value < low ? low : value > high ? high : value;
    }
  });
}

Status copyRange(float* target, const float* source, int64_t count, const CallControl& control) {
  return parallelRange(control, 0, count, grain, [&](int64_t from, int64_t to) { std::memcpy(target + from, source + from, static_cast<size_t>(to - from) * sizeof(float)); });
}

Status fillRandom(float* target, uint64_t seed, RandomDistribution distribution, int64_t start, int64_t end, const CallControl& control) {
  const uint64_t key = mix(seed);
  return parallelRange(control, start, end, grain, [&](int64_t from, int64_t to) {
    for (int64_t n = from; n < to; ++n) {
      const uint64_t bits = mix(key ^ mix(static_cast<uint64_t>(n)));
      if (distribution == RandomDistribution::uniform) {
        target[n] = static_cast<float>(bits >> 40) * 0x1p-24F;
      } else {
        // Box and Muller; the first uniform is in (0,1] so that its logarithm is finite.
        const double radius = std::sqrt(-2.0 * std::log(static_cast<double>((bits >> 32) + 1) * 0x1p-32));
        target[n] = static_cast<float>(radius * std::cos(2.0 * std::numbers::pi * static_cast<double>(bits & 0xffffffffU) * 0x1p-32));
      }
    }
  });
}

Status dotSlices(const float* a, const float* b, SliceRange range, double* result, const CallControl& control) {
  return forSlices(range, control, [&](int64_t index, int64_t offset) {
    result[index - range.first] = laneSum(range.length, [&](int64_t n) { return static_cast<double>(a[offset + n]) * static_cast<double>(b[offset + n]); });
  });
}

Status squaredErrorSlices(const float* x, const float* reference, SliceRange range, double* result, const CallControl& control) {
  return forSlices(range, control, [&](int64_t index, int64_t offset) {
    result[index - range.first] = laneSum(range.length, [&](int64_t n) {
      const double difference = static_cast<double>(x[offset + n]) - static_cast<double>(reference[offset + n]);
      return difference * difference;
    });
  });
}

Status minMaxSlices(const float* a, SliceRange range, double* result, const CallControl& control) {
  return forSlices(range, control, [&](int64_t index, int64_t offset) {
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (int64_t n = 0; n < range.length; ++n) {
      const float value = a[offset + n];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    result[2 * (index - range.first)] = static_cast<double>(low);
    result[2 * (index - range.first) + 1] = static_cast<double>(high);
  });
}

Status countNonFiniteSlices(const float* a, SliceRange range, double* result, const CallControl& control) {
  return forSlices(range, control, [&](int64_t index, int64_t offset) {
    int64_t count = 0;
    for (int64_t n = 0; n < range.length; ++n) count += std::isfinite(a[offset + n]) ? 0 : 1;
    result[index - range.first] = static_cast<double>(count);
  });
}

}  // namespace tomo
