// Forward and back projection on the CPU: which columns meet which views, in what order and on which thread. The inner loops are in kernels_impl.hpp.
//
// Views go through in blocks. A block's views are kept transposed (detector lines contiguous) and scaled by ray length; voxels go through in tiles
// of neighbouring columns, copied so that a column is contiguous. A tile's share of a block of views fits the second-level cache.
// Forward, blocks are the threads' units of work; back, tiles are, and the next block is made while this one's tiles go on. Sums run over tiles
// (forward) and views (back) in an order that no thread count changes.
#include "tomo/projector.hpp"

#include <algorithm>

#include "aligned_floats.hpp"
#include "kernels.hpp"
#include "tile_pipeline.hpp"
#include "tomo/footprint.hpp"

namespace tomo {
namespace {

constexpr int64_t blockViews = 8;
constexpr int64_t tileColumns = 16;

/// Copies between a caller's view and its image with contiguous lines, in squares that stay in the first-level cache.
template <typename Copy>
void forEachPixel(const ViewFrame& view, int64_t stride, Copy&& copy) {
  constexpr int64_t square = 32;
  for (int64_t c0 = 0; c0 < view.countC; c0 += square) {
    for (int64_t r0 = 0; r0 < view.countR; r0 += square) {
      const int64_t lastC = std::min(c0 + square, view.countC), lastR = std::min(r0 + square, view.countR);
      for (int64_t c = c0; c < lastC; ++c) {
        for (int64_t r = r0; r < lastR; ++r) copy(c * stride + r, view.firstPixel + r * view.strideR + c * view.strideC, static_cast<float>(r), static_cast<float>(c));
      }
    }
  }
}

enum class Length { times, ignored };

void loadImage(const ViewFrame& view, const float* pixels, Length length, float* image, int64_t stride) {
  for (int64_t c = 0; c < view.countC; ++c) std::fill(image + c * stride + view.countR, image + (c + 1) * stride, 0.0F);
  if (length == Length::ignored) {
    forEachPixel(view, stride, [&](int64_t to, int64_t from, float, float) { image[to] = pixels[from]; });
  } else {
    forEachPixel(view, stride, [&](int64_t to, int64_t from, float r, float c) { image[to] = pixels[from] * rayLength(view, r, c); });
  }
}

void storeImage(const ViewFrame& view, const float* image, int64_t stride, const float* measured, float* pixels) {
  if (measured == nullptr) {
    forEachPixel(view, stride, [&](int64_t from, int64_t to, float r, float c) { pixels[to] = image[from] * rayLength(view, r, c); });
  } else {
    forEachPixel(view, stride, [&](int64_t from, int64_t to, float r, float c) { pixels[to] = image[from] * rayLength(view, r, c) - measured[to]; });
  }
}

/// Elements of a tile's copy from one column to the next: whole vectors.
int64_t voxelStride(const ViewFrame& view) { return (view.countL + maxVector - 1) / maxVector * maxVector + leadPadding + linePadding; }

/// Asks for the tile's part of the volume, whose lines lie too far apart for the processor to see them coming.
void prefetchTile(const ViewFrame& view, const ColumnTile& tile, const float* volume) {
#if defined(__GNUC__)
  const float* source = volume + tile.q * view.strideQ + tile.p0 * view.strideP;
  for (int64_t l = 0; l < view.countL; ++l) {
    __builtin_prefetch(source + l * view.strideL);
    __builtin_prefetch(source + l * view.strideL + (tile.count - 1) * view.strideP);
  }
#else
  static_cast<void>(view), static_cast<void>(tile), static_cast<void>(volume);
#endif
}

void loadTile(const ViewFrame& view, const ColumnTile& tile, const float* volume, float* voxels) {
  const float* source = volume + tile.q * view.strideQ + tile.p0 * view.strideP;
  for (int64_t l = 0; l < view.countL; ++l) {
    for (int64_t n = 0; n < tile.count; ++n) voxels[n * tile.voxelStride + l] = source[l * view.strideL + n * view.strideP];
  }
}

void addTile(const ViewFrame& view, const ColumnTile& tile, const float* voxels, float* volume) {
  float* target = volume + tile.q * view.strideQ + tile.p0 * view.strideP;
  for (int64_t l = 0; l < view.countL; ++l) {
    for (int64_t n = 0; n < tile.count; ++n) target[l * view.strideL + n * view.strideP] += voxels[n * tile.voxelStride + l];
  }
}

class CpuProjector final : public Projector {
 public:
  CpuProjector(const ScanGeometry& geometry, const Kernels& kernels) : geometry_(geometry), kernels_(kernels) {
    for (int64_t index = 0; index < geometry.views(); ++index) {
      const ViewFrame view = makeViewFrame(geometry, index);
      groups_[view.lineAxis].push_back({view, index});
    }
  }

