// Filtered back projection: angular weights, ramp filters and the filtered views that the transpose of the projector turns into a volume.
#pragma once

#include <vector>

#include "tomo/geometry.hpp"
#include "tomo/parallel.hpp"
#include "tomo/projector.hpp"

namespace tomo {

enum class FdkFilter { ramp, sheppLogan, hann };

/// Numbers per view in the weights; FDK_WEIGHTS_PER_VIEW of api.ts.
constexpr int64_t fdkWeightsPerView = 4;

/// Angular weights over all views of a valid geometry.
std::vector<double> fdkWeights(const ScanGeometry& geometry);

/// volume = filtered back projection of these views; `weights` hold fdkWeightsPerView numbers for each.
Status fdk(const ScanGeometry& geometry, const Projector& projector, const float* sinogram, const double* weights, FdkFilter filter, float* volume, const CallControl& control);

}  // namespace tomo
