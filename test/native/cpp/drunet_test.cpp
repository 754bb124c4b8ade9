// The network's own layers against the definition of each in double, for every instruction set of this machine.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tomo/drunet.hpp"

namespace {

using tomo::Drunet;
using tomo::drunetLevels;
using tomo::DrunetLayout;
using tomo::DrunetRegions;

/// Activations in plain order (slice, channel, row, column).
struct Plain {
  int64_t slices, channels, height, width;
  std::vector<double> values;

  Plain(int64_t z, int64_t c, int64_t y, int64_t x) : slices(z), channels(c), height(y), width(x), values(static_cast<size_t>(z * c * y * x)) {}
  double& at(int64_t z, int64_t c, int64_t y, int64_t x) { return values[static_cast<size_t>(((z * channels + c) * height + y) * width + x)]; }
  double at(int64_t z, int64_t c, int64_t y, int64_t x) const { return values[static_cast<size_t>(((z * channels + c) * height + y) * width + x)]; }
};

/// kernel (out, in, 3, 3), edges padded with zeros.
Plain convolve(const Plain& in, const float* kernel, int64_t channels) {
  Plain out(in.slices, channels, in.height, in.width);
  for (int64_t z = 0; z < in.slices; ++z) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < in.height; ++y) {
        for (int64_t x = 0; x < in.width; ++x) {
          double sum = 0;
          for (int64_t k = 0; k < in.channels; ++k) {
            for (int64_t tap = 0; tap < 9; ++tap) {
              const int64_t row = y + tap / 3 - 1, column = x + tap % 3 - 1;
              if (row >= 0 && row < in.height && column >= 0 && column < in.width)
                sum += in.at(z, k, row, column) * static_cast<double>(kernel[(c * in.channels + k) * 9 + tap]);
            }
          }
          out.at(z, c, y, x) = sum;
        }
      }
    }
  }
  return out;
}

/// kernel (channels, 2*in, 2, 2): both slices of a pair, the last slice repeated where it has no partner.
Plain stepDown(const Plain& in, const float* kernel, int64_t channels) {
  Plain out((in.slices + 1) / 2, channels, in.height / 2, in.width / 2);
  for (int64_t z = 0; z < out.slices; ++z) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < out.height; ++y) {
        for (int64_t x = 0; x < out.width; ++x) {
          double sum = 0;
          for (int64_t s = 0; s < 2; ++s) {
            for (int64_t k = 0; k < in.channels; ++k) {
              for (int64_t tap = 0; tap < 4; ++tap) {
                sum += in.at(std::min(2 * z + s, in.slices - 1), k, 2 * y + tap / 2, 2 * x + tap % 2) *
                       static_cast<double>(kernel[((c * 2 + s) * in.channels + k) * 4 + tap]);
              }
            }
          }
          out.at(z, c, y, x) = sum;
        }
      }
    }
  }
  return out;
}

/// kernel (in, 2*channels, 2, 2): transposed, the first `slices` slices.
Plain stepUp(const Plain& in, const float* kernel, int64_t channels, int64_t slices) {
  Plain out(slices, channels, 2 * in.height, 2 * in.width);
  for (int64_t z = 0; z < slices; ++z) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = 0; y < out.height; ++y) {
        for (int64_t x = 0; x < out.width; ++x) {
          double sum = 0;
          for (int64_t k = 0; k < in.channels; ++k) {
            sum += in.at(z / 2, k, y / 2, x / 2) * static_cast<double>(kernel[((k * 2 + z % 2) * channels + c) * 4 + y % 2 * 2 + x % 2]);
          }
          out.at(z, c, y, x) = sum;
        }
      }
    }
  }
  return out;
}

Plain sum(Plain a, const Plain& b) {
  for (size_t n = 0; n < a.values.size(); ++n) a.values[n] += b.values[n];
  return a;
}

/// The whole network by definition, its weights one tensor after the other.
Plain byDefinition(const DrunetLayout& layout, const std::vector<float>& weights, const Plain& input) {
  const float* at = weights.data();
  const auto take = [&](int64_t count) {
    const float* taken = at;
    at += count;
    return taken;
  };
  const auto stage = [&](Plain x) {
    for (int64_t n = 0; n < layout.blocks; ++n) {
      Plain inner = convolve(x, take(x.channels * x.channels * 9), x.channels);
      for (double& value : inner.values) value = std::max(value, 0.0);
      x = sum(convolve(inner, take(x.channels * x.channels * 9), x.channels), x);
    }
    return x;
  };
  std::vector<Plain> skips{convolve(input, take(18 * layout.channels[0]), layout.channels[0])};
  for (size_t level = 0; level + 1 < drunetLevels; ++level) {
    const int64_t coarse = layout.channels[level + 1];
    const Plain x = stage(skips.back());
    skips.push_back(stepDown(x, take(coarse * x.channels * 8), coarse));
  }
  Plain x = sum(stage(skips.back()), skips.back());
  for (size_t level = drunetLevels - 1; level-- > 0;) {
    const int64_t fine = layout.channels[level];
    x = stage(stepUp(x, take(x.channels * fine * 8), fine, skips[level].slices));
    // The finest sum goes into the last layer, the others into the next step up.
    x = sum(x, skips[level]);
  }
  Plain result = convolve(x, take(9 * layout.channels[0]), 1);
  REQUIRE(at == weights.data() + weights.size());
  return result;
}

