// The order of a DRUNet's layers, its weights and its working memory; the layers are network_layers.cpp's.
#include "tomo/drunet.hpp"

#include <algorithm>
#include <string>

#include "network_layers.hpp"

namespace tomo {
namespace {

struct Memory {
  std::array<AlignedFloats, drunetLevels> skips;
  AlignedFloats first, second;
  std::vector<TileScratch> scratch;
};

Activations sized(const AlignedFloats& memory, const LevelBox& box, int64_t channels) {
  return {memory.data(), box.size(0), channels / channelBlock, box.size(1), box.size(2)};
}

int64_t voxels(const LevelBox& box) { return box.size(0) * box.size(1) * box.size(2); }

std::array<int64_t, 3> difference(const LevelBox& inner, const LevelBox& outer, int64_t scale) {
  return {inner.start[0] - scale * outer.start[0], inner.start[1] - scale * outer.start[1], inner.start[2] - scale * outer.start[2]};
}

class BlockedDrunet final : public Drunet {
 public:
  BlockedDrunet(const DrunetLayout& layout, const float* weights) : layout_(layout) {
    const auto& channels = layout.channels;
    const float* at = weights;
    const int64_t finest = channels[0];
    // (out, 2, 3, 3) -> (18, out)
    head_ = AlignedFloats(18 * finest);
    for (int64_t n = 0; n < 18; ++n) {
      for (int64_t c = 0; c < finest; ++c) head_.data()[n * finest + c] = at[c * 18 + n];
    }
    at += 18 * finest;
    const auto stage = [&](int64_t width) {
      std::vector<ResidualBlock> blocks;
      for (int64_t n = 0; n < layout.blocks; ++n) {
        WinogradWeights first = WinogradWeights::of(at, width, width);
        at += width * width * 9;
        WinogradWeights second = WinogradWeights::of(at, width, width);
        at += width * width * 9;
        blocks.push_back({std::move(first), std::move(second)});
      }
      return blocks;
    };
    for (size_t level = 0; level + 1 < drunetLevels; ++level) {
      const int64_t fine = channels[level], coarse = channels[level + 1];
      encoder_[level] = stage(fine);
      const float* kernel = at;
      // (coarse, 2*fine, 2, 2), the channels of the first slice of a pair first
      down_[level] = Panels::of(8 * fine, coarse, [&](int64_t k, int64_t channel) {
        const int64_t tap = k / fine, slice = tap / 4;
        return kernel[(channel * 2 * fine + slice * fine + k % fine) * 4 + tap % 4];
      });
      at += coarse * 2 * fine * 4;
    }
    body_ = stage(channels[drunetLevels - 1]);
    for (size_t level = drunetLevels - 1; level-- > 0;) {
      const int64_t fine = channels[level], coarse = channels[level + 1];
      const float* kernel = at;
      for (int64_t tap = 0; tap < 8; ++tap) {
        up_[level][static_cast<size_t>(tap)] =
            Panels::of(coarse, fine, [&](int64_t k, int64_t channel) { return kernel[(k * 2 * fine + tap / 4 * fine + channel) * 4 + tap % 4]; });
      }
      at += coarse * 2 * fine * 4;
      decoder_[level] = stage(fine);
    }
    // (1, in, 3, 3) -> (blocks, 9, 16)
    tail_ = AlignedFloats(9 * finest);
    for (int64_t c = 0; c < finest; ++c) {
      for (int64_t n = 0; n < 9; ++n) tail_.data()[(c / channelBlock * 9 + n) * channelBlock + c % channelBlock] = at[c * 9 + n];
    }
  }

  int64_t workingBytes(const DrunetRegions& regions, int threads) const override {
    int64_t floats = 2 * largest(regions) + 2 * threads * scratchFloats(widest());
    for (size_t level = 0; level < drunetLevels; ++level) floats += voxels(regions[level].encoder) * layout_.channels[level];
    return floats * static_cast<int64_t>(sizeof(float));
  }

  Status run(const float* input, float* output, int64_t batch, const DrunetRegions& regions, const CallControl& control) const override {
    try {
      Memory memory;
      for (size_t level = 0; level < drunetLevels; ++level) memory.skips[level] = AlignedFloats(voxels(regions[level].encoder) * layout_.channels[level]);
      memory.first = AlignedFloats(largest(regions));
      memory.second = AlignedFloats(largest(regions));
      for (int thread = 0; thread < control.threads; ++thread) memory.scratch.emplace_back(widest());
      control.expect(batch);
      for (int64_t window = 0; window < batch; ++window) {
        const Status status = computeWindow(input + window * 2 * voxels(regions[0].encoder), output + window * voxels(regions[0].decoder), regions, memory, control);
        if (!status.ok()) return status;
        control.advance();
      }
      return Status::good();
    } catch (const std::bad_alloc&) {
      return Status::fail(ErrorCode::outOfMemory, "The network could not get a buffer of size " + std::to_string(workingBytes(regions, control.threads)) + " (bytes). Use a smaller patch_size, or give the worker more memory.");
    }
  }

