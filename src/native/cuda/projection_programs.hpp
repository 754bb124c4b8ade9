// Forward and back projection as programs of blocks: who computes what, in which order, with what in shared memory. Weights are those of tile_column.hpp.
//
// Both work column by column, as the CPU does: what a column of voxels sends to a detector line is worked out once and then spread over the few pixels
// across, or the other way round. A block keeps what it adds up to itself, so there are no atomics and the order of every sum is fixed.
#pragma once

#include "tile_column.hpp"

namespace tomo {

/// What happens to what is there already where a result goes.
enum class Store { set, add };

/// Views of one block: what the kernels of a pass work on together.
constexpr int viewsPerPass = 16;

/// images = pixels, with the lines of a view contiguous; times rayLength where the transpose of the projector wants it.
struct LoadImageProgram {
  static constexpr int threads = 256, tile = 32;
  struct Shared {
    float values[tile][tile + 1];
  };

  const DeviceView* views;
  int count, mostLines, mostAcross;
  const float* pixels;
  float* images;
  bool timesLength;

  Grid grid() const { return {piecesOf(mostLines, tile), piecesOf(mostAcross, tile), count}; }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared& shared) const {
    const DeviceView& view = views[block.z];
    const int line0 = static_cast<int>(block.x) * tile, c0 = static_cast<int>(block.y) * tile;
    const bool alongLines = view.strideR == 1 || view.strideR == -1;
    block.each([&](int thread) {
      for (int n = thread; n < tile * tile; n += threads) {
        // Neighbouring threads read neighbouring pixels.
        const int line = alongLines ? n % tile : n / tile, across = alongLines ? n / tile : n % tile, r = view.firstLine + line0 + line, c = c0 + across;
        if (line0 + line >= view.lines || c >= view.countC) continue;
        const float value = pixels[view.pixels + r * view.strideR + c * view.strideC];
        shared.values[across][line] = timesLength ? value * rayLength(view, static_cast<float>(r), static_cast<float>(c)) : value;
      }
    });
    block.each([&](int thread) {
      for (int n = thread; n < tile * tile; n += threads) {
        const int line = n % tile, across = n / tile;
        if (line0 + line < view.lines && c0 + across < view.countC) images[view.image + static_cast<int64_t>(c0 + across) * view.lines + line0 + line] = shared.values[across][line];
      }
    });
  }
};

/// pixels = A volume - measured, or pixels += A volume: a block makes 16 pixels across of 256 lines of one view.
struct ForwardProgram {
  static constexpr int threads = 256, across = 16, planesAhead = 64, planesPerPass = 4, slots = 16;
  struct Range {
    int first, last;
  };
  struct Shared {
    Range ranges[planesAhead];              // columns of each plane that may meet the tile
    TileColumn columns[planesPerPass * slots];
    int64_t voxels[planesPerPass * slots];  // where a column starts; negative: none
    float sums[across][threads + 1];
  };

  const DeviceView* views;
  int count, mostLines, mostAcross;
  VolumeSlab slab;
  const float* volume;
  const float* measured;  // null, or laid out as `pixels`, which it may be
  float* pixels;
  Store store;

  Grid grid() const { return {piecesOf(mostLines, threads), piecesOf(mostAcross, across), count}; }

  /// The pixels and lines of a block, and whether rays cross planes of constant q most steeply, or those of constant p.
  struct Tile {
    int line0, lines, c0, columns;
    bool overQ;
  };

  TOMO_BOTH static double perInner(const LinearForm& form, bool overQ) { return overQ ? form.perP : form.perQ; }
  TOMO_BOTH static double perPlane(const LinearForm& form, bool overQ) { return overQ ? form.perQ : form.perP; }

  /// How steeply the ray of (r,c) crosses planes of constant q (or p): the ray runs along the cross product of the two equations' gradients.
  TOMO_BOTH static double steepness(const DeviceView& view, double r, double c, bool overQ) {
    const double a = perInner(view.cross, overQ) - c * perInner(view.depth, overQ), b = view.cross.perL - c * view.depth.perL;
    const double d = perInner(view.line, overQ) - r * perInner(view.depth, overQ), e = view.line.perL - r * view.depth.perL;
    return a * e - b * d;
  }

