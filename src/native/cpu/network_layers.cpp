// The layers of a folded DRUNet: tiles and rows for the kernels of the instruction set.
#include "network_layers.hpp"

#include <algorithm>

namespace tomo {
namespace {

constexpr int64_t block = channelBlock;
constexpr int64_t mostTilesAtOnce = 28;

/// G g G^T of F(4x4, 3x3), in double.
std::array<double, tilePositions> transformedKernel(const float* kernel) {
  constexpr double g[6][3] = {{0.25, 0, 0}, {-1.0 / 6, -1.0 / 6, -1.0 / 6}, {-1.0 / 6, 1.0 / 6, -1.0 / 6}, {1.0 / 24, 1.0 / 12, 1.0 / 6}, {1.0 / 24, -1.0 / 12, 1.0 / 6}, {0, 0, 1}};
  double lines[6][3];
  for (int i = 0; i < 6; ++i) {
    for (int column = 0; column < 3; ++column) {
      lines[i][column] = 0;
      for (int row = 0; row < 3; ++row) lines[i][column] += g[i][row] * static_cast<double>(kernel[row * 3 + column]);
    }
  }
  std::array<double, tilePositions> result{};
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) {
      double sum = 0;
      for (int column = 0; column < 3; ++column) sum += lines[i][column] * g[j][column];
      result[static_cast<size_t>(i * 6 + j)] = sum;
    }
  }
  return result;
}

/// Where a channel's block of a row of results begins, and from one vector of a panel to the next.
struct PanelTarget {
  int64_t block, lane, vectorStep;
};

PanelTarget targetOf(const Panels::Panel& panel, int64_t blockStep) {
  const int64_t width = chooseNetworkKernels().vectorWidth;
  return {panel.firstChannel / block, panel.firstChannel % block, width == block ? blockStep : width};
}

/// The tiles of all slices.
struct TileGrid {
  int64_t rows, columns, tiles;

  explicit TileGrid(const Activations& of)
      : rows((of.height + tileEdge - 1) / tileEdge), columns((of.width + tileEdge - 1) / tileEdge), tiles(of.slices * rows * columns) {}
};

/// Tiles that are transformed at once. Both transforms and the weights of up to 64 channels stay in the second cache; of wider layers the weights are read from further away, for more tiles at once.
int64_t tilesAtOnce(int64_t in, int64_t out) { return in + out > 64 && in + out <= 128 ? 14 : mostTilesAtOnce; }

/// out = conv(in), rectified, or conv(in) + added, where `added` may be out itself. All of one size but for the channels.
class Convolution {
 public:
  Convolution(const Activations& in, const WinogradWeights& weights, const Activations* added, bool rectified, const Activations& out)
      : in_(in), weights_(weights), added_(added), rectified_(rectified), out_(out), grid_(in), atOnce_(tilesAtOnce(weights.in, weights.out)) {}

  int64_t pieces() const { return (grid_.tiles + atOnce_ - 1) / atOnce_; }
  int64_t panels() const { return static_cast<int64_t>(weights_.positions[0].panels.size()); }

  /// The tiles of one piece, for some panels of output channels.
  void compute(int64_t piece, int64_t firstPanel, int64_t lastPanel, const TileScratch& scratch) const {
    const int64_t first = piece * atOnce_, count = std::min(atOnce_, grid_.tiles - first);
    const int64_t inStride = positionStride(in_.blocks), outStride = positionStride(out_.blocks);
    for (int64_t tile = 0; tile < count; ++tile) readTile(first + tile, tile, inStride, scratch.input.data());
    multiply(count, firstPanel, lastPanel, inStride, outStride, scratch);
    const auto& panels = weights_.positions[0].panels;
    const int64_t width = kernels_.vectorWidth;
    const auto& last = panels[static_cast<size_t>(lastPanel - 1)];
    const int64_t firstBlock = panels[static_cast<size_t>(firstPanel)].firstChannel / block, endBlock = (last.firstChannel + last.vectors * width + block - 1) / block;
    for (int64_t tile = 0; tile < count; ++tile) writeTile(first + tile, tile, firstBlock, endBlock, outStride, scratch.output.data());
  }