  Status forward(const float* volume, const float* measured, float* sinogram, const CallControl& control) const override {
    int64_t total = 0;
    for (const Group& group : groups_) total += static_cast<int64_t>(group.size()) * (group.empty() ? 0 : group[0].frame.countQ);
    control.expect(total);
    for (const Group& group : groups_) {
      if (group.empty()) continue;
      // Blocks as equal as can be: a view's result does not depend on the block it is in.
      const auto views = static_cast<int64_t>(group.size());
      const int64_t threads = std::clamp<int64_t>(control.threads, 1, views);
      const int64_t perThread = (views + threads - 1) / threads;
      const int64_t blocks = std::min(views, threads * ((perThread + blockViews - 1) / blockViews));
      Status status = parallelFor(control, blocks, [&](int64_t block, int) { projectBlock(group, block * views / blocks, (block + 1) * views / blocks, volume, measured, sinogram, control); });
      if (!status.ok()) return status;
    }
    return Status::good();
  }

  Status back(const float* sinogram, float* volume, const CallControl& control) const override { return gather(sinogram, nullptr, volume, control); }

  Status average(const ViewSource& source, float* volume, const CallControl& control) const override { return gather(nullptr, &source, volume, control); }

 private:
  struct View {
    ViewFrame frame;
    int64_t index;
  };
  /// Views of the same line axis.
  using Group = std::vector<View>;

  static ColumnTile tileAt(const ViewFrame& view, int64_t p0, int64_t q) { return {p0, q, std::min(tileColumns, view.countP - p0), voxelStride(view)}; }

  /// Where the images of some views start in one buffer, and its length: each from its own stride.
  static std::vector<int64_t> imageOffsets(const Group& group, int64_t first, int64_t last) {
    std::vector<int64_t> offsets{0};
    for (int64_t n = first; n < last; ++n) {
      const ViewFrame& view = group[static_cast<size_t>(n)].frame;
      offsets.push_back(offsets.back() + view.countC * imageStride(view.countR));
    }
    return offsets;
  }

  void projectBlock(const Group& group, int64_t first, int64_t last, const float* volume, const float* measured, float* sinogram, const CallControl& control) const {
    const std::vector<int64_t> offsets = imageOffsets(group, first, last);
    const AlignedFloats images(offsets.back());
    std::fill(images.data(), images.data() + offsets.back(), 0.0F);
    const ViewFrame& common = group[static_cast<size_t>(first)].frame;
    const int64_t copied = tileColumns * voxelStride(common);
    const AlignedFloats voxels(copied);
    std::fill(voxels.data(), voxels.data() + copied, 0.0F);
    for (int64_t q = 0; q < common.countQ; ++q) {
      if (control.cancelled()) return;
      for (int64_t p0 = 0; p0 < common.countP; p0 += tileColumns) {
        const ColumnTile tile = tileAt(common, p0, q);
        loadTile(common, tile, volume, voxels.data() + leadPadding);
        const bool rowGoesOn = p0 + tileColumns < common.countP;
        if (rowGoesOn || q + 1 < common.countQ) prefetchTile(common, rowGoesOn ? tileAt(common, p0 + tileColumns, q) : tileAt(common, 0, q + 1), volume);
        for (int64_t n = first; n < last; ++n) {
          const ViewFrame& view = group[static_cast<size_t>(n)].frame;
          kernels_.project(view, tile, voxels.data() + leadPadding, images.data() + offsets[static_cast<size_t>(n - first)], imageStride(view.countR));
        }
      }
      control.advance(last - first);
    }
    for (int64_t n = first; n < last; ++n) {
      const View& view = group[static_cast<size_t>(n)];
      const int64_t offset = view.index * geometry_.pixelsPerView();
      storeImage(view.frame, images.data() + offsets[static_cast<size_t>(n - first)], imageStride(view.frame.countR), measured == nullptr ? nullptr : measured + offset, sinogram + offset);
    }
  }

