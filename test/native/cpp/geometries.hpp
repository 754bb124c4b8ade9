// The geometries that every projector test goes through.
#pragma once

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "tomo/geometry.hpp"

namespace tomo::test {

struct Orbit {
  double sourceMm = 66, detectorMm = 133, pixelU = 1.1, pixelV = 0.9;
  double tilt = 0;    // of the detector's rows against z, radians
  double pitch = 0;   // mm along z a turn
  double turns = 1;
  double roll = 0;    // of the detector in its plane, radians
  double lean = 0;    // of the detector against the beam, radians
};

inline void addView(ScanGeometry& geometry, const Orbit& orbit, double angle) {
  const double c = std::cos(angle), s = std::sin(angle), z = orbit.pitch * (angle / (2 * std::numbers::pi) - 0.5 * orbit.turns);
  const double cu = std::cos(orbit.roll), su = std::sin(orbit.roll);
  const double beam[3] = {-c, -s, 0}, across[3] = {-s, c, 0};
  // Up, leaning towards the beam.
  const double up[3] = {std::sin(orbit.lean) * beam[0] + std::sin(orbit.tilt) * across[0], std::sin(orbit.lean) * beam[1] + std::sin(orbit.tilt) * across[1], std::cos(orbit.lean)};
  const auto push = [&geometry](double x, double y, double zz) { geometry.vectors.insert(geometry.vectors.end(), {x, y, zz}); };
  if (geometry.type == BeamType::cone) push(orbit.sourceMm * c, orbit.sourceMm * s, z);
  else push(beam[0], beam[1], 0.05);
  push(orbit.detectorMm * beam[0] + 0.3 * across[0], orbit.detectorMm * beam[1] + 0.3 * across[1], z + 0.2);
  const auto mix = [&](double a, double b, double scale) {
    push(scale * (a * across[0] + b * up[0]), scale * (a * across[1] + b * up[1]), scale * (a * across[2] + b * up[2]));
  };
  mix(cu, su, orbit.pixelU);
  mix(-su, cu, orbit.pixelV);
}

inline ScanGeometry makeScan(BeamType type, std::array<int64_t, 3> shape, std::array<double, 3> voxel, int64_t rows, int64_t columns, int64_t views, const Orbit& orbit = {}) {
  ScanGeometry geometry;
  geometry.type = type;
  geometry.volumeShape = shape;
  geometry.voxelSizeMm = voxel;
  geometry.detectorRows = rows;
  geometry.detectorColumns = columns;
  for (int64_t view = 0; view < views; ++view) addView(geometry, orbit, 2 * std::numbers::pi * orbit.turns * (static_cast<double>(view) + 0.1) / static_cast<double>(views));
  return geometry;
}

struct NamedScan {
  std::string name;
  ScanGeometry geometry;
};

inline std::vector<NamedScan> allScans() {
  const auto cone = BeamType::cone, parallel = BeamType::parallel;
  const auto orbit = [](auto&& change) {
    Orbit result;
    change(result);
    return result;
  };
  std::vector<NamedScan> scans{
      {"circular cone", makeScan(cone, {24, 28, 26}, {1, 1, 1}, 70, 66, 9)},
      {"slightly tilted detector", makeScan(cone, {40, 24, 20}, {0.8, 1, 1}, 120, 60, 9, orbit([](Orbit& o) { o.tilt = 0.0035, o.lean = 0.004; }))},
      {"strongly tilted and leaning detector", makeScan(cone, {24, 28, 26}, {1, 1, 1}, 70, 66, 7, orbit([](Orbit& o) { o.tilt = 0.1, o.lean = 0.3; }))},
      {"helix", makeScan(cone, {32, 20, 22}, {1, 1, 1}, 50, 66, 15, orbit([](Orbit& o) { o.turns = 2, o.pitch = 12; }))},
      {"detector upside down", makeScan(cone, {24, 28, 26}, {1, 1, 1}, 70, 66, 5, orbit([](Orbit& o) { o.pixelV = -0.9; }))},
      {"detector on its side", makeScan(cone, {24, 28, 26}, {1, 1, 1}, 70, 66, 5, orbit([](Orbit& o) { o.roll = std::numbers::pi / 2; }))},
      {"detector rolled by 30 degrees", makeScan(cone, {16, 18, 17}, {1, 1, 1}, 66, 60, 5, orbit([](Orbit& o) { o.roll = 0.5236; }))},
      {"parallel beam", makeScan(parallel, {24, 28, 26}, {1, 1, 1}, 34, 40, 9)},
      {"parallel beam along z", makeScan(parallel, {24, 28, 26}, {1, 1, 1}, 34, 40, 1)},
      {"anisotropic voxels", makeScan(cone, {12, 30, 18}, {2.5, 0.8, 1.3}, 80, 66, 7)},
      {"tall voxels, fine rows", makeScan(cone, {3, 20, 22}, {9, 1, 1}, 200, 60, 5, orbit([](Orbit& o) { o.pixelV = 0.35; }))},
      {"coarse pixels", makeScan(cone, {40, 28, 26}, {0.5, 0.5, 0.5}, 9, 8, 7, orbit([](Orbit& o) { o.pixelU = 6, o.pixelV = 7; }))},
      {"one voxel", makeScan(cone, {1, 1, 1}, {9, 9, 9}, 40, 41, 3)},
      {"one view", makeScan(cone, {8, 9, 10}, {1, 1, 1}, 30, 31, 1)},
      {"one row", makeScan(cone, {9, 20, 20}, {1, 1, 1}, 1, 60, 5)},
      {"one row that sees all", makeScan(cone, {300, 6, 6}, {0.1, 1, 1}, 1, 40, 3, orbit([](Orbit& o) { o.pixelV = 120; }))},
      {"one column", makeScan(cone, {9, 20, 20}, {1, 1, 1}, 40, 1, 5)},
      {"detector smaller than the volume", makeScan(cone, {24, 28, 26}, {1, 1, 1}, 17, 15, 7)},
      {"detector that misses the volume", makeScan(cone, {8, 8, 8}, {0.2, 0.2, 0.2}, 6, 5, 3, orbit([](Orbit& o) { o.pixelU = 0.1, o.pixelV = 0.1; }))},
  };
  for (NamedScan& scan : scans) {
    if (scan.name == "parallel beam along z") scan.geometry.vectors = {0.02, 0.03, 1, 0.1, 0.2, 40, 1.1, 0, 0, 0, 0.9, 0};
    if (scan.name == "detector that misses the volume") {
      for (size_t view = 0; view < 3; ++view) scan.geometry.vectors[view * 12 + 5] = 60;
    }
    if (scan.name == "anisotropic voxels") scan.geometry.volumeCentreMm = {2, -3, 1.5};
  }
  return scans;
}

}  // namespace tomo::test