  void computeAll(const TileScratch& scratch) const {
    for (int64_t piece = 0; piece < pieces(); ++piece) compute(piece, 0, panels(), scratch);
  }

 private:
  /// Floats from one position of the transform to the next; not a multiple of a page.
  int64_t positionStride(int64_t blocks) const { return blocks * atOnce_ * block + block; }

  void readTile(int64_t index, int64_t tile, int64_t stride, float* target) const {
    alignas(64) static constexpr float zeros[block] = {};
    const int64_t slice = index / (grid_.rows * grid_.columns), row = index / grid_.columns % grid_.rows, column = index % grid_.columns;
    const int64_t top = row * tileEdge - 1, left = column * tileEdge - 1;
    const float* d[tilePositions];
    for (int64_t channel = 0; channel < in_.blocks; ++channel) {
      const float* plane = in_.at(slice, channel);
      for (int64_t y = 0; y < tileReach; ++y) {
        const bool outside = top + y < 0 || top + y >= in_.height;
        for (int64_t x = 0; x < tileReach; ++x) {
          d[y * tileReach + x] = outside || left + x < 0 || left + x >= in_.width ? zeros : plane + ((top + y) * in_.width + left + x) * block;
        }
      }
      kernels_.transformInput(d, target + (channel * atOnce_ + tile) * block, stride);
    }
  }

  void multiply(int64_t count, int64_t firstPanel, int64_t lastPanel, int64_t inStride, int64_t outStride, const TileScratch& scratch) const {
    std::vector<const float*> blocks(static_cast<size_t>(in_.blocks));
    for (int64_t position = 0; position < tilePositions; ++position) {
      const float* v = scratch.input.data() + position * inStride;
      float* m = scratch.output.data() + position * outStride;
      for (int64_t channel = 0; channel < in_.blocks; ++channel) blocks[static_cast<size_t>(channel)] = v + channel * atOnce_ * block;
      const Panels& weights = weights_.positions[static_cast<size_t>(position)];
      for (int64_t p = firstPanel; p < lastPanel; ++p) {
        const auto& panel = weights.panels[static_cast<size_t>(p)];
        const PanelTarget target = targetOf(panel, atOnce_ * block);
        kernels_.product(blocks.data(), in_.blocks, count, block, weights.weights.data() + panel.offset, panel.vectors, m + target.block * atOnce_ * block + target.lane, block,
                         target.vectorStep);
      }
    }
  }

  void writeTile(int64_t index, int64_t tile, int64_t firstBlock, int64_t endBlock, int64_t stride, const float* source) const {
    const int64_t slice = index / (grid_.rows * grid_.columns), row = index / grid_.columns % grid_.rows, column = index % grid_.columns;
    const int64_t top = row * tileEdge, left = column * tileEdge;
    const int64_t height = std::min(tileEdge, out_.height - top), width = std::min(tileEdge, out_.width - left);
    alignas(64) float y[tileEdge * tileEdge * block];
    for (int64_t channel = firstBlock; channel < endBlock; ++channel) {
      kernels_.transformOutput(source + (channel * atOnce_ + tile) * block, stride, y);
      float* plane = out_.at(slice, channel);
      const float* added = added_ == nullptr ? nullptr : added_->at(slice, channel);
      for (int64_t i = 0; i < height; ++i) {
        for (int64_t j = 0; j < width; ++j) {
          const int64_t at = ((top + i) * out_.width + left + j) * block;
          kernels_.finish(y + (i * tileEdge + j) * block, added == nullptr ? nullptr : added + at, rectified_, plane + at);
        }
      }
    }
  }

  const Activations& in_;
  const WinogradWeights& weights_;
  const Activations* added_;
  bool rectified_;
  const Activations& out_;
  TileGrid grid_;
  int64_t atOnce_;
  const NetworkKernels& kernels_ = chooseNetworkKernels();
};

Status convolve(const Convolution& convolution, std::vector<TileScratch>& scratch, const CallControl& control) {
  // Few tiles are shared out by their channels too.
  const int64_t panels = convolution.panels(), pieces = convolution.pieces();
  const int64_t parts = pieces >= 2 * control.threads ? 1 : std::min<int64_t>(panels, control.threads);
  return parallelFor(control, pieces * parts, [&](int64_t index, int thread) {
    const int64_t part = index % parts;
    convolution.compute(index / parts, panels * part / parts, panels * (part + 1) / parts, scratch[static_cast<size_t>(thread)]);
  });
}

