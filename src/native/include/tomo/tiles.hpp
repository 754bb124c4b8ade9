// Copies between a volume and the tiles a network reads and writes.
#pragma once

#include <array>
#include <cstdint>

#include "tomo/parallel.hpp"

namespace tomo {

using Triple = std::array<int64_t, 3>;  // (z,y,x)

/// As TileLayout of api.ts.
struct TileLayout {
  Triple volumeShape{}, window{}, halo{}, networkShape{};
  int64_t tileStride = 0, sliceStride = 0;
};

/// target[t*tileStride + z*sliceStride + y*Wn + x] = (volume - shift)*scale; `starts` 3 numbers a tile in the padded volume.
Status gatherTiles(const float* volume, const TileLayout& layout, const int32_t* starts, int64_t tiles, float shift, float scale, float* target, const CallControl& control);

/// volume = source*scale + shift over `regions`: 9 numbers a tile, keepStart, keepSize, destination.
Status scatterTiles(const float* source, const TileLayout& layout, const int32_t* regions, int64_t tiles, float scale, float shift, float* volume, const CallControl& control);

/// Index into an axis of n samples for position `at`, which may lie outside: reflected about the edge samples, as often as needed.
inline int64_t reflectIndex(int64_t at, int64_t n) {
  if (n == 1) return 0;
  const int64_t period = 2 * (n - 1);
  at %= period;
  if (at < 0) at += period;
  return at < n ? at : period - at;
}

}  // namespace tomo
