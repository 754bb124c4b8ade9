// Angular weights of filtered back projection from the vectors alone, for views spread unevenly and several turns too.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tomo/fdk.hpp"

namespace tomo {

std::vector<double> fdkWeights(const ScanGeometry& geometry) {
  const int64_t views = geometry.views();
  // The rotation axis is z through the origin (design reference). Opposite parallel views carry the same rays, so their angles count modulo pi.
  const double turn = geometry.type == BeamType::cone ? 2.0 * std::numbers::pi : std::numbers::pi;
  std::vector<double> angle(static_cast<size_t>(views));
  for (int64_t view = 0; view < views; ++view) {
    const double* source = geometry.vectors.data() + view * 12;
    double a = std::fmod(std::atan2(source[1], source[0]), turn);
    if (a < 0) a += turn;
    angle[static_cast<size_t>(view)] = a;
  }
  std::vector<size_t> order(static_cast<size_t>(views));
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return angle[a] != angle[b] ? angle[a] < angle[b] : a < b; });
  std::vector<double> weights(static_cast<size_t>(views * fdkWeightsPerView), 0.0);
  // A view stands for half the way to its neighbours on the circle; a full cone-beam turn sees every ray twice.
  const double redundancy = geometry.type == BeamType::cone ? 0.5 : 1.0;
  for (size_t n = 0; n < order.size(); ++n) {
    const size_t next = (n + 1) % order.size();
    double gap = angle[order[next]] - angle[order[n]];
    if (next == 0) gap += turn;
    weights[order[n] * fdkWeightsPerView] += 0.5 * gap * redundancy;
    weights[order[next] * fdkWeightsPerView] += 0.5 * gap * redundancy;
  }
  return weights;
}

}  // namespace tomo