  TOMO_BOTH Tile tileOf(const DeviceView& view, int64_t x, int64_t y) const {
    Tile tile{};
    tile.line0 = view.firstLine + static_cast<int>(x) * threads;
    tile.lines = static_cast<int>(smallerOf(threads, view.firstLine + view.lines - tile.line0));
    tile.c0 = static_cast<int>(y) * across;
    tile.columns = static_cast<int>(smallerOf(across, view.countC - tile.c0));
    const double r = tile.line0 + 0.5 * (tile.lines - 1), c = tile.c0 + 0.5 * (tile.columns - 1);
    tile.overQ = fabs(steepness(view, r, c, true)) >= fabs(steepness(view, r, c, false));
    return tile;
  }

  /**
   * Columns of a plane whose strips may meet the tile. A column's centre is at c on line r where cross = c*depth and line = r*depth: two equations for
   * its place in the plane and a height, monotone in r and c, so that the tile's corners, widened by half a strip, bound it.
   */
  TOMO_BOTH Range columnsOf(const DeviceView& view, const Tile& tile, int plane) const {
    const bool overQ = tile.overQ;
    const int begin = overQ ? 0 : slab.q0, end = overQ ? slab.countP : slab.q1;
    double least = 1e300, most = -1e300;
    const double at = plane;
    const double sign = steepness(view, tile.line0 + 0.5 * (tile.lines - 1), tile.c0 + 0.5 * (tile.columns - 1), overQ), half = static_cast<double>(view.halfStrip);
    for (int corner = 0; corner < 4; ++corner) {
      const double r = (corner & 1) != 0 ? tile.line0 + tile.lines - 0.5 : tile.line0 - 0.5;
      const double c = (corner & 2) != 0 ? tile.c0 + tile.columns - 1 + half : tile.c0 - half;
      const double b = view.cross.perL - c * view.depth.perL, e = view.line.perL - r * view.depth.perL;
      const double u = c * (view.depth.constant + at * perPlane(view.depth, overQ)) - view.cross.constant - at * perPlane(view.cross, overQ);
      const double v = r * (view.depth.constant + at * perPlane(view.depth, overQ)) - view.line.constant - at * perPlane(view.line, overQ);
      const double determinant = steepness(view, r, c, overQ);
      const double inner = (u * e - b * v) / determinant;
      // Rays along the plane: every column may be met.
      if (!(determinant * sign > 0) || !(fabs(inner) < 1e9)) return {begin, end - 1};
      least = inner < least ? inner : least;
      most = inner > most ? inner : most;
    }
    return {static_cast<int>(clampTo(floor(least) - 1.0, begin, end)), static_cast<int>(clampTo(ceil(most) + 1.0, begin - 1.0, end - 1.0))};
  }

  /// What a column sends into the line `line` lines beyond the tile's first.
  TOMO_BOTH float lineSum(const TileColumn& column, const float* voxels, float line) const {
    const float d = line - column.reference;
    const float z0 = faceAt(column, d - 0.5F), z1 = faceAt(column, d + 0.5F);
    if (!(z1 > z0)) return 0;
    int l = column.base + static_cast<int>(floorf(z0 - 1.5F)) + 1;
    l = l > slab.l0 ? l : slab.l0;
    float sum = 0, centre = static_cast<float>(l - column.base) + 0.5F;
    for (; l < slab.l1 && centre - 1.0F < z1; ++l, centre += 1.0F) {
      sum += (lineIntegral(z1 - centre, Basis::linear) - lineIntegral(z0 - centre, Basis::linear)) * voxels[l - slab.l0];
    }
    return sum;
  }

  TOMO_BOTH void prepare(const DeviceView& view, const Tile& tile, int plane, const Range& range, int n, int slot, Shared& shared) const {
    const int inner = range.first + n;
    shared.voxels[slot] = -1;
    if (inner > range.last) return;
    const int p = tile.overQ ? inner : plane, q = tile.overQ ? plane : inner;
    const ColumnFootprint<double> column = makeColumn<double>(view, static_cast<double>(p), static_cast<double>(q), Basis::linear);
    shared.columns[slot] = makeTileColumn(view, column, Basis::linear, slab.countL, tile.line0, tile.line0 + 0.5 * tile.lines, slab.l0, slab.l1);
    shared.voxels[slot] = slab.column(p, q);
  }

