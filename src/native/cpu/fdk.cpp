// FDK for any vectors near a circle (Feldkamp, Davis, Kress 1984) and FBP for parallel beams, back projected by the transpose of the projector.
#include "tomo/fdk.hpp"

#include <cmath>
#include <cstring>

#include "../core/fan_angle.hpp"
#include "row_filter.hpp"
#include "tomo/device.hpp"

namespace tomo {
namespace {

FdkViewWeight weightOf(const double* weights, int64_t view) {
  FdkViewWeight weight;
  std::memcpy(&weight, weights + view * fdkWeightsPerView, sizeof weight);
  return weight;
}

/// Empty columns before and after the measured ones.
struct Margin {
  int64_t before = 0, after = 0;
};

/**
 * An offset detector's filtered views reach as far on the short side of the axis as on the long one, so they need room there: as many columns
 * as the sides differ by in the view where they differ most.
 */
Margin marginOf(const ScanGeometry& geometry, const double* weights) {
  Margin margin;
  for (int64_t view = 0; view < geometry.views(); ++view) {
    if (weightOf(weights, view).overlap == 0) continue;
    const double* row = geometry.vectors.data() + view * 12;
    const Vector3 s{row[0], row[1], row[2]}, d{row[3], row[4], row[5]}, u{row[6], row[7], row[8]};
    // Where along u, from the detector's middle, a ray through the axis hits: d + t u in the plane of source and axis.
    const double t = -(s[0] * (d[1] - s[1]) - s[1] * (d[0] - s[0])) / (s[0] * u[1] - s[1] * u[0]);
    // Never more than the detector itself, whatever the vectors.
    const auto columns = static_cast<int64_t>(std::min(std::ceil(2.0 * std::abs(t)), static_cast<double>(geometry.detectorColumns)));
    (t < 0 ? margin.before : margin.after) = std::max(t < 0 ? margin.before : margin.after, columns);
  }
  return margin;
}

ScanGeometry withMargin(ScanGeometry geometry, Margin margin) {
  geometry.detectorColumns += margin.before + margin.after;
  const double shift = 0.5 * static_cast<double>(margin.after - margin.before);
  for (size_t at = 0; at < geometry.vectors.size(); at += 12) {
    for (size_t axis = 0; axis < 3; ++axis) geometry.vectors[at + 3 + axis] += shift * geometry.vectors[at + 6 + axis];
  }
  return geometry;
}

/// Cosine weight, shares of rays seen twice, ramp filter, and the factors of FDK that Projector::average does not bring.
class FdkViews final : public ViewSource {
 public:
  FdkViews(const ScanGeometry& geometry, Margin margin, const float* sinogram, const double* weights, FdkFilter filter)
      : geometry_(geometry), margin_(margin), sinogram_(sinogram), weights_(weights), rowFilter_(geometry.detectorColumns + margin.before + margin.after, filter) {}

  /**
   * f(X) = sum_views weight * (depthAxis/depth(X))^2 * filtered(X), where the filter's pitch is |u| depthAxis, as seen at the rotation axis: so the
   * unit-pitch filter is divided by it. Projector::average brings voxelVolume/depth^2.
   */
  void produce(int64_t view, float* out) const override {
    const double* row = geometry_.vectors.data() + view * 12;
    const Vector3 s{row[0], row[1], row[2]}, d{row[3], row[4], row[5]}, u{row[6], row[7], row[8]}, v{row[9], row[10], row[11]};
    const int64_t rows = geometry_.detectorRows, columns = geometry_.detectorColumns;
    const double voxelVolume = geometry_.voxelSizeMm[0] * geometry_.voxelSizeMm[1] * geometry_.voxelSizeMm[2];
    const FdkViewWeight viewWeight = weightOf(weights_, view);
    const bool uneven = viewWeight.arc > 0 || viewWeight.overlap != 0;
    double scale = viewWeight.step / (norm(u) * voxelVolume);
    const Vector3 n = cross(u, v);
    const bool cone = geometry_.type == BeamType::cone;
    if (cone) scale *= dot(n, Vector3{0.0, 0.0, s[2]} - s) / dot(n, d - s);
    const double distance = cone ? std::abs(dot(n, d - s)) / norm(n) : 0;
    const Vector3 first = d - s - 0.5 * static_cast<double>(columns - 1) * u - 0.5 * static_cast<double>(rows - 1) * v;
    const float* pixels = sinogram_ + view * rows * columns;
    const int64_t width = columns + margin_.before + margin_.after;
    std::fill(out, out + rows * width, 0.0F);
    std::vector<float> scratch(static_cast<size_t>(rowFilter_.scratchSize()));
    for (int64_t at = 0; at < rows; at += RowFilter::batchRows) {
      const int64_t count = std::min(RowFilter::batchRows, rows - at);
      for (int64_t r = at; r < at + count; ++r) {
        const Vector3 start = first + static_cast<double>(r) * v;
        for (int64_t c = 0; c < columns; ++c) {
          // The cosine between the ray and the detector's normal.
          double weight = scale;
          if (cone) {
            const Vector3 ray = start + static_cast<double>(c) * u;
            weight *= distance / norm(ray);
            if (uneven) weight *= redundancyWeight(viewWeight, fanAngle(s, ray));
          }
          out[r * width + margin_.before + c] = pixels[r * columns + c] * static_cast<float>(weight);
        }
      }
      rowFilter_.filterBatch(out + at * width, count, width, scratch.data());
    }
  }

 private:
  const ScanGeometry& geometry_;
  Margin margin_;
  const float* sinogram_;
  const double* weights_;
  RowFilter rowFilter_;
};

}  // namespace

Status fdk(Device& device, const ScanGeometry& geometry, const Floats& sinogram, const double* weights, FdkFilter filter, const Floats& volume, const CallControl& control) {
  // Filters run on the host; views that a device holds come back for it, once.
  std::vector<float> copied;
  if (!sinogram.onHost()) {
    copied.resize(static_cast<size_t>(sinogram.length));
    if (Status status = device.download(*sinogram.buffer, 0, copied.data(), sinogram.length); !status.ok()) return status;
  }
  const Margin margin = marginOf(geometry, weights);
  const FdkViews views(geometry, margin, sinogram.onHost() ? sinogram.host : copied.data(), weights, filter);
  const Result<std::shared_ptr<const DeviceProjector>> projector = device.makeProjector(withMargin(geometry, margin));
  if (!projector.ok()) return projector.status();
  return projector.value()->average(views, volume, control);
}

}  // namespace tomo