 private:
  int64_t widest() const { return *std::max_element(layout_.channels.begin(), layout_.channels.end()); }

  /// Floats of the largest activations.
  int64_t largest(const DrunetRegions& regions) const {
    int64_t most = 0;
    for (size_t level = 0; level < drunetLevels; ++level) {
      most = std::max({most, voxels(regions[level].encoder) * layout_.channels[level], voxels(regions[level].decoder) * layout_.channels[level]});
    }
    return most;
  }

  Status computeWindow(const float* input, float* output, const DrunetRegions& regions, Memory& memory, const CallControl& control) const {
    const auto& channels = layout_.channels;
    std::array<Activations, drunetLevels> skips;
    for (size_t level = 0; level < drunetLevels; ++level) skips[level] = sized(memory.skips[level], regions[level].encoder, channels[level]);
    Status status = convolveInput(input, head_.data(), skips[0], control);
    for (size_t level = 0; level + 1 < drunetLevels && status.ok(); ++level) {
      const Activations x = sized(memory.first, regions[level].encoder, channels[level]), inner = sized(memory.second, regions[level].encoder, channels[level]);
      status = residualBlocks(encoder_[level], skips[level], x, inner, memory.scratch, control);
      if (status.ok()) status = stepDown(x, down_[level], skips[level + 1], control);
    }
    const size_t coarsest = drunetLevels - 1;
    AlignedFloats* current = &memory.first;
    AlignedFloats* other = &memory.second;
    Activations x = sized(*current, regions[coarsest].encoder, channels[coarsest]);
    if (status.ok()) status = residualBlocks(body_, skips[coarsest], x, sized(*other, regions[coarsest].encoder, channels[coarsest]), memory.scratch, control);
    for (size_t level = coarsest; level-- > 0 && status.ok();) {
      const LevelBox &coarse = regions[level + 1].decoder, &fine = regions[level].decoder;
      status = addPart(skips[level + 1], difference(coarse, regions[level + 1].encoder, 1), x, control);
      if (!status.ok()) break;
      const Activations up = sized(*other, fine, channels[level]);
      status = stepUp(x, up_[level], difference(fine, coarse, 2), up, control);
      std::swap(current, other);
      x = up;
      if (status.ok()) status = residualBlocks(decoder_[level], x, x, sized(*other, fine, channels[level]), memory.scratch, control);
    }
    if (status.ok()) status = addPart(skips[0], difference(regions[0].decoder, regions[0].encoder, 1), x, control);
    return status.ok() ? convolveOutput(x, tail_.data(), output, control) : status;
  }

  DrunetLayout layout_;
  AlignedFloats head_, tail_;
  std::array<std::vector<ResidualBlock>, drunetLevels - 1> encoder_, decoder_;
  std::vector<ResidualBlock> body_;
  std::array<Panels, drunetLevels - 1> down_;
  std::array<std::array<Panels, 8>, drunetLevels - 1> up_;
};

}  // namespace

std::vector<int64_t> Drunet::weightLengths(const DrunetLayout& layout) {
  const auto& channels = layout.channels;
  std::vector<int64_t> lengths{18 * channels[0]};
  const auto stage = [&](int64_t width) { lengths.insert(lengths.end(), static_cast<size_t>(2 * layout.blocks), width * width * 9); };
  for (size_t level = 0; level + 1 < drunetLevels; ++level) {
    stage(channels[level]);
    lengths.push_back(channels[level + 1] * channels[level] * 8);
  }
  stage(channels[drunetLevels - 1]);
  for (size_t level = drunetLevels - 1; level-- > 0;) {
    lengths.push_back(channels[level + 1] * channels[level] * 8);
    stage(channels[level]);
  }
  lengths.push_back(9 * channels[0]);
  return lengths;
}

Result<std::shared_ptr<const Drunet>> Drunet::create(const DrunetLayout& layout, const float* weights) {
  for (const int64_t channels : layout.channels) {
    if (channels <= 0 || channels % channelBlock != 0) return Status::fail(ErrorCode::badInput, "The network's channels must be multiples of 16.");
  }
  try {
    return std::shared_ptr<const Drunet>(std::make_shared<BlockedDrunet>(layout, weights));
  } catch (const std::bad_alloc&) {
    return Status::fail(ErrorCode::outOfMemory, "Not enough memory for the network's weights. Give the worker more memory.");
  }
}

}  // namespace tomo
