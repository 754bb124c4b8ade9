// The layers of a folded DRUNet over blocked activations; which layer follows which is drunet.cpp's.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "aligned_floats.hpp"
#include "network_kernels.hpp"
#include "tomo/drunet.hpp"

namespace tomo {

/// Activations of some slices in blocks of 16 channels: value(z, c, y, x) at data + (((z*blocks + c/16)*height + y)*width + x)*16 + c%16.
struct Activations {
  float* data = nullptr;
  int64_t slices = 0, blocks = 0, height = 0, width = 0;

  int64_t plane() const { return height * width * channelBlock; }
  float* at(int64_t slice, int64_t block) const { return data + (slice * blocks + block) * plane(); }
  int64_t floats() const { return slices * blocks * plane(); }
  Activations oneSlice(int64_t slice) const { return {at(slice, 0), 1, blocks, height, width}; }
};

/// Weights of matrix products, for channels of an output in panels of one or two vectors.
struct Panels {
  struct Panel {
    int64_t firstChannel, vectors, offset;
  };
  int64_t depth = 0;  // numbers a sum has: a multiple of 16
  std::vector<Panel> panels;
  AlignedFloats weights;

  /// `weight(k, channel)` is the factor of the k-th number.
  template <typename Weight>
  static Panels of(int64_t depth, int64_t channels, Weight&& weight);
};

/// A 3x3 convolution as 36 matrix products.
struct WinogradWeights {
  int64_t in = 0, out = 0;
  std::vector<Panels> positions;

  /// kernel: (out, in, 3, 3).
  static WinogradWeights of(const float* kernel, int64_t out, int64_t in);
};

/// Working memory of the convolutions of one thread, in a network whose widest layer has `channels`.
struct TileScratch {
  AlignedFloats input, output;
  explicit TileScratch(int64_t channels);
};

/// Floats of one of the two transforms of TileScratch.
int64_t scratchFloats(int64_t channels);

/// A residual block: conv2(max(0, conv1(x))) + x.
using ResidualBlock = std::array<WinogradWeights, 2>;

/// x = the blocks one after the other, from `source` (which may be x), with `inner` as the memory between. All of one size.
Status residualBlocks(const std::vector<ResidualBlock>& blocks, const Activations& source, const Activations& x, const Activations& inner, std::vector<TileScratch>& scratch,
                      const CallControl& control);

/// out = strided convolution over pairs of slices; pair p reads slices min(2p + s, last). kernel panels: depth 8*in ordered (s, dy, dx, channel).
Status stepDown(const Activations& in, const Panels& weights, const Activations& out, const CallControl& control);

/// out = transposed strided convolution, cut to a box: out's voxel (z,y,x) is voxel (z,y,x) + offset of the doubled input. panels: one for each of (s, dy, dx).
Status stepUp(const Activations& in, const std::array<Panels, 8>& weights, const std::array<int64_t, 3>& offset, const Activations& out, const CallControl& control);

/// sum += part of `skip` whose corner is at `offset`.
Status addPart(const Activations& skip, const std::array<int64_t, 3>& offset, const Activations& sum, const CallControl& control);

/// First layer: input (slices, 2, height, width); weights (18, out): numbers ordered (channel, dy, dx).
Status convolveInput(const float* input, const float* weights, const Activations& out, const CallControl& control);

/// Last layer: output (slices, 1, height, width); weights (blocks, 9, 16).
Status convolveOutput(const Activations& in, const float* weights, float* output, const CallControl& control);

template <typename Weight>
Panels Panels::of(int64_t depth, int64_t channels, Weight&& weight) {
  const int64_t width = chooseNetworkKernels().vectorWidth;
  Panels result;
  result.depth = depth;
  result.weights = AlignedFloats(depth * channels);
  float* at = result.weights.data();
  for (int64_t channel = 0; channel < channels;) {
    const int64_t vectors = channels - channel >= 2 * width ? 2 : 1;
    result.panels.push_back({channel, vectors, at - result.weights.data()});
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t lane = 0; lane < vectors * width; ++lane) *at++ = weight(k, channel + lane);
    }
    channel += vectors * width;
  }
  return result;
}

}  // namespace tomo