/// What a thread's share of the caches holds of a slice, about: 2 MiB.
constexpr int64_t keptFloats = int64_t{1} << 19;

/// As residualBlocks, each convolution over all slices: for few slices.
Status layerByLayer(const std::vector<ResidualBlock>& blocks, const Activations& source, const Activations& x, const Activations& inner, std::vector<TileScratch>& scratch,
                    const CallControl& control) {
  const Activations* from = &source;
  for (const ResidualBlock& each : blocks) {
    Status status = convolve(Convolution(*from, each[0], nullptr, true, inner), scratch, control);
    if (status.ok()) status = convolve(Convolution(inner, each[1], from, false, x), scratch, control);
    if (!status.ok()) return status;
    from = &x;
  }
  return Status::good();
}

}  // namespace

WinogradWeights WinogradWeights::of(const float* kernel, int64_t out, int64_t in) {
  std::vector<std::array<double, tilePositions>> transformed(static_cast<size_t>(out * in));
  for (size_t pair = 0; pair < transformed.size(); ++pair) transformed[pair] = transformedKernel(kernel + pair * 9);
  WinogradWeights result{in, out, {}};
  for (size_t position = 0; position < tilePositions; ++position) {
    result.positions.push_back(
        Panels::of(in, out, [&](int64_t k, int64_t channel) { return static_cast<float>(transformed[static_cast<size_t>(channel * in + k)][position]); }));
  }
  return result;
}

int64_t scratchFloats(int64_t channels) { return tilePositions * (channels * mostTilesAtOnce + block); }

TileScratch::TileScratch(int64_t channels) : input(scratchFloats(channels)), output(scratchFloats(channels)) {}

Status residualBlocks(const std::vector<ResidualBlock>& blocks, const Activations& source, const Activations& x, const Activations& inner, std::vector<TileScratch>& scratch,
                      const CallControl& control) {
  const int64_t threads = threadsFor(control, x.slices), rounds = (x.slices + threads - 1) / threads;
  const bool evenly = x.slices * 8 >= rounds * control.threads * 7, manyTiles = TileGrid(x).tiles >= x.slices * tilesAtOnce(x.blocks * block, x.blocks * block);
  const bool stays = x.blocks * x.plane() <= keptFloats;
  if (!evenly || !manyTiles || !stays) return layerByLayer(blocks, source, x, inner, scratch, control);
  // A slice goes through all blocks at once: what lies between them stays in the thread's cache.
  return parallelFor(control, x.slices, [&](int64_t slice, int thread) {
    const Activations between = inner.oneSlice(thread), to = x.oneSlice(slice);
    Activations from = source.oneSlice(slice);
    for (const ResidualBlock& each : blocks) {
      Convolution(from, each[0], nullptr, true, between).computeAll(scratch[static_cast<size_t>(thread)]);
      Convolution(between, each[1], &from, false, to).computeAll(scratch[static_cast<size_t>(thread)]);
      from = to;
    }
  });
}

Status stepDown(const Activations& in, const Panels& weights, const Activations& out, const CallControl& control) {
  const NetworkKernels& kernels = chooseNetworkKernels();
  return parallelFor(control, out.slices * out.height, [&](int64_t index, int) {
    const int64_t slice = index / out.height, y = index % out.height;
    std::vector<const float*> blocks;
    for (int64_t s = 0; s < 2; ++s) {
      for (int64_t dy = 0; dy < 2; ++dy) {
        for (int64_t dx = 0; dx < 2; ++dx) {
          for (int64_t channel = 0; channel < in.blocks; ++channel) {
            blocks.push_back(in.at(std::min(2 * slice + s, in.slices - 1), channel) + ((2 * y + dy) * in.width + dx) * block);
          }
        }
      }
    }
    for (const auto& panel : weights.panels) {
      const PanelTarget target = targetOf(panel, out.plane());
      kernels.product(blocks.data(), static_cast<int64_t>(blocks.size()), out.width, 2 * block, weights.weights.data() + panel.offset, panel.vectors,
                      out.at(slice, target.block) + y * out.width * block + target.lane, block, target.vectorStep);
    }
  });
}

