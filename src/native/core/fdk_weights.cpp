// Angular weights of filtered back projection from the vectors alone: uneven steps, several turns, open arcs and offset detectors.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>

#include "fan_angle.hpp"
#include "tomo/fdk.hpp"

namespace tomo {
namespace {

constexpr double pi = std::numbers::pi;
// A gap this wide, and this many times wider than usual, is where the arc ends.
constexpr double endGap = 10.0 * pi / 180.0;
constexpr double endGapRatio = 4.0;
// The shorter side of a detector must see less than this share of what the longer one sees to count as offset.
constexpr double offsetShare = 0.8;

/// Angles modulo a turn, in order.
struct Circle {
  double turn;
  std::vector<double> angle;   // of each view
  std::vector<size_t> order;   // views by angle
  std::vector<double> gap;     // from the n-th view in order to the next
};

Circle makeCircle(const ScanGeometry& geometry) {
  const auto views = static_cast<size_t>(geometry.views());
  // The rotation axis is z through the origin (design reference). Opposite parallel views carry the same rays, so their angles count modulo pi.
  Circle circle{geometry.type == BeamType::cone ? 2.0 * pi : pi, std::vector<double>(views), std::vector<size_t>(views), std::vector<double>(views)};
  for (size_t view = 0; view < views; ++view) {
    const double* source = geometry.vectors.data() + view * 12;
    const double angle = std::fmod(std::atan2(source[1], source[0]), circle.turn);
    circle.angle[view] = angle < 0 ? angle + circle.turn : angle;
  }
  std::iota(circle.order.begin(), circle.order.end(), size_t{0});
  std::sort(circle.order.begin(), circle.order.end(), [&](size_t a, size_t b) { return circle.angle[a] != circle.angle[b] ? circle.angle[a] < circle.angle[b] : a < b; });
  for (size_t n = 0; n < views; ++n) {
    const size_t next = (n + 1) % views;
    circle.gap[n] = circle.angle[circle.order[next]] - circle.angle[circle.order[n]] + (next == 0 ? circle.turn : 0.0);
  }
  return circle;
}

/// Position in order of the last view before the end of an open arc; the number of views where they go all round.
size_t lastOfArc(const Circle& circle) {
  const size_t views = circle.gap.size();
  const auto widest = static_cast<size_t>(std::max_element(circle.gap.begin(), circle.gap.end()) - circle.gap.begin());
  std::vector<double> sorted = circle.gap;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(views / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return circle.gap[widest] > endGap && circle.gap[widest] > endGapRatio * *middle ? widest : views;
}

/// FdkViewWeight::overlap of a view, from the fan angles of the detector's two ends at its middle row.
double overlapOf(const ScanGeometry& geometry, size_t view) {
  const double* row = geometry.vectors.data() + view * 12;
  const Vector3 s{row[0], row[1], row[2]}, d{row[3], row[4], row[5]}, u{row[6], row[7], row[8]};
  const double half = 0.5 * static_cast<double>(geometry.detectorColumns);
  const double a = fanAngle(s, d - s - half * u), b = fanAngle(s, d - s + half * u);
  const double low = std::min(a, b), high = std::max(a, b);
  if (!(low < 0) || !(high > 0)) return 0;
  const double shorter = std::min(-low, high), longer = std::max(-low, high);
  return shorter < offsetShare * longer ? (high > -low ? shorter : -shorter) : 0;
}

}  // namespace

std::vector<double> fdkWeights(const ScanGeometry& geometry) {
  const Circle circle = makeCircle(geometry);
  const size_t views = circle.order.size(), last = lastOfArc(circle);
  const bool open = last < views, cone = geometry.type == BeamType::cone;
  const double arc = circle.turn - (open ? circle.gap[last] : 0.0);
  std::vector<FdkViewWeight> weights(views, FdkViewWeight{0, 0, 0, 0});
  // A view stands for half the way to each neighbour. All round, cone beams see every ray twice; on an open arc Parker's weights share them out.
  const double redundancy = cone && !open ? 0.5 : 1.0;
  for (size_t n = 0; n < views; ++n) {
    if (n == last) continue;
    weights[circle.order[n]].step += 0.5 * circle.gap[n] * redundancy;
    weights[circle.order[(n + 1) % views]].step += 0.5 * circle.gap[n] * redundancy;
  }
  double overlap = 0;
  for (size_t view = 0; view < views && cone && !open; ++view) overlap += overlapOf(geometry, view) / static_cast<double>(views);
  const double start = open ? circle.angle[circle.order[(last + 1) % views]] : 0.0;
  for (size_t view = 0; view < views; ++view) {
    FdkViewWeight& weight = weights[view];
    if (cone && open) {
      weight.angle = circle.angle[view] - start + (circle.angle[view] < start ? circle.turn : 0.0);
      weight.arc = arc;
    }
    weight.overlap = overlap;
  }
  std::vector<double> numbers(views * fdkWeightsPerView);
  std::memcpy(numbers.data(), weights.data(), numbers.size() * sizeof(double));
  return numbers;
}

double redundancyWeight(const FdkViewWeight& view, double fan) {
  const auto smooth = [](double share) { return std::pow(std::sin(0.5 * pi * std::clamp(share, 0.0, 1.0)), 2); };
  if (view.arc > 0) {
    // Parker (1982) with Silver's (2000) overscan: the ray (angle, fan) comes again as (angle + pi + 2 fan, -fan).
    const double over = 0.5 * (view.arc - pi);
    const double early = 2.0 * (over - fan), late = 2.0 * (over + fan);
    if (early > 0 && view.angle < early) return smooth(view.angle / early);
    if (late > 0 && view.arc - view.angle < late) return smooth((view.arc - view.angle) / late);
    return 1.0;
  }
  if (view.overlap != 0) {
    // Wang (2002): beyond the overlap the long side alone sees the ray; within it the two sides share smoothly.
    const double towardsLong = view.overlap > 0 ? fan : -fan, half = std::abs(view.overlap);
    return 2.0 * smooth(0.5 * (towardsLong / half + 1.0));
  }
  return 1.0;
}

}  // namespace tomo
