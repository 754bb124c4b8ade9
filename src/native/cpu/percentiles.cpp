// Exact quantiles without a sorted copy: floats as ordered integers, selected by two histograms of 16 bits each.
#include <bit>
#include <cmath>
#include <limits>

#include "tomo/vector_ops.hpp"

namespace tomo {
namespace {

constexpr size_t bins = size_t{1} << 16;
constexpr int64_t grain = 1 << 18;

/// Integers in the order of the floats.
uint32_t orderedBits(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

float fromOrderedBits(uint32_t ordered) {
  return std::bit_cast<float>((ordered & 0x80000000U) != 0 ? ordered & 0x7fffffffU : ~ordered);
}

using Histogram = std::vector<int64_t>;

/// Counts `key(value)` of all values that are numbers; keys beyond the bins are passed over.
template <typename Key>
Status histogram(const float* a, int64_t length, const CallControl& control, Histogram& result, Key&& key) {
  const auto threads = static_cast<size_t>(std::clamp(control.threads, 1, 256));
  std::vector<Histogram> partial(threads);
  const int64_t pieces = (length + grain - 1) / grain;
  control.expect(pieces);
  Status status = parallelFor(control, pieces, [&](int64_t piece, int thread) {
    Histogram& mine = partial[static_cast<size_t>(thread)];
    if (mine.empty()) mine.assign(bins, 0);
    const int64_t end = std::min(length, (piece + 1) * grain);
    for (int64_t n = piece * grain; n < end; ++n) {
      if (std::isnan(a[n])) continue;
      const uint32_t bin = key(orderedBits(a[n]));
      if (bin < bins) ++mine[bin];
    }
    control.advance();
  });
  result.assign(bins, 0);
  for (const Histogram& part : partial) {
    for (size_t bin = 0; bin < part.size(); ++bin) result[bin] += part[bin];
  }
  return status;
}

/// The bin that holds the element of `rank`; rank becomes its rank within the bin.
uint32_t findBin(const Histogram& counts, int64_t& rank) {
  uint32_t bin = 0;
  while (bin + 1 < bins && rank >= counts[bin]) rank -= counts[bin++];
  return bin;
}

}  // namespace

Status percentiles(const float* a, int64_t length, const std::vector<double>& fractions, double* result, const CallControl& control) {
  Histogram upper;
  if (Status status = histogram(a, length, control, upper, [](uint32_t ordered) { return ordered >> 16; }); !status.ok()) return status;
  int64_t count = 0;
  for (const int64_t bin : upper) count += bin;
  uint32_t openBin = bins;  // bin whose lower histogram is at hand
  Histogram lower;
  const auto select = [&](int64_t rank, float& value) {
    const uint32_t high = findBin(upper, rank);
    if (high != openBin) {
      Status status = histogram(a, length, control, lower, [high](uint32_t ordered) { return ordered >> 16 == high ? ordered & 0xffffU : static_cast<uint32_t>(bins); });
      if (!status.ok()) return status;
      openBin = high;
    }
    value = fromOrderedBits((high << 16) | findBin(lower, rank));
    return Status::good();
  };
  for (size_t k = 0; k < fractions.size(); ++k) {
    if (count == 0) {
      result[k] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    const double position = fractions[k] * static_cast<double>(count - 1);
    const auto below = static_cast<int64_t>(position);
    const double share = position - static_cast<double>(below);
    float low = 0, high = 0;
    if (Status status = select(below, low); !status.ok()) return status;
    high = low;
    if (share > 0) {
      if (Status status = select(below + 1, high); !status.ok()) return status;
    }
    result[k] = static_cast<double>(low) + share * (static_cast<double>(high) - static_cast<double>(low));
  }
  return Status::good();
}

}  // namespace tomo