  /// What one thread of gather works with, made when it first has something to do.
  struct Workspace {
    AlignedFloats voxels, scratch, pixels;
  };

  Status gather(const float* sinogram, const ViewSource* source, float* volume, const CallControl& control) const {
    std::vector<TileBlock> blocks;
    int64_t longestVoxels = 0, largestImages = 0;
    for (const Group& group : groups_) {
      const auto views = static_cast<int64_t>(group.size());
      for (int64_t first = 0; first < views; first += blockViews) {
        const ViewFrame& common = group[static_cast<size_t>(first)].frame;
        const int64_t last = std::min(first + blockViews, views);
        blocks.push_back({common.lineAxis, first, last, (common.countP + tileColumns - 1) / tileColumns * common.countQ});
        longestVoxels = std::max(longestVoxels, voxelStride(common));
        largestImages = std::max(largestImages, imageOffsets(group, first, last).back());
      }
    }
    const int64_t longestLine = std::max(imageStride(geometry_.detectorRows), imageStride(geometry_.detectorColumns)) + leadPadding + linePadding;
    TilePipeline pipeline(std::move(blocks));
    const int threads = pipeline.threadsOf(control);
    std::vector<Workspace> workspaces(static_cast<size_t>(threads));
    const AlignedFloats images(largestImages * pipeline.buffers());
    const auto imageOf = [&](const TileBlock& block, int64_t buffer, int64_t view) {
      return images.data() + buffer * largestImages + imageOffsets(groups_[static_cast<size_t>(block.group)], block.firstView, view).back();
    };
    const auto load = [&](const TileBlock& block, int64_t buffer, int64_t n, int thread) {
      const View& view = groups_[static_cast<size_t>(block.group)][static_cast<size_t>(n)];
      float* image = imageOf(block, buffer, n);
      if (source == nullptr) {
        loadImage(view.frame, sinogram + view.index * geometry_.pixelsPerView(), Length::times, image, imageStride(view.frame.countR));
        return;
      }
      AlignedFloats& pixels = workspaces[static_cast<size_t>(thread)].pixels;
      if (pixels.data() == nullptr) pixels = AlignedFloats(geometry_.pixelsPerView());
      source->produce(view.index, pixels.data());
      loadImage(view.frame, pixels.data(), Length::ignored, image, imageStride(view.frame.countR));
    };
    const Basis basis = source == nullptr ? Basis::linear : Basis::box;
    const int64_t lead = leadOf(basis);
    const auto fill = [&](const TileBlock& block, int64_t buffer, int64_t index, int thread) {
      Workspace& workspace = workspaces[static_cast<size_t>(thread)];
      if (workspace.voxels.data() == nullptr) workspace = {AlignedFloats(tileColumns * longestVoxels), AlignedFloats(longestLine), std::move(workspace.pixels)};
      const Group& group = groups_[static_cast<size_t>(block.group)];
      const ViewFrame& common = group[static_cast<size_t>(block.firstView)].frame;
      const int64_t tilesOfRow = (common.countP + tileColumns - 1) / tileColumns;
      const ColumnTile tile = tileAt(common, index % tilesOfRow * tileColumns, index / tilesOfRow);
      float* voxels = workspace.voxels.data();
      prefetchTile(common, tile, volume);
      std::fill(voxels, voxels + tileColumns * tile.voxelStride, 0.0F);
      const float* image = imageOf(block, buffer, block.firstView);
      for (int64_t n = block.firstView; n < block.lastView; ++n) {
        const ViewFrame& view = group[static_cast<size_t>(n)].frame;
        kernels_.gather(view, tile, basis, image, imageStride(view.countR), voxels + lead, workspace.scratch.data());
        image += view.countC * imageStride(view.countR);
      }
      addTile(common, tile, voxels + lead, volume);
    };
    std::fill(volume, volume + geometry_.voxels(), 0.0F);
    return pipeline.run(control, load, fill);
  }

  ScanGeometry geometry_;
  std::array<Group, 3> groups_;
  const Kernels& kernels_;
};

}  // namespace

std::unique_ptr<Projector> makeCpuProjector(const ScanGeometry& geometry, const Kernels* kernels) {
  return std::make_unique<CpuProjector>(geometry, kernels != nullptr ? *kernels : chooseKernels());
}

}  // namespace tomo