  /// What the prepared columns send into one line, spread over the tile's pixels.
  TOMO_BOTH void addColumns(const Tile& tile, int thread, Shared& shared) const {
    const auto line = static_cast<float>(thread);
    for (int slot = 0; slot < planesPerPass * slots; ++slot) {
      const TileColumn& column = shared.columns[slot];
      if (shared.voxels[slot] < 0 || tile.line0 + thread < column.firstLine || tile.line0 + thread >= column.lastLine) continue;
      const float value = lineSum(column, volume + shared.voxels[slot], line);
      forEachPixelAcross<Basis::linear>(column, line - column.reference, tile.c0, tile.c0 + tile.columns, [&](int c, float weight) { shared.sums[c - tile.c0][thread] += weight * value; });
    }
  }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared& shared) const {
    const DeviceView& view = views[block.z];
    const Tile tile = tileOf(view, block.x, block.y);
    if (tile.lines <= 0 || tile.columns <= 0) return;
    block.each([&](int thread) {
      for (int c = 0; c < across; ++c) shared.sums[c][thread] = 0;
    });
    const int begin = tile.overQ ? slab.q0 : 0, end = tile.overQ ? slab.q1 : slab.countP;
    for (int ahead = begin; ahead < end; ahead += planesAhead) {
      block.each([&](int thread) {
        if (thread < planesAhead) shared.ranges[thread] = ahead + thread < end ? columnsOf(view, tile, ahead + thread) : Range{0, -1};
      });
      for (int plane0 = ahead; plane0 < end && plane0 < ahead + planesAhead; plane0 += planesPerPass) {
        int most = 0;
        for (int n = 0; n < planesPerPass; ++n) {
          const Range& range = shared.ranges[plane0 - ahead + n];
          most = range.last - range.first + 1 > most ? range.last - range.first + 1 : most;
        }
        for (int taken = 0; taken < most; taken += slots) {
          block.each([&](int thread) {
            if (thread < planesPerPass * slots) prepare(view, tile, plane0 + thread / slots, shared.ranges[plane0 - ahead + thread / slots], taken + thread % slots, thread, shared);
          });
          block.each([&](int thread) {
            if (thread < tile.lines) addColumns(tile, thread, shared);
          });
        }
      }
      // Planes that no column of which meets the tile end without a barrier: no thread may write the next ranges while another still reads these.
      block.each([](int) {});
    }
    const bool alongLines = view.strideR == 1 || view.strideR == -1;
    block.each([&](int thread) {
      for (int n = thread; n < across * threads; n += threads) {
        // Neighbouring threads write neighbouring pixels.
        const int line = alongLines ? n % threads : n / across, c = alongLines ? n / threads : n % across;
        if (line >= tile.lines || c >= tile.columns) continue;
        const int r = tile.line0 + line;
        const int64_t at = view.pixels + r * view.strideR + (tile.c0 + c) * view.strideC;
        const float value = shared.sums[c][line] * rayLength(view, static_cast<float>(r), static_cast<float>(tile.c0 + c));
        pixels[at] = store == Store::add ? pixels[at] + value : measured != nullptr ? value - measured[at] : value;
      }
    });
  }
};

/// volume += what the images hold under the footprints: a block makes 128 voxels of 4 neighbouring columns, for all views of the pass.
template <Basis basis>
struct BackProgram {
  static constexpr int alongL = 128, columnsPerBlock = 4, threads = alongL * columnsPerBlock, window = 320;
  struct Shared {
    TileColumn columns[viewsPerPass][columnsPerBlock];
    float lines[columnsPerBlock][window];       // what the column gets from each line
    float edges[columnsPerBlock][window + 1];   // the faces between the lines
  };

  const DeviceView* views;
  int count;
  VolumeSlab slab;
  const float* images;
  float* volume;

  /// Neighbouring blocks work on neighbouring columns: they read the same pixels.
  Grid grid() const { return {piecesOf(slab.countP, columnsPerBlock) * (slab.q1 - slab.q0), piecesOf(slab.l1 - slab.l0, alongL), 1}; }

