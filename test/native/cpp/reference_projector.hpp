// Plain double-precision version of the projector, for comparison.
#pragma once

#include "tomo/projector.hpp"

namespace tomo {

std::unique_ptr<Projector> makeReferenceProjector(const ScanGeometry& geometry);

}  // namespace tomo
