// Arithmetic on arrays as programs of blocks: elementwise operations, one number a slice, tiles, and volumes laid out anew. Formulas as vector_ops.hpp and tiles.hpp.
#pragma once

#include "projection_programs.hpp"
#include "tomo/tiles.hpp"

namespace tomo {

struct NoShared {};

/// a*b + c rounded twice, as the CPU does it: results are the same to the last bit.
TOMO_HD double timesPlus(double a, double b, double c) {
#ifdef __CUDA_ARCH__
  return __dadd_rn(__dmul_rn(a, b), c);
#else
  return a * b + c;
#endif
}
TOMO_HD float timesPlus(float a, float b, float c) {
#ifdef __CUDA_ARCH__
  return __fadd_rn(__fmul_rn(a, b), c);
#else
  return a * b + c;
#endif
}

/// Elements that a block of an elementwise program works on.
constexpr int64_t elementsPerBlock = 4096;

/// target[to] = source[from] (or +=) over three axes; the first is contiguous in the source, the second in the target.
struct RearrangeProgram {
  static constexpr int threads = 256, tile = 32;
  struct Shared {
    float values[tile][tile + 1];
  };
  struct Axis {
    int64_t count, from, to;  // elements from one to the next
  };

  const float* source;
  float* target;
  Axis first, second, third;
  bool straight;  // the first axis is contiguous in both
  Store store;

  Grid grid() const { return {piecesOf(first.count, tile) * piecesOf(second.count, tile), smallerOf(third.count, mostGridYZ), 1}; }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared& shared) const {
    const int64_t across = piecesOf(first.count, tile), a0 = block.x % across * tile, b0 = block.x / across * tile;
    for (int64_t c = block.y; c < third.count; c += mostGridYZ) {
      block.each([&](int thread) {
        for (int n = thread; n < tile * tile; n += threads) {
          const int64_t a = a0 + n % tile, b = b0 + n / tile;
          if (a < first.count && b < second.count) shared.values[n / tile][n % tile] = source[a * first.from + b * second.from + c * third.from];
        }
      });
      block.each([&](int thread) {
        for (int n = thread; n < tile * tile; n += threads) {
          const int i = straight ? n % tile : n / tile, j = straight ? n / tile : n % tile;
          if (a0 + i >= first.count || b0 + j >= second.count) continue;
          float& to = target[(a0 + i) * first.to + (b0 + j) * second.to + c * third.to];
          to = store == Store::add ? to + shared.values[j][i] : shared.values[j][i];
        }
      });
    }
  }
};

/// An elementwise program over [0,count) that calls element(n).
template <typename Derived>
struct Elementwise {
  static constexpr int threads = 256;
  using Shared = NoShared;
  int64_t count;

  Grid grid() const { return {piecesOf(count, elementsPerBlock), 1, 1}; }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared&) const {
    const int64_t begin = block.x * elementsPerBlock, end = smallerOf(count, begin + elementsPerBlock);
    block.each([&](int thread) {
      for (int64_t n = begin + thread; n < end; n += threads) static_cast<const Derived*>(this)->element(n);
    });
  }
};

struct FillProgram : Elementwise<FillProgram> {
  float* target;
  float value;
  TOMO_BOTH void element(int64_t n) const { target[n] = value; }
};

struct ClampProgram : Elementwise<ClampProgram> {
  float* target;
  float low, high;
  TOMO_BOTH void element(int64_t n) const {
    const float value = target[n];
    target[n] = value < low ? low : value > high ? high : value;
  }
};

/// target = a / b where b > 0, else 0.
struct DivideProgram : Elementwise<DivideProgram> {
  float* target;
  const float* a;
  const float* b;
  TOMO_BOTH void element(int64_t n) const { target[n] = b[n] > 0.0F ? a[n] / b[n] : 0.0F; }
};

/// Sums in double, in order.
struct CombineProgram : Elementwise<CombineProgram> {
  static constexpr int mostTerms = 64;
  float* target;
  double offset;
  int terms;
  double coefficients[mostTerms];
  const float* sources[mostTerms];
  TOMO_BOTH void element(int64_t n) const {
    double sum = offset;
    for (int k = 0; k < terms; ++k) sum = timesPlus(coefficients[k], static_cast<double>(sources[k][n]), sum);
    target[n] = static_cast<float>(sum);
  }
};

