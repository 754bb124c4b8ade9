// The GPU's arithmetic, run on the host, against the plain projector.
#include <doctest/doctest.h>

#include "geometries.hpp"
#include "reference_projector.hpp"
#include "tomo/gather_kernels.hpp"
#include "tomo/vector_ops.hpp"

namespace tomo::test {
namespace {

/// The volume with l contiguous, as GatherView wants it.
std::vector<float> columnsOf(const ViewFrame& view, const std::vector<float>& volume) {
  std::vector<float> columns;
  for (int64_t q = 0; q < view.countQ; ++q) {
    for (int64_t p = 0; p < view.countP; ++p) {
      for (int64_t l = 0; l < view.countL; ++l) columns.push_back(volume[static_cast<size_t>(q * view.strideQ + p * view.strideP + l * view.strideL)]);
    }
  }
  return columns;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0, scale = 0;
  for (size_t n = 0; n < a.size(); ++n) {
    difference += std::pow(static_cast<double>(a[n]) - static_cast<double>(b[n]), 2);
    scale += std::pow(static_cast<double>(b[n]), 2);
  }
  return scale > 0 ? std::sqrt(difference / scale) : std::sqrt(difference);
}

}  // namespace

TEST_CASE("the arithmetic of the GPU kernels agrees with the plain projector") {
  const CallControl control{2, nullptr};
  for (const NamedScan& scan : allScans()) {
    CAPTURE(scan.name);
    const ScanGeometry& geometry = scan.geometry;
    const auto plain = makeReferenceProjector(geometry);
    std::vector<float> x(static_cast<size_t>(geometry.voxels())), y(static_cast<size_t>(geometry.views() * geometry.pixelsPerView()));
    REQUIRE(fillRandom(x.data(), 1, RandomDistribution::uniform, 0, geometry.voxels(), control).ok());
    REQUIRE(fillRandom(y.data(), 2, RandomDistribution::uniform, 0, static_cast<int64_t>(y.size()), control).ok());
    std::vector<float> ax(y.size()), aty(x.size()), expectedAx(y.size()), expectedAty(x.size());
    REQUIRE(plain->forward(x.data(), nullptr, expectedAx.data(), control).ok());
    REQUIRE(plain->back(y.data(), expectedAty.data(), control).ok());
    for (int64_t index = 0; index < geometry.views(); ++index) {
      const ViewFrame frame = makeViewFrame(geometry, index);
      const GatherView view = makeGatherView(frame);
      const std::vector<float> columns = columnsOf(frame, x);
      std::vector<float> image(static_cast<size_t>(geometry.pixelsPerView())), lines(static_cast<size_t>(view.countR));
      for (int c = 0; c < view.countC; ++c) {
        for (int r = 0; r < view.countR; ++r) {
          const auto at = static_cast<size_t>(index * geometry.pixelsPerView() + frame.firstPixel + r * frame.strideR + c * frame.strideC);
          ax[at] = forwardPixel(view, columns.data(), r, c);
          image[static_cast<size_t>(c * view.countR + r)] = y[at] * rayLength(view, static_cast<float>(r), static_cast<float>(c));
        }
      }
      for (int q = 0; q < view.countQ; ++q) {
        for (int p = 0; p < view.countP; ++p) {
          const auto column = makeColumn<float>(view, static_cast<float>(p), static_cast<float>(q), Basis::linear);
          for (int r = 0; r < view.countR; ++r) lines[static_cast<size_t>(r)] = gatherLine(view, column, image.data(), r);
          for (int l = 0; l < view.countL; ++l) aty[static_cast<size_t>(q * frame.strideQ + p * frame.strideP + l * frame.strideL)] += gatherVoxel(view, column, lines.data(), l);
        }
      }
    }
    CHECK(distance(ax, expectedAx) < 2e-4);
    CHECK(distance(aty, expectedAty) < 2e-4);
  }
}

}  // namespace tomo::test
