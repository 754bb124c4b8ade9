// FDK for any vectors near a circle (Feldkamp, Davis, Kress 1984) and FBP for parallel beams, back projected by the transpose of the projector.
#include "tomo/fdk.hpp"

#include <cmath>

#include "../core/vector3.hpp"
#include "row_filter.hpp"
#include "tomo/footprint.hpp"

namespace tomo {
namespace {

/// What turns a measured view into one that A^T back projects with FDK's weights.
struct ViewScale {
  double before;  // times 1/|ray| for cone beams: the cosine weight
  double after;   // divided by rayLength
};

/**
 * f(X) = sum_views weight * (depthAxis/depth(X))^2 * filtered(X), the filter at the pitch |u| depthAxis seen at the rotation axis. A^T brings
 * rayLength * voxelVolume / depth^2, so the rest is multiplied in here.
 */
ViewScale scaleOf(const ScanGeometry& geometry, const ViewFrame& frame, int64_t view, double weight) {
  const double* row = geometry.vectors.data() + view * 12;
  const Vector3 s{row[0], row[1], row[2]}, d{row[3], row[4], row[5]}, u{row[6], row[7], row[8]}, v{row[9], row[10], row[11]};
  if (geometry.type == BeamType::parallel) return {1.0, weight / (norm(u) * frame.voxelVolume)};
  const Vector3 n = cross(u, v);
  const double reach = dot(n, d - s);
  const Vector3 axis{0.0, 0.0, s[2]};
  const double depthAxis = dot(n, axis - s) / reach;
  return {std::abs(reach) / norm(n), weight * depthAxis / (norm(u) * frame.voxelVolume)};
}

}  // namespace

Status fdk(const ScanGeometry& geometry, const Projector& projector, const float* sinogram, const double* weights, FdkFilter filter, float* volume, const CallControl& control) {
  const int64_t rows = geometry.detectorRows, columns = geometry.detectorColumns, views = geometry.views();
  const RowFilter rowFilter(columns, filter);
  const int64_t batches = (rows + RowFilter::batchRows - 1) / RowFilter::batchRows;
  std::vector<float> filtered(static_cast<size_t>(views * rows * columns));
  control.expect(views * batches);
  Status status = parallelFor(control, views * batches, [&](int64_t index, int) {
    const int64_t view = index / batches, firstRow = index % batches * RowFilter::batchRows;
    const int64_t count = std::min(RowFilter::batchRows, rows - firstRow);
    const ViewFrame frame = makeViewFrame(geometry, view);
    const ViewScale scale = scaleOf(geometry, frame, view, weights[view * fdkWeightsPerView]);
    const auto length = [&](int64_t row, int64_t column) {
      const int64_t r = frame.swapped ? column : row, c = frame.swapped ? row : column;
      return rayLength(frame, static_cast<double>(frame.strideR < 0 ? frame.countR - 1 - r : r), static_cast<double>(c));
    };
    const int64_t offset = view * rows * columns + firstRow * columns;
    float* data = filtered.data() + offset;
    std::vector<float> scratch(static_cast<size_t>(rowFilter.scratchSize()));
    const bool cone = geometry.type == BeamType::cone;
    for (int64_t row = 0; row < count; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        const double ray = cone ? length(firstRow + row, column) / frame.lengthScale : 1.0;
        data[row * columns + column] = static_cast<float>(static_cast<double>(sinogram[offset + row * columns + column]) * scale.before / ray);
      }
    }
    rowFilter.filterBatch(data, count, columns, scratch.data());
    for (int64_t row = 0; row < count; ++row) {
      for (int64_t column = 0; column < columns; ++column) {
        data[row * columns + column] = static_cast<float>(static_cast<double>(data[row * columns + column]) * scale.after / length(firstRow + row, column));
      }
    }
    control.advance();
  });
  if (!status.ok()) return status;
  return projector.back(filtered.data(), volume, Basis::box, control);
}

}  // namespace tomo