enum class Reduction { dot, squaredError, least, most, notFinite };

/// One number a slice, in double; a block a slice, added up pairwise in a fixed order.
struct ReduceProgram {
  static constexpr int threads = 256;
  struct Shared {
    double parts[threads];
  };

  Reduction what;
  const float* a;
  const float* b;  // null where only one array is asked about
  int64_t length, firstSlice, slices;
  double* results;

  Grid grid() const { return {slices, 1, 1}; }

  TOMO_BOTH double start() const { return what == Reduction::least ? HUGE_VAL : what == Reduction::most ? -HUGE_VAL : 0.0; }
  TOMO_BOTH double with(double sum, double other) const {
    if (what == Reduction::least) return other < sum ? other : sum;
    if (what == Reduction::most) return other > sum ? other : sum;
    return sum + other;
  }
  TOMO_BOTH double term(int64_t n) const {
    const auto x = static_cast<double>(a[n]);
    if (what == Reduction::dot) return x * static_cast<double>(b[n]);
    if (what == Reduction::squaredError) return (x - static_cast<double>(b[n])) * (x - static_cast<double>(b[n]));
    if (what == Reduction::notFinite) return x - x == 0.0 ? 0.0 : 1.0;
    return x;
  }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared& shared) const {
    const int64_t offset = (firstSlice + block.x) * length;
    block.each([&](int thread) {
      double sum = start();
      for (int64_t n = thread; n < length; n += threads) sum = with(sum, term(offset + n));
      shared.parts[thread] = sum;
    });
    for (int half = threads / 2; half > 0; half /= 2) {
      block.each([&](int thread) {
        if (thread < half) shared.parts[thread] = with(shared.parts[thread], shared.parts[thread + half]);
      });
    }
    block.each([&](int thread) {
      if (thread == 0) results[block.x] = shared.parts[0];
    });
  }
};

/// As reflectIndex of tiles.hpp.
TOMO_HD int64_t reflected(int64_t at, int64_t n) {
  if (n == 1) return 0;
  const int64_t period = 2 * (n - 1);
  at %= period;
  if (at < 0) at += period;
  return at < n ? at : period - at;
}

/// A tile's numbers as kernels can hold them.
struct TileShape {
  int64_t volume[3], window[3], halo[3], network[3];
  int64_t tileStride, sliceStride;
};

struct GatherTilesProgram : Elementwise<GatherTilesProgram> {
  TileShape shape;
  const int32_t* starts;
  const float* volume;
  float shift, scale;
  float* target;
  TOMO_BOTH int64_t position(int64_t tile, int axis, int64_t at) const {
    const int64_t last = shape.window[axis] - 1;
    return reflected(starts[tile * 3 + axis] + (at < last ? at : last) - shape.halo[axis], shape.volume[axis]);
  }
  /// Elements of the network's input, tile after tile.
  TOMO_BOTH void element(int64_t n) const {
    const int64_t x = n % shape.network[2], y = n / shape.network[2] % shape.network[1], z = n / shape.network[2] / shape.network[1] % shape.network[0];
    const int64_t tile = n / shape.network[2] / shape.network[1] / shape.network[0];
    const float value = volume[(position(tile, 0, z) * shape.volume[1] + position(tile, 1, y)) * shape.volume[2] + position(tile, 2, x)];
    target[tile * shape.tileStride + z * shape.sliceStride + y * shape.network[2] + x] = (value - shift) * scale;
  }
};

/// One tile: its kept part into the volume.
struct ScatterTileProgram : Elementwise<ScatterTileProgram> {
  TileShape shape;
  int32_t keep[3], size[3], destination[3];
  const float* source;  // of the tile
  float scale, shift;
  float* volume;
  TOMO_BOTH void element(int64_t n) const {
    const int64_t x = n % size[2], y = n / size[2] % size[1], z = n / size[2] / size[1];
    const float value = source[(keep[0] + z) * shape.sliceStride + (keep[1] + y) * shape.network[2] + keep[2] + x];
    volume[((destination[0] + z) * shape.volume[1] + destination[1] + y) * shape.volume[2] + destination[2] + x] = timesPlus(value, scale, shift);
  }
};

}  // namespace tomo
