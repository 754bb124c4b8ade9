// The fan angle of a cone-beam ray: how far it points beside the rotation axis, seen along the axis.
#pragma once

#include <cmath>

#include "vector3.hpp"

namespace tomo {

/// From the direction source -> axis (z through the origin) to the ray, counter-clockwise, radians.
inline double fanAngle(const Vector3& source, const Vector3& ray) {
  return std::atan2(-source[0] * ray[1] + source[1] * ray[0], -source[0] * ray[0] - source[1] * ray[1]);
}

}  // namespace tomo
