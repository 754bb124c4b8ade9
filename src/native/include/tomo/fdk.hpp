// Filtered back projection: angular weights and ramp filters; fdk() itself is in device.hpp, since the back projection runs on any device.
#pragma once

#include <vector>

#include "tomo/geometry.hpp"
#include "tomo/parallel.hpp"
#include "tomo/projector.hpp"

namespace tomo {

enum class FdkFilter { ramp, sheppLogan, hann };

/// Numbers per view in the weights; FDK_WEIGHTS_PER_VIEW of api.ts.
constexpr int64_t fdkWeightsPerView = 4;

/// What the weights of one view say; angles in radians, counted in the direction of growing atan2(y,x).
struct FdkViewWeight {
  double step;      // angle the view stands for, halved where every ray is measured twice
  double angle;     // of the source from the start of an open arc
  double arc;       // length of the open arc; 0: the views go all round
  double overlap;   // half width of the fan that an offset detector sees from both sides, negative where it reaches farther to negative fan angles; 0: no offset
};
static_assert(sizeof(FdkViewWeight) == fdkWeightsPerView * sizeof(double));

/// Angular weights over all views of a valid geometry.
std::vector<double> fdkWeights(const ScanGeometry& geometry);

/// Share of a ray's value that this view contributes, at fan angle `fan` (core/fan_angle.hpp): 1 where nothing is measured twice or all is.
double redundancyWeight(const FdkViewWeight& view, double fan);

}  // namespace tomo
