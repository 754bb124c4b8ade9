// Forward and back projection of the views of one geometry; implementations are in cpu/ and cuda/.
#pragma once

#include <memory>

#include "tomo/footprint.hpp"
#include "tomo/geometry.hpp"
#include "tomo/parallel.hpp"

namespace tomo {

/// Makes the views that FDK back projects; called from several threads.
class ViewSource {
 public:
  virtual ~ViewSource() = default;
  /// Writes view `view` of the projector's geometry, (rows, columns).
  virtual void produce(int64_t view, float* pixels) const = 0;
};

/// The pair A, A^T. Volumes are (D,H,W), sinograms (views, rows, columns), C order, float32.
class Projector {
 public:
  virtual ~Projector() = default;
  /// sinogram = A volume - measured; measured may be null or the sinogram itself.
  virtual Status forward(const float* volume, const float* measured, float* sinogram, const CallControl& control) const = 0;
  /// volume = A^T sinogram.
  virtual Status back(const float* sinogram, float* volume, const CallControl& control) const = 0;
  /// For FDK: as back, but without the ray lengths, and with Basis::box, where voxels average over their own extent only.
  virtual Status average(const ViewSource& source, float* volume, const CallControl& control) const = 0;
};

struct Kernels;  // cpu/kernels.hpp

/// Expects a geometry that validateGeometry accepts. `kernels` null: the best for this processor.
std::unique_ptr<Projector> makeCpuProjector(const ScanGeometry& geometry, const Kernels* kernels = nullptr);

}  // namespace tomo
