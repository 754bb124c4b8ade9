// A folded 2D DRUNet on the processor; which part of a window it computes at each level is the caller's (src/engine/tiling/drunetRegions.ts).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "tomo/error.hpp"
#include "tomo/parallel.hpp"

namespace tomo {

constexpr int drunetLevels = 4;
/// Channels are worked on in blocks of so many; a network with other multiples cannot be run here.
constexpr int64_t channelBlock = 16;

struct DrunetLayout {
  std::array<int64_t, drunetLevels> channels{};
  int64_t blocks = 0;  // residual blocks a stage
};

/// Slices, rows and columns [start, end), in voxels of a level.
struct LevelBox {
  std::array<int64_t, 3> start{}, end{};

  int64_t size(int axis) const { return end[static_cast<size_t>(axis)] - start[static_cast<size_t>(axis)]; }
};

struct DrunetLevel {
  LevelBox encoder;          // all rows and columns of the window
  int64_t pairedSlices = 0;  // what the next strided stage reads: the encoder's slices, the last one repeated up to here
  LevelBox decoder;
};

using DrunetRegions = std::array<DrunetLevel, drunetLevels>;

/**
 * The residual network of Zhang et al. 2021 (DPIR) without biases. Its 3x3 convolutions are computed by F(4x4, 3x3) of Winograd (Lavin, Gray 2016, "Fast
 * algorithms for convolutional neural networks"): 36 multiplications where the definition has 144. The result of a window depends neither on the
 * number of threads nor on what else is computed.
 */
class Drunet {
 public:
  virtual ~Drunet() = default;

  /// Lengths of the weights in the order of the model's graph (src/worker/formats/drunetTensors.ts).
  static std::vector<int64_t> weightLengths(const DrunetLayout& layout);
  /// `weights`: float32, one tensor after the other. badInput where channels are no multiples of channelBlock, outOfMemory where there is no room.
  static Result<std::shared_ptr<const Drunet>> create(const DrunetLayout& layout, const float* weights);

  /**
   * output (B*m,1,h,w) = network(input (B*n,2,H,W)); n,H,W are the finest encoder's, m,h,w the finest decoder's. Windows are computed one after the other.
   * The working memory of one window is taken for the call. outOfMemory names what was asked for; cancelled between layers.
   */
  virtual Status run(const float* input, float* output, int64_t batch, const DrunetRegions& regions, const CallControl& control) const = 0;

  /// Bytes of working memory that `run` takes.
  virtual int64_t workingBytes(const DrunetRegions& regions, int threads) const = 0;
};

}  // namespace tomo
