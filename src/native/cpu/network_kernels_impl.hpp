// The network's inner loops over the vectors of one instruction set; included by kernels_*.cpp after its Simd.
#pragma once

#include "network_kernels.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#define TOMO_UNROLL _Pragma("GCC unroll 64")
#else
#define TOMO_UNROLL
#endif

namespace tomo {
namespace {

constexpr int32_t blockVectors = 16 / Simd::width;
/// Accumulators and what they are fed with fit the registers: 32 of AVX-512, 16 of the others.
constexpr int64_t mostRows = Simd::width == 16 ? 14 : 6;

template <int64_t Rows, int64_t Vectors, int64_t RowStride>
void productOf(const float* const* blocks, int64_t blockCount, int64_t firstRow, const float* weights, float* out, int64_t outRowStride, int64_t outVectorStep) {
  using F = Simd::F;
  F sums[Rows][Vectors];
  TOMO_UNROLL
  for (int64_t r = 0; r < Rows; ++r) {
    TOMO_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) sums[r][v] = Simd::set(0.0F);
  }
  for (int64_t b = 0; b < blockCount; ++b) {
    const float* a = blocks[b] + firstRow * RowStride;
    for (int64_t k = 0; k < 16; ++k) {
      F w[Vectors];
      TOMO_UNROLL
      for (int64_t v = 0; v < Vectors; ++v) w[v] = Simd::load(weights + v * Simd::width);
      weights += Vectors * Simd::width;
      TOMO_UNROLL
      for (int64_t r = 0; r < Rows; ++r) {
        const F x = Simd::set(a[r * RowStride + k]);
        TOMO_UNROLL
        for (int64_t v = 0; v < Vectors; ++v) sums[r][v] = Simd::fma(x, w[v], sums[r][v]);
      }
    }
  }
  TOMO_UNROLL
  for (int64_t r = 0; r < Rows; ++r) {
    TOMO_UNROLL
    for (int64_t v = 0; v < Vectors; ++v) Simd::store(out + (firstRow + r) * outRowStride + v * outVectorStep, sums[r][v]);
  }
}

template <int64_t Vectors, int64_t RowStride>
void productRowsOf(const float* const* blocks, int64_t blockCount, int64_t rows, const float* weights, float* out, int64_t outRowStride, int64_t outVectorStep) {
  int64_t row = 0;
  for (; row + mostRows <= rows; row += mostRows) productOf<mostRows, Vectors, RowStride>(blocks, blockCount, row, weights, out, outRowStride, outVectorStep);
  for (; row + mostRows / 2 <= rows; row += mostRows / 2) {
    productOf<mostRows / 2, Vectors, RowStride>(blocks, blockCount, row, weights, out, outRowStride, outVectorStep);
  }
  for (; row + 2 <= rows; row += 2) productOf<2, Vectors, RowStride>(blocks, blockCount, row, weights, out, outRowStride, outVectorStep);
  for (; row < rows; ++row) productOf<1, Vectors, RowStride>(blocks, blockCount, row, weights, out, outRowStride, outVectorStep);
}

void product(const float* const* blocks, int64_t blockCount, int64_t rows, int64_t rowStride, const float* weights, int64_t vectors, float* out, int64_t outRowStride,
             int64_t outVectorStep) {
  const auto call = vectors == 2 ? (rowStride == 16 ? productRowsOf<2, 16> : productRowsOf<2, 32>) : (rowStride == 16 ? productRowsOf<1, 16> : productRowsOf<1, 32>);
  call(blocks, blockCount, rows, weights, out, outRowStride, outVectorStep);
}

/// B^T of F(4x4, 3x3) with the points 0, 1, -1, 2, -2 and infinity.
inline void inputLine(const Simd::F (&d)[6], Simd::F (&r)[6]) {
  using F = Simd::F;
  const F four = Simd::set(4.0F), minusFive = Simd::set(-5.0F), minusFour = Simd::set(-4.0F), two = Simd::set(2.0F);
  r[0] = Simd::fma(four, d[0], Simd::fma(minusFive, d[2], d[4]));
  const F even = Simd::fma(minusFour, d[2], d[4]), odd = Simd::fma(minusFour, d[1], d[3]);
  r[1] = Simd::add(even, odd);
  r[2] = Simd::sub(even, odd);
  const F wide = Simd::sub(d[4], d[2]), slope = Simd::mul(two, Simd::sub(d[3], d[1]));
  r[3] = Simd::add(wide, slope);
  r[4] = Simd::sub(wide, slope);
  r[5] = Simd::fma(four, d[1], Simd::fma(minusFive, d[3], d[5]));
}

void transformInput(const float* const* d, float* out, int64_t positionStride) {
  using F = Simd::F;
  for (int32_t part = 0; part < blockVectors; ++part) {
    const int32_t lane = part * Simd::width;
    F lines[6][6];
    TOMO_UNROLL
    for (int64_t column = 0; column < 6; ++column) {
      F values[6], result[6];
      TOMO_UNROLL
      for (int64_t row = 0; row < 6; ++row) values[row] = Simd::load(d[row * 6 + column] + lane);
      inputLine(values, result);
      TOMO_UNROLL
      for (int64_t row = 0; row < 6; ++row) lines[row][column] = result[row];
    }
    TOMO_UNROLL
    for (int64_t row = 0; row < 6; ++row) {
      F result[6];
      inputLine(lines[row], result);
      TOMO_UNROLL
      for (int64_t column = 0; column < 6; ++column) Simd::store(out + (row * 6 + column) * positionStride + lane, result[column]);
    }
  }
}

/// A^T of the same.
inline void outputLine(const Simd::F (&m)[6], Simd::F (&y)[4]) {
  using F = Simd::F;
  const F a = Simd::add(m[1], m[2]), b = Simd::sub(m[1], m[2]), c = Simd::add(m[3], m[4]), d = Simd::sub(m[3], m[4]);
  y[0] = Simd::add(m[0], Simd::add(a, c));
  y[1] = Simd::fma(Simd::set(2.0F), d, b);
  y[2] = Simd::fma(Simd::set(4.0F), c, a);
  y[3] = Simd::add(Simd::fma(Simd::set(8.0F), d, b), m[5]);
}

void transformOutput(const float* m, int64_t positionStride, float* y) {
  using F = Simd::F;
  for (int32_t part = 0; part < blockVectors; ++part) {
    const int32_t lane = part * Simd::width;
    F lines[4][6];
    TOMO_UNROLL
    for (int64_t column = 0; column < 6; ++column) {
      F values[6], result[4];
      TOMO_UNROLL
      for (int64_t row = 0; row < 6; ++row) values[row] = Simd::load(m + (row * 6 + column) * positionStride + lane);
      outputLine(values, result);
      TOMO_UNROLL
      for (int64_t row = 0; row < 4; ++row) lines[row][column] = result[row];
    }
    TOMO_UNROLL
    for (int64_t row = 0; row < 4; ++row) {
      F result[4];
      outputLine(lines[row], result);
      TOMO_UNROLL
      for (int64_t column = 0; column < 4; ++column) Simd::store(y + (row * 4 + column) * 16 + lane, result[column]);
    }
  }
}

void finish(const float* source, const float* added, bool rectified, float* target) {
  for (int32_t lane = 0; lane < 16; lane += Simd::width) {
    Simd::F value = Simd::load(source + lane);
    if (added != nullptr) value = Simd::add(value, Simd::load(added + lane));
    if (rectified) value = Simd::max(value, Simd::set(0.0F));
    Simd::store(target + lane, value);
  }
}

float dot(const float* const* values, int64_t count, const float* weights) {
  Simd::F sum = Simd::set(0.0F);
  for (int64_t n = 0; n < count; ++n) {
    if (values[n] == nullptr) continue;
    for (int32_t lane = 0; lane < 16; lane += Simd::width) sum = Simd::fma(Simd::load(values[n] + lane), Simd::load(weights + n * 16 + lane), sum);
  }
  float lanes[Simd::width];
  Simd::store(lanes, sum);
  float total = 0.0F;
  for (int32_t lane = 0; lane < Simd::width; ++lane) total += lanes[lane];
  return total;
}

void weigh(const float* values, int64_t count, const float* weights, int64_t stride, float* target) {
  for (int32_t lane = 0; lane < 16; lane += Simd::width) {
    Simd::F sum = Simd::set(0.0F);
    for (int64_t n = 0; n < count; ++n) sum = Simd::fma(Simd::set(values[n]), Simd::load(weights + n * stride + lane), sum);
    Simd::store(target + lane, sum);
  }
}

constexpr NetworkKernels networkKernels{Simd::width, mostRows, product, transformInput, transformOutput, finish, dot, weigh};

}  // namespace
}  // namespace tomo
