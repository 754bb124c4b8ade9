// The scan geometry and what is prepared from it once per view; arithmetic on single voxel columns is in footprint.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tomo/error.hpp"

namespace tomo {

enum class BeamType { cone, parallel };

/// As src/shared/geometry.ts: lengths in mm, vectors 12 numbers a view in ASTRA's convention.
struct ScanGeometry {
  BeamType type = BeamType::cone;
  std::array<int64_t, 3> volumeShape{};   // (z,y,x)
  std::array<double, 3> voxelSizeMm{};    // (z,y,x)
  std::array<double, 3> volumeCentreMm{}; // (x,y,z)
  int64_t detectorRows = 0;
  int64_t detectorColumns = 0;
  std::vector<double> vectors;

  int64_t views() const { return static_cast<int64_t>(vectors.size() / 12); }
  int64_t voxels() const { return volumeShape[0] * volumeShape[1] * volumeShape[2]; }
  int64_t pixelsPerView() const { return detectorRows * detectorColumns; }
};

/// A linear form over the voxel grid: value(p, q, l) = constant + p*perP + q*perQ + l*perL.
struct LinearForm {
  double constant = 0, perP = 0, perQ = 0, perL = 0;
};

/**
 * One view in the frame the footprint model works in. The volume's axes are renamed: l, the line axis, is the one whose image on the detector
 * runs along "lines" (detector rows unless swapped); p and q are the other two. (p,q,l) count voxels, integers are voxel centres; the lower
 * edge of voxel l is l - 1/2. The detector's axes are renamed too: "line" index r runs along the image of l, "cross" index c across it.
 *   c = crossForm / depthForm,  r = lineForm / depthForm   for the projection of a point, integers are pixel centres.
 * depthForm is 1 on the detector plane and 0 at the source (constant 1 for parallel beams). r grows with l everywhere in the volume: strideR is
 * negative where the detector's own order is the other one.
 */
struct ViewFrame {
  int64_t countP = 0, countQ = 0, countL = 0;     // voxels along p, q, l
  int64_t strideP = 0, strideQ = 0, strideL = 0;  // elements of the volume from one to the next
  int64_t countR = 0, countC = 0;                 // detector samples along and across lines
  int64_t firstPixel = 0;                         // element of one view that is (r,c) = (0,0)
  int64_t strideR = 0, strideC = 0;               // elements of one view from one to the next
  int lineAxis = 2;                               // 0 x, 1 y, 2 z
  bool swapped = false;                           // r counts detector columns instead of rows
  LinearForm depth, cross, line;
  double voxelVolume = 0;                         // mm^3
  // Length of a ray per unit of depth and of detector area: |ray| / |n.(d-s)| as function of the pixel, with
  // ray = rayOrigin + c*rayPerC + r*rayPerR (mm), lengthScale = 1/|n.(d-s)| (1/mm^3). Parallel beams: a constant ray.
  float rayOrigin[3] = {}, rayPerC[3] = {}, rayPerR[3] = {};
  float lengthScale = 0;
};

/// Checks sizes, finiteness and that every view sees the volume from outside; the sentence names the view and what is wrong.
Status validateGeometry(const ScanGeometry& geometry);

/// Prepares one view of a valid geometry.
ViewFrame makeViewFrame(const ScanGeometry& geometry, int64_t view);

}  // namespace tomo
