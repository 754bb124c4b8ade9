// Forward and back projection of the views of one geometry; implementations are in cpu/ and cuda/.
#pragma once

#include <memory>

#include "tomo/footprint.hpp"
#include "tomo/geometry.hpp"
#include "tomo/parallel.hpp"

namespace tomo {

/// The pair A, A^T. Volumes are (D,H,W), sinograms (views, rows, columns), C order, float32.
class Projector {
 public:
  virtual ~Projector() = default;
  /// sinogram = A volume - measured; measured may be null or the sinogram itself.
  virtual Status forward(const float* volume, const float* measured, float* sinogram, const CallControl& control) const = 0;
  /// volume = A^T sinogram. With Basis::box voxels average over their own extent only, which FDK wants; that is not forward's transpose.
  virtual Status back(const float* sinogram, float* volume, Basis basis, const CallControl& control) const = 0;
};

struct Kernels;  // cpu/kernels.hpp

/// Expects a geometry that validateGeometry accepts. `kernels` null: the best for this processor.
std::unique_ptr<Projector> makeCpuProjector(const ScanGeometry& geometry, const Kernels* kernels = nullptr);

}  // namespace tomo