/// Every level whole.
DrunetRegions wholeWindow(int64_t slices, int64_t height, int64_t width) {
  DrunetRegions regions;
  for (auto& level : regions) {
    level.encoder.end = level.decoder.end = {slices, height, width};
    level.pairedSlices = (slices + 1) / 2 * 2;
    slices = (slices + 1) / 2;
    height /= 2;
    width /= 2;
  }
  return regions;
}

struct Case {
  DrunetLayout layout;
  int64_t slices, height, width;
};

void compareWithDefinition(const Case& each) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal;
  std::vector<float> weights;
  for (const int64_t length : Drunet::weightLengths(each.layout)) {
    for (int64_t n = 0; n < length; ++n) weights.push_back(0.06F * normal(generator));
  }
  const int64_t batch = 2, size = each.slices * each.height * each.width;
  std::vector<float> input(static_cast<size_t>(batch * 2 * size));
  for (float& value : input) value = normal(generator);

  const auto network = Drunet::create(each.layout, weights.data());
  REQUIRE(network.ok());
  const DrunetRegions regions = wholeWindow(each.slices, each.height, each.width);
  std::vector<float> outputs[2];
  for (const int threads : {1, 3}) {
    std::vector<float>& output = outputs[threads == 1 ? 0 : 1];
    output.assign(static_cast<size_t>(batch * size), NAN);
    tomo::CallControl control;
    control.threads = threads;
    REQUIRE(network.value()->run(input.data(), output.data(), batch, regions, control).ok());
  }
  CHECK(outputs[0] == outputs[1]);

  for (int64_t window = 0; window < batch; ++window) {
    Plain plain(each.slices, 2, each.height, each.width);
    for (size_t n = 0; n < plain.values.size(); ++n) plain.values[n] = static_cast<double>(input[static_cast<size_t>(window * 2 * size) + n]);
    const Plain expected = byDefinition(each.layout, weights, plain);
    double largest = 0, error = 0;
    for (size_t n = 0; n < expected.values.size(); ++n) {
      largest = std::max(largest, std::abs(expected.values[n]));
      error = std::max(error, std::abs(expected.values[n] - static_cast<double>(outputs[0][static_cast<size_t>(window * size) + n])));
    }
    CAPTURE(window);
    CHECK(largest > 0.01);
    CHECK(error < 2e-5 * largest);
  }
}

/// Odd numbers of slices; rows and columns that end within a tile at every level; channels of one vector, of two and of three.
void compareAll(const char* instructions) {
#ifdef _WIN32
  _putenv_s("TOMOBENCH_SIMD", instructions);
#else
  setenv("TOMOBENCH_SIMD", instructions, 1);
#endif
  compareWithDefinition({{{16, 32, 48, 64}, 1}, 3, 24, 40});
  compareWithDefinition({{{32, 16, 16, 16}, 2}, 1, 8, 8});
  compareWithDefinition({{{16, 16, 80, 144}, 1}, 5, 16, 56});
}

}  // namespace

TEST_CASE("the network is what its layers are by definition, best instructions") { compareAll(""); }

TEST_CASE("the network is what its layers are by definition, AVX2") { compareAll("avx2"); }

TEST_CASE("the network is what its layers are by definition, no vector instructions") { compareAll("baseline"); }

TEST_CASE("the network refuses channels it has no blocks for, and stops when it is cancelled") {
  const DrunetLayout odd{{24, 32, 32, 32}, 1};
  const std::vector<float> none(1);
  const auto refused = Drunet::create(odd, none.data());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.status().message.find("multiples of 16") != std::string::npos);

  const DrunetLayout layout{{16, 16, 16, 16}, 1};
  std::vector<float> weights;
  for (const int64_t length : Drunet::weightLengths(layout)) weights.insert(weights.end(), static_cast<size_t>(length), 0.0F);
  const auto network = Drunet::create(layout, weights.data());
  REQUIRE(network.ok());
  const DrunetRegions regions = wholeWindow(2, 8, 8);
  std::vector<float> input(2 * 128), output(128);
  tomo::CallControl control;
  control.cancel = std::make_shared<tomo::CancelState>();
  control.cancel->cancelled = true;
  const tomo::Status status = network.value()->run(input.data(), output.data(), 1, regions, control);
  CHECK(status.code == tomo::ErrorCode::cancelled);
}
