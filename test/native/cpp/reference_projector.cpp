// The footprint model written out plainly in double precision: what the fast projector is compared with, and no part of the addon.
#include "reference_projector.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tomo/footprint.hpp"

namespace tomo {
namespace {

/// How far a voxel's basis function reaches beyond its centre, in voxels.
double reachOf(Basis basis) { return basis == Basis::linear ? 1.0 : 0.5; }

/// Calls visit(r, z0, z1) for each line that sees part of the column, with the face coordinates of the line's edges.
template <typename Visit>
void forEachLine(const ColumnFootprint<double>& column, const ViewFrame& view, Basis basis, Visit&& visit) {
  const double beyond = reachOf(basis) - 0.5, bottom = -beyond, top = static_cast<double>(view.countL) + beyond;
  const double low = lineOfFace(column, bottom), high = lineOfFace(column, top);
  const auto limit = static_cast<double>(view.countR);
  const auto first = static_cast<int64_t>(std::floor(std::clamp(low + 0.5, 0.0, limit)));
  const auto last = static_cast<int64_t>(std::ceil(std::clamp(high + 0.5, 0.0, limit)));
  const auto face = [&](double rho) { return rho <= low ? bottom : rho >= high ? top : faceOfLine(column, rho); };
  for (int64_t r = first; r < last; ++r) visit(r, face(static_cast<double>(r) - 0.5), face(static_cast<double>(r) + 0.5));
}

/// Calls visit(l, overlap) for the voxels whose basis functions meet [z0,z1].
template <typename Visit>
void forEachVoxel(double z0, double z1, int64_t countL, Basis basis, Visit&& visit) {
  const double reach = reachOf(basis);
  const auto first = static_cast<int64_t>(std::max(0.0, std::floor(z0 - 0.5 - reach)));
  for (int64_t l = first; l < countL && static_cast<double>(l) + 0.5 - reach < z1; ++l) {
    const double centre = static_cast<double>(l) + 0.5;
    visit(l, static_cast<float>(lineIntegral(z1 - centre, basis) - lineIntegral(z0 - centre, basis)));
  }
}

/// Calls visit(c, weight) for the pixels of line r that see the column.
template <typename Visit>
void forEachPixel(const ColumnFootprint<double>& column, const ViewFrame& view, int64_t r, Visit&& visit) {
  const auto rho = static_cast<double>(r);
  const double inverseDepth = column.inverseDepth + rho * column.inverseDepthPerLine;
  const double reach = (column.wide + column.narrow) * inverseDepth + 0.5;
  const double centre = column.centre + rho * column.centrePerLine;
  const auto limit = static_cast<double>(view.countC);
  const auto first = static_cast<int64_t>(std::clamp(std::floor(centre - reach) + 1, 0.0, limit));
  const auto last = static_cast<int64_t>(std::clamp(std::ceil(centre + reach), 0.0, limit));
  for (int64_t c = first; c < last; ++c) visit(c, static_cast<float>(crossWeight(column, view.voxelVolume, rho, static_cast<double>(c))));
}

class ReferenceProjector final : public Projector {
 public:
  explicit ReferenceProjector(const ScanGeometry& geometry) : geometry_(geometry) {
    frames_.reserve(static_cast<size_t>(geometry.views()));
    for (int64_t view = 0; view < geometry.views(); ++view) frames_.push_back(makeViewFrame(geometry, view));
  }

  Status forward(const float* volume, const float* measured, float* sinogram, const CallControl& control) const override {
    control.expect(geometry_.views());
    return parallelFor(control, geometry_.views(), [&](int64_t index, int) {
      const ViewFrame& view = frames_[static_cast<size_t>(index)];
      std::vector<float> image(static_cast<size_t>(view.countC * view.countR), 0.0F);
      for (int64_t q = 0; q < view.countQ && !control.cancelled(); ++q) {
        for (int64_t p = 0; p < view.countP; ++p) projectColumn(view, p, q, volume, image.data());
      }
      const int64_t offset = index * geometry_.pixelsPerView();
      for (int64_t r = 0; r < view.countR; ++r) {
        for (int64_t c = 0; c < view.countC; ++c) {
          const int64_t at = offset + view.firstPixel + r * view.strideR + c * view.strideC;
          const float value = image[static_cast<size_t>(c * view.countR + r)] * rayLength(view, static_cast<float>(r), static_cast<float>(c));
          sinogram[at] = measured != nullptr ? value - measured[at] : value;
        }
      }
      control.advance();
    });
  }

