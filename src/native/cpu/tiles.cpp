// Tiles on the CPU: reflected border, end padding, affine scaling; callers have checked that every index fits.
#include "tomo/tiles.hpp"

#include <vector>

namespace tomo {

Status gatherTiles(const float* volume, const TileLayout& layout, const int32_t* starts, int64_t tiles, float shift, float scale, float* target, const CallControl& control) {
  const int64_t depth = layout.networkShape[0], height = layout.networkShape[1], width = layout.networkShape[2];
  control.expect(tiles * depth);
  return parallelFor(control, tiles * depth, [&](int64_t index, int) {
    const int64_t tile = index / depth, z = index % depth;
    const int32_t* start = starts + tile * 3;
    // Position in the volume of a sample of the network's input: the window's last sample repeats beyond its end, the border reflects.
    const auto position = [&](size_t axis, int64_t at) {
      return reflectIndex(start[axis] + std::min(at, layout.window[axis] - 1) - layout.halo[axis], layout.volumeShape[axis]);
    };
    std::vector<int64_t> columns(static_cast<size_t>(width));
    for (int64_t x = 0; x < width; ++x) columns[static_cast<size_t>(x)] = position(2, x);
    const float* slice = volume + position(0, z) * layout.volumeShape[1] * layout.volumeShape[2];
    float* out = target + tile * layout.tileStride + z * layout.sliceStride;
    for (int64_t y = 0; y < height; ++y) {
      const float* row = slice + position(1, y) * layout.volumeShape[2];
      for (int64_t x = 0; x < width; ++x) out[y * width + x] = (row[columns[static_cast<size_t>(x)]] - shift) * scale;
    }
    control.advance();
  });
}

Status scatterTiles(const float* source, const TileLayout& layout, const int32_t* regions, int64_t tiles, float scale, float shift, float* volume, const CallControl& control) {
  const int64_t width = layout.networkShape[2];
  control.expect(tiles);
  return parallelFor(control, tiles, [&](int64_t tile, int) {
    const int32_t* keep = regions + tile * 9;
    const int32_t* size = keep + 3;
    const int32_t* destination = keep + 6;
    for (int64_t z = 0; z < size[0]; ++z) {
      for (int64_t y = 0; y < size[1]; ++y) {
        const float* in = source + tile * layout.tileStride + (keep[0] + z) * layout.sliceStride + (keep[1] + y) * width + keep[2];
        float* out = volume + ((destination[0] + z) * layout.volumeShape[1] + destination[1] + y) * layout.volumeShape[2] + destination[2];
        for (int64_t x = 0; x < size[2]; ++x) out[x] = in[x] * scale + shift;
      }
    }
    control.advance();
  });
}

}  // namespace tomo