Status stepUp(const Activations& in, const std::array<Panels, 8>& weights, const std::array<int64_t, 3>& offset, const Activations& out, const CallControl& control) {
  const NetworkKernels& kernels = chooseNetworkKernels();
  return parallelFor(control, out.slices * out.height, [&](int64_t index, int) {
    const int64_t slice = index / out.height, y = index % out.height;
    const int64_t fineZ = slice + offset[0], fineY = y + offset[1];
    std::vector<const float*> blocks(static_cast<size_t>(in.blocks));
    for (int64_t dx = 0; dx < 2; ++dx) {
      // Columns of the input whose result at dx lies in the part.
      const int64_t first = (offset[2] - dx + 1) / 2, end = (offset[2] + out.width - 1 - dx) / 2 + 1;
      if (end <= first) continue;
      for (int64_t channel = 0; channel < in.blocks; ++channel) blocks[static_cast<size_t>(channel)] = in.at(fineZ / 2, channel) + (fineY / 2 * in.width + first) * block;
      const Panels& taps = weights[static_cast<size_t>((fineZ % 2 * 2 + fineY % 2) * 2 + dx)];
      for (const auto& panel : taps.panels) {
        const PanelTarget target = targetOf(panel, out.plane());
        kernels.product(blocks.data(), in.blocks, end - first, block, taps.weights.data() + panel.offset, panel.vectors,
                        out.at(slice, target.block) + (y * out.width + 2 * first + dx - offset[2]) * block + target.lane, 2 * block, target.vectorStep);
      }
    }
  });
}

Status addPart(const Activations& skip, const std::array<int64_t, 3>& offset, const Activations& sum, const CallControl& control) {
  return parallelFor(control, sum.slices * sum.blocks, [&](int64_t index, int) {
    const int64_t slice = index / sum.blocks, channel = index % sum.blocks;
    for (int64_t y = 0; y < sum.height; ++y) {
      const float* from = skip.at(slice + offset[0], channel) + ((y + offset[1]) * skip.width + offset[2]) * block;
      float* to = sum.at(slice, channel) + y * sum.width * block;
      for (int64_t n = 0; n < sum.width * block; ++n) to[n] += from[n];
    }
  });
}

Status convolveInput(const float* input, const float* weights, const Activations& out, const CallControl& control) {
  const NetworkKernels& kernels = chooseNetworkKernels();
  const int64_t height = out.height, width = out.width;
  return parallelFor(control, out.slices * height, [&](int64_t index, int) {
    const int64_t slice = index / height, y = index % height;
    for (int64_t x = 0; x < width; ++x) {
      float values[18];
      for (int64_t n = 0; n < 18; ++n) {
        const int64_t row = y + n / 3 % 3 - 1, column = x + n % 3 - 1;
        const bool outside = row < 0 || row >= height || column < 0 || column >= width;
        values[n] = outside ? 0.0F : input[((slice * 2 + n / 9) * height + row) * width + column];
      }
      for (int64_t channel = 0; channel < out.blocks; ++channel) {
        kernels.weigh(values, 18, weights + channel * block, out.blocks * block, out.at(slice, channel) + (y * width + x) * block);
      }
    }
  });
}

Status convolveOutput(const Activations& in, const float* weights, float* output, const CallControl& control) {
  const NetworkKernels& kernels = chooseNetworkKernels();
  const int64_t height = in.height, width = in.width;
  return parallelFor(control, in.slices * height, [&](int64_t index, int) {
    const int64_t slice = index / height, y = index % height;
    std::vector<const float*> values(static_cast<size_t>(in.blocks * 9));
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t n = 0; n < in.blocks * 9; ++n) {
        const int64_t row = y + n % 9 / 3 - 1, column = x + n % 3 - 1;
        const bool outside = row < 0 || row >= height || column < 0 || column >= width;
        values[static_cast<size_t>(n)] = outside ? nullptr : in.at(slice, n / 9) + (row * width + column) * block;
      }
      output[(slice * height + y) * width + x] = kernels.dot(values.data(), in.blocks * 9, weights);
    }
  });
}

}  // namespace tomo
