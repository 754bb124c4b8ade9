// The projector's arithmetic for one voxel column and one view, shared by CPU and CUDA; loops over columns are left to cpu/ and cuda/.
//
// Model: separable footprint of linear interpolation, evaluated per detector line so that a tilted detector needs no approximation. A column of voxels
// (all l of one p, q) is seen as a straight strip. With (r,c) a pixel and (l,p,q) a voxel:
//   A = length(r,c) * voxelVolume * inverseDepth(r)^2 * crossWeight(r,c) * lineOverlap(r,l)
// lineOverlap integrates the hat function of voxel l (width 2 voxels, so that neighbours interpolate linearly) over the piece of the column that line r
// sees. crossWeight is the pixel's integral of a hat of unit area whose width is twice a voxel's along p or q, whichever looks wider: linear interpolation
// within the planes that the rays cross most steeply, as Joseph (1982), but integrated over the pixel. length = |ray|/|n.(d-s)| makes it the voxel's
// volume over the area of the pixel's ray bundle there (as Long, Fessler, Balter 2010, with the amplitude taken per ray). Both factors conserve mass exactly.
// Voxels as boxes (Basis::box) have sharper edges but stairs where pixels are finer than voxels; FDK averages over them.
#pragma once

#include <cmath>

#include "tomo/geometry.hpp"
#include "tomo/host_device.hpp"

namespace tomo {

enum class Basis { linear, box };

/**
 * A voxel column in one view. With rho a (fractional) line: the strip's centre is centre + rho*centrePerLine, 1/depth there is
 * inverseDepth + rho*inverseDepthPerLine (both exact: the image of a line is a line), half widths of the voxel scale with 1/depth.
 * Lines and faces: face z (0..countL) is seen at rho = (line0 + z*lineL)/(depth0 + z*depthL). Real is double on the host, float on a GPU.
 */
template <typename Real>
struct ColumnFootprint {
  Real centre, centrePerLine;
  Real inverseDepth, inverseDepthPerLine;
  Real alongP, alongQ;  // half widths of a voxel at depth 1, as seen across the strip
  Real wide, narrow;    // half widths at depth 1 of the two boxes whose convolution is seen, wide >= narrow
  Real line0, lineL, depth0, depthL;
};

/// `View` has the forms depth, cross and line in its own precision.
template <typename Real, typename View>
TOMO_HD ColumnFootprint<Real> makeColumn(const View& view, Real p, Real q, Basis basis) {
  // z = l + 1/2 counts faces.
  const auto at = [p, q](const auto& form) { return form.constant + p * form.perP + q * form.perQ - Real(0.5) * form.perL; };
  ColumnFootprint<Real> column;
  column.depth0 = at(view.depth);
  column.depthL = view.depth.perL;
  column.line0 = at(view.line);
  column.lineL = view.line.perL;
  const Real cross0 = at(view.cross);
  const Real turn = column.lineL * column.depth0 - column.line0 * column.depthL;
  const Real inverseTurn = Real(1) / turn;
  const Real inverseDepth0 = Real(1) / column.depth0;
  column.centrePerLine = (view.cross.perL * column.depth0 - cross0 * column.depthL) * inverseTurn;
  column.centre = (cross0 - column.centrePerLine * column.line0) * inverseDepth0;
  column.inverseDepthPerLine = -column.depthL * inverseTurn;
  column.inverseDepth = (Real(1) - column.inverseDepthPerLine * column.line0) * inverseDepth0;
  column.alongP = Real(0.5) * std::fabs(view.cross.perP - column.centrePerLine * view.line.perP - column.centre * view.depth.perP);
  column.alongQ = Real(0.5) * std::fabs(view.cross.perQ - column.centrePerLine * view.line.perQ - column.centre * view.depth.perQ);
  column.wide = column.alongP > column.alongQ ? column.alongP : column.alongQ;
  column.narrow = basis == Basis::linear ? column.wide : column.alongP > column.alongQ ? column.alongQ : column.alongP;
  return column;
}

/// Where face z of the column is seen, in lines (integers are line centres).
template <typename Real>
TOMO_HD Real lineOfFace(const ColumnFootprint<Real>& column, Real z) {
  return (column.line0 + z * column.lineL) / (column.depth0 + z * column.depthL);
}

/// The face coordinate z that is seen at rho; only for rho between the images of the column's ends.
template <typename Real>
TOMO_HD Real faceOfLine(const ColumnFootprint<Real>& column, Real rho) {
  return (rho * column.depth0 - column.line0) / (column.lineL - rho * column.depthL);
}

/// Integral from 0 to x of the unit-area convolution of two boxes of half widths wide >= narrow.
template <typename Real>
TOMO_HD Real trapezoidIntegral(Real x, Real wide, Real narrow) {
  const Real outer = wide + narrow, inner = wide - narrow;
  Real t = std::fabs(x);
  t = t < outer ? t : outer;
  const Real beyond = t > inner ? t - inner : Real(0);
  const Real value = (t - beyond * beyond / (Real(4) * (narrow > Real(1e-9) ? narrow : Real(1e-9)))) / (Real(2) * wide);
  return x < 0 ? -value : value;
}

/// voxelVolume * inverseDepth^2 * share of the strip at line r that pixel c sees.
template <typename Real>
TOMO_HD Real crossWeight(const ColumnFootprint<Real>& column, Real voxelVolume, Real r, Real c) {
  const Real inverseDepth = column.inverseDepth + r * column.inverseDepthPerLine;
  if (!(inverseDepth > 0)) return Real(0);
  const Real wide = column.wide * inverseDepth, narrow = column.narrow * inverseDepth;
  const Real x = c - (column.centre + r * column.centrePerLine);
  return voxelVolume * inverseDepth * inverseDepth * (trapezoidIntegral(x + Real(0.5), wide, narrow) - trapezoidIntegral(x - Real(0.5), wide, narrow));
}

/// Integral from 0 to x of voxel l's basis function, x counted from its centre.
template <typename Real>
TOMO_HD Real lineIntegral(Real x, Basis basis) {
  const Real reach = basis == Basis::linear ? Real(1) : Real(0.5);
  const Real t = x < -reach ? -reach : x > reach ? reach : x;
  return basis == Basis::linear ? t * (Real(1) - Real(0.5) * std::fabs(t)) : t;
}

/// |ray| / |n.(d-s)| of pixel (r,c), 1/mm^2.
template <typename View>
TOMO_HD float rayLength(const View& view, float r, float c) {
  const float x = view.rayOrigin[0] + c * view.rayPerC[0] + r * view.rayPerR[0];
  const float y = view.rayOrigin[1] + c * view.rayPerC[1] + r * view.rayPerR[1];
  const float z = view.rayOrigin[2] + c * view.rayPerC[2] + r * view.rayPerR[2];
  return std::sqrt(x * x + y * y + z * z) * view.lengthScale;
}

}  // namespace tomo
