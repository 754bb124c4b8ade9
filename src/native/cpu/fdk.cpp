// FDK for any vectors near a circle (Feldkamp, Davis, Kress 1984) and FBP for parallel beams, back projected by the transpose of the projector.
#include "tomo/fdk.hpp"

#include <cmath>

#include "../core/vector3.hpp"
#include "row_filter.hpp"

namespace tomo {
namespace {

/// Cosine weight, ramp filter and the factors of FDK that A^T does not bring.
class FdkViewFilter final : public ViewFilter {
 public:
  FdkViewFilter(const ScanGeometry& geometry, const double* weights, FdkFilter filter) : geometry_(geometry), weights_(weights), rowFilter_(geometry.detectorColumns, filter) {}

  /**
   * f(X) = sum_views weight * (depthAxis/depth(X))^2 * filtered(X), where the filter's pitch is |u| depthAxis, as seen at the rotation axis: so the
   * unit-pitch filter is divided by it. A^T without ray lengths brings voxelVolume/depth^2.
   */
  void apply(int64_t view, const float* pixels, float* out) const override {
    const double* row = geometry_.vectors.data() + view * 12;
    const Vector3 s{row[0], row[1], row[2]}, d{row[3], row[4], row[5]}, u{row[6], row[7], row[8]}, v{row[9], row[10], row[11]};
    const int64_t rows = geometry_.detectorRows, columns = geometry_.detectorColumns;
    const double voxelVolume = geometry_.voxelSizeMm[0] * geometry_.voxelSizeMm[1] * geometry_.voxelSizeMm[2];
    double scale = weights_[view * fdkWeightsPerView] / (norm(u) * voxelVolume);
    const Vector3 n = cross(u, v);
    const bool cone = geometry_.type == BeamType::cone;
    if (cone) scale *= dot(n, Vector3{0.0, 0.0, s[2]} - s) / dot(n, d - s);
    const double distance = cone ? std::abs(dot(n, d - s)) / norm(n) : 0;
    const Vector3 first = d - s - 0.5 * static_cast<double>(columns - 1) * u - 0.5 * static_cast<double>(rows - 1) * v;
    std::vector<float> scratch(static_cast<size_t>(rowFilter_.scratchSize()));
    for (int64_t at = 0; at < rows; at += RowFilter::batchRows) {
      const int64_t count = std::min(RowFilter::batchRows, rows - at);
      for (int64_t r = at; r < at + count; ++r) {
        const Vector3 start = first + static_cast<double>(r) * v;
        for (int64_t c = 0; c < columns; ++c) {
          // The cosine between the ray and the detector's normal.
          double weight = scale;
          if (cone) weight *= distance / norm(start + static_cast<double>(c) * u);
          out[r * columns + c] = pixels[r * columns + c] * static_cast<float>(weight);
        }
      }
      rowFilter_.filterBatch(out + at * columns, count, columns, scratch.data());
    }
  }

 private:
  const ScanGeometry& geometry_;
  const double* weights_;
  RowFilter rowFilter_;
};

}  // namespace

Status fdk(const ScanGeometry& geometry, const Projector& projector, const float* sinogram, const double* weights, FdkFilter filter, float* volume, const CallControl& control) {
  return projector.backFiltered(sinogram, FdkViewFilter(geometry, weights, filter), volume, control);
}

}  // namespace tomo