  Status back(const float* sinogram, float* volume, const CallControl& control) const override { return gather(sinogram, nullptr, volume, control); }

  Status average(const ViewSource& source, float* volume, const CallControl& control) const override { return gather(nullptr, &source, volume, control); }

 private:
  Status gather(const float* sinogram, const ViewSource* source, float* volume, const CallControl& control) const {
    const Basis basis = source == nullptr ? Basis::linear : Basis::box;
    std::vector<float> scaled(static_cast<size_t>(geometry_.views() * geometry_.pixelsPerView()));
    control.expect(geometry_.views());
    Status status = parallelFor(control, geometry_.views(), [&](int64_t index, int) {
      const ViewFrame& view = frames_[static_cast<size_t>(index)];
      const int64_t offset = index * geometry_.pixelsPerView();
      std::vector<float> pixels(static_cast<size_t>(geometry_.pixelsPerView()));
      if (source != nullptr) source->produce(index, pixels.data());
      else std::copy(sinogram + offset, sinogram + offset + geometry_.pixelsPerView(), pixels.begin());
      for (int64_t r = 0; r < view.countR; ++r) {
        for (int64_t c = 0; c < view.countC; ++c) {
          scaled[static_cast<size_t>(offset + c * view.countR + r)] =
              pixels[static_cast<size_t>(view.firstPixel + r * view.strideR + c * view.strideC)] * (source == nullptr ? rayLength(view, static_cast<float>(r), static_cast<float>(c)) : 1.0F);
        }
      }
    });
    std::fill(volume, volume + geometry_.voxels(), 0.0F);
    for (int axis = 2; axis >= 0 && status.ok(); --axis) {
      const auto first = std::find_if(frames_.begin(), frames_.end(), [axis](const ViewFrame& view) { return view.lineAxis == axis; });
      if (first == frames_.end()) continue;
      control.expect(first->countQ);
      status = parallelFor(control, first->countQ, [&](int64_t q, int) {
        for (int64_t p = 0; p < first->countP && !control.cancelled(); ++p) {
          for (size_t index = 0; index < frames_.size(); ++index) {
            if (frames_[index].lineAxis != axis) continue;
            gatherColumn(frames_[index], p, q, scaled.data() + static_cast<int64_t>(index) * geometry_.pixelsPerView(), basis, volume);
          }
        }
        control.advance();
      });
    }
    return status;
  }

  static void projectColumn(const ViewFrame& view, int64_t p, int64_t q, const float* volume, float* image) {
    const ColumnFootprint<double> column = makeColumn<double>(view, static_cast<double>(p), static_cast<double>(q), Basis::linear);
    const float* line = volume + p * view.strideP + q * view.strideQ;
    forEachLine(column, view, Basis::linear, [&](int64_t r, double z0, double z1) {
      float sum = 0;
      forEachVoxel(z0, z1, view.countL, Basis::linear, [&](int64_t l, float overlap) { sum += overlap * line[l * view.strideL]; });
      forEachPixel(column, view, r, [&](int64_t c, float weight) { image[c * view.countR + r] += weight * sum; });
    });
  }

  static void gatherColumn(const ViewFrame& view, int64_t p, int64_t q, const float* image, Basis basis, float* volume) {
    const ColumnFootprint<double> column = makeColumn<double>(view, static_cast<double>(p), static_cast<double>(q), basis);
    float* line = volume + p * view.strideP + q * view.strideQ;
    forEachLine(column, view, basis, [&](int64_t r, double z0, double z1) {
      float sum = 0;
      forEachPixel(column, view, r, [&](int64_t c, float weight) { sum += weight * image[c * view.countR + r]; });
      forEachVoxel(z0, z1, view.countL, basis, [&](int64_t l, float overlap) { line[l * view.strideL] += overlap * sum; });
    });
  }

  ScanGeometry geometry_;
  std::vector<ViewFrame> frames_;
};

}  // namespace

std::unique_ptr<Projector> makeReferenceProjector(const ScanGeometry& geometry) { return std::make_unique<ReferenceProjector>(geometry); }

}  // namespace tomo