  template <typename Block>
  TOMO_BOTH void run(Block& block, Shared& shared) const {
    const auto groups = piecesOf(slab.countP, columnsPerBlock);
    const int p0 = static_cast<int>(block.x % groups) * columnsPerBlock, q = slab.q0 + static_cast<int>(block.x / groups);
    const int l0 = slab.l0 + static_cast<int>(block.y) * alongL, l1 = static_cast<int>(smallerOf(l0 + alongL, slab.l1));
    block.each([&](int thread) {
      const int index = thread / columnsPerBlock, p = p0 + thread % columnsPerBlock;
      if (index >= count) return;
      const DeviceView& view = views[index];
      // The last group may reach beyond the volume; its columns there are worked on and not kept.
      const ColumnFootprint<double> column = makeColumn<double>(view, static_cast<double>(p < slab.countP ? p : slab.countP - 1), static_cast<double>(q), basis);
      const double middle = lineOfFace(column, 0.5 * (l0 + l1));
      const int tileLine = static_cast<int>(clampTo(floor(middle), view.firstLine, view.firstLine + view.lines));
      shared.columns[index][thread % columnsPerBlock] = makeTileColumn(view, column, basis, slab.countL, tileLine, middle, l0, l1);
      // Lines are counted from firstLine here.
      TileColumn& made = shared.columns[index][thread % columnsPerBlock];
      made.reference += static_cast<float>(tileLine - made.firstLine);
    });
    typename Block::template PerThread<float> sum;
    block.each([&](int thread) { sum[thread] = 0; });
    for (int index = 0; index < count; ++index) {
      const DeviceView& view = views[index];
      int longest = 0;
      for (int n = 0; n < columnsPerBlock; ++n) longest = static_cast<int>(largerOf(longest, shared.columns[index][n].lastLine - shared.columns[index][n].firstLine));
      for (int first = 0; first < longest; first += window) {
        block.each([&](int thread) {
          const int n = thread / alongL;
          const TileColumn& column = shared.columns[index][n];
          const int lines = column.lastLine - column.firstLine;
          for (int k = thread % alongL; k <= window && first + k <= lines; k += alongL) {
            const float d = static_cast<float>(first + k) - column.reference;
            shared.edges[n][k] = faceAt(column, d - 0.5F);
            if (k == window || first + k == lines) continue;
            const float* line = images + view.image + column.firstLine + first + k - view.firstLine;
            float value = 0;
            forEachPixelAcross<basis>(column, d, 0, view.countC, [&](int c, float weight) { value += weight * line[static_cast<int64_t>(c) * view.lines]; });
            shared.lines[n][k] = value;
          }
        });
        block.each([&](int thread) {
          const int n = thread / alongL, l = l0 + thread % alongL;
          const TileColumn& column = shared.columns[index][n];
          const int kept = static_cast<int>(smallerOf(window, column.lastLine - column.firstLine - first));
          if (l < l1 && kept > 0) sum[thread] += voxelSum(column, shared.lines[n], shared.edges[n], first, kept, l);
        });
      }
    }
    block.each([&](int thread) {
      const int p = p0 + thread / alongL, l = l0 + thread % alongL;
      if (p < slab.countP && l < l1) volume[slab.column(p, q) + l - slab.l0] += sum[thread];
    });
  }

  /// What voxel l gets from `kept` lines that start `first` lines after the column's first.
  TOMO_BOTH static float voxelSum(const TileColumn& column, const float* lines, const float* edges, int first, int kept, int l) {
    constexpr float reach = basis == Basis::linear ? 1.0F : 0.5F;
    const float centre = static_cast<float>(l - column.base) + 0.5F;
    // The line before the one at the voxel's lower end, in case that one is off by rounding.
    const float start = floorf(lineAt(column, centre - reach) + 0.5F) - 1.0F - static_cast<float>(first);
    int k = start > 0 ? (start < static_cast<float>(kept) ? static_cast<int>(start) : kept) : 0;
    float sum = 0;
    if (k >= kept) return 0;
    float below = lineIntegral(edges[k] - centre, basis);
    for (; k < kept && edges[k] < centre + reach; ++k) {
      const float above = lineIntegral(edges[k + 1] - centre, basis);
      sum += (above - below) * lines[k];
      below = above;
    }
    return sum;
  }
};

}  // namespace tomo
