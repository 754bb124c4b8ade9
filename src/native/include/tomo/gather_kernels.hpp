// What one thread of a GPU computes, as plain functions: forward a pixel's sum, back a line's and a voxel's. Tested on the host; cuda/ launches them.
// Weights are those of footprint.hpp in single precision; forward and back take them from the same functions.
#pragma once

#include "tomo/footprint.hpp"

namespace tomo {

struct FloatForm {
  float constant, perP, perQ, perL;
};

/// A ViewFrame in single precision for volumes with l contiguous, element (q*countP + p)*countL + l, and images with r contiguous, c*countR + r.
struct GatherView {
  int countP, countQ, countL, countR, countC;
  FloatForm depth, cross, line;
  float voxelVolume;
  float rayOrigin[3], rayPerC[3], rayPerR[3];
  float lengthScale;
  bool planesOfQ;  // rays cross planes of constant q most steeply, else of constant p
};

inline GatherView makeGatherView(const ViewFrame& view) {
  const auto form = [](const LinearForm& f) {
    return FloatForm{static_cast<float>(f.constant), static_cast<float>(f.perP), static_cast<float>(f.perQ), static_cast<float>(f.perL)};
  };
  GatherView result{static_cast<int>(view.countP), static_cast<int>(view.countQ), static_cast<int>(view.countL), static_cast<int>(view.countR), static_cast<int>(view.countC),
                    form(view.depth), form(view.cross), form(view.line), static_cast<float>(view.voxelVolume), {}, {}, {}, view.lengthScale, true};
  for (int axis = 0; axis < 3; ++axis) {
    result.rayOrigin[axis] = view.rayOrigin[axis];
    result.rayPerC[axis] = view.rayPerC[axis];
    result.rayPerR[axis] = view.rayPerR[axis];
  }
  const ColumnFootprint<double> middle = makeColumn<double>(view, 0.5 * static_cast<double>(view.countP - 1), 0.5 * static_cast<double>(view.countQ - 1), Basis::linear);
  result.planesOfQ = middle.alongP >= middle.alongQ;
  return result;
}

/// The faces at the edges of line r, within what interpolation reaches.
TOMO_HD void facesOfLine(const ColumnFootprint<float>& column, int countL, Basis basis, float r, float& z0, float& z1) {
  const float beyond = basis == Basis::linear ? 0.5F : 0.0F, top = static_cast<float>(countL) + beyond;
  const float low = lineOfFace(column, -beyond), high = lineOfFace(column, top);
  z0 = r - 0.5F <= low ? -beyond : r - 0.5F >= high ? top : faceOfLine(column, r - 0.5F);
  z1 = r + 0.5F <= low ? -beyond : r + 0.5F >= high ? top : faceOfLine(column, r + 0.5F);
}

/// What a column of voxels sends into line r.
TOMO_HD float sumVoxels(const ColumnFootprint<float>& column, const float* voxels, int countL, float r) {
  float z0, z1, sum = 0;
  facesOfLine(column, countL, Basis::linear, r, z0, z1);
  if (!(z1 > z0)) return 0;
  const int below = static_cast<int>(z0 + 1.0F) - 3;  // a voxel of slack for rounding
  for (int l = below > 0 ? below : 0; l < countL && static_cast<float>(l) - 0.5F < z1; ++l) {
    const float centre = static_cast<float>(l) + 0.5F;
    sum += (lineIntegral(z1 - centre, Basis::linear) - lineIntegral(z0 - centre, Basis::linear)) * voxels[l];
  }
  return sum;
}

/// (A x) of pixel (r,c): planes of constant q (or p) one after the other, in each the few columns whose footprints meet the pixel.
TOMO_HD float forwardPixel(const GatherView& view, const float* volume, int r, int c) {
  const auto fr = static_cast<float>(r), fc = static_cast<float>(c);
  // The ray meets a plane where cross = c*depth and line = r*depth: two linear equations for the position in the plane and l.
  const bool overQ = view.planesOfQ;
  const auto perInner = [overQ](const FloatForm& f) { return overQ ? f.perP : f.perQ; };
  const auto perPlane = [overQ](const FloatForm& f) { return overQ ? f.perQ : f.perP; };
  const float a = perInner(view.cross) - fc * perInner(view.depth), b = view.cross.perL - fc * view.depth.perL;
  const float d = perInner(view.line) - fr * perInner(view.depth), e = view.line.perL - fr * view.depth.perL;
  const float u0 = fc * view.depth.constant - view.cross.constant, u1 = fc * perPlane(view.depth) - perPlane(view.cross);
  const float v0 = fr * view.depth.constant - view.line.constant, v1 = fr * perPlane(view.depth) - perPlane(view.line);
  const float inverse = 1.0F / (a * e - b * d);
  const float inner0 = (u0 * e - b * v0) * inverse, innerPerPlane = (u1 * e - b * v1) * inverse;
  const int planes = overQ ? view.countQ : view.countP, inners = overQ ? view.countP : view.countQ;
  float sum = 0;
  for (int plane = 0; plane < planes; ++plane) {
    const auto fixed = static_cast<float>(plane);
    const float inner = inner0 + fixed * innerPerPlane;
    if (!(inner > -64.0F && inner < static_cast<float>(inners) + 64.0F)) continue;
    const ColumnFootprint<float> at = makeColumn<float>(view, overQ ? inner : fixed, overQ ? fixed : inner, Basis::linear);
    const float inverseDepth = at.inverseDepth + fr * at.inverseDepthPerLine;
    const float step = 2.0F * (overQ ? at.alongP : at.alongQ) * inverseDepth;
    // Footprints change a little from column to column: a tenth more than reaches from here.
    const float reach = 1.1F * (2.0F * at.wide * inverseDepth + 0.5F) / step + 0.1F;
    int first = static_cast<int>(inner - reach + 65.0F) - 64, last = static_cast<int>(inner + reach);
    first = first > 0 ? first : 0;
    last = last < inners - 1 ? last : inners - 1;
    for (int n = first; n <= last; ++n) {
      const int p = overQ ? n : plane, q = overQ ? plane : n;
      const ColumnFootprint<float> column = makeColumn<float>(view, static_cast<float>(p), static_cast<float>(q), Basis::linear);
      const float weight = crossWeight(column, view.voxelVolume, fr, fc);
      if (weight > 0) sum += weight * sumVoxels(column, volume + (static_cast<int64_t>(q) * view.countP + p) * view.countL, view.countL, fr);
    }
  }
  return sum * rayLength(view, fr, fc);
}

/// What a column gets from line r of an image that is already scaled by rayLength.
TOMO_HD float gatherLine(const GatherView& view, const ColumnFootprint<float>& column, const float* image, int r) {
  const auto fr = static_cast<float>(r);
  const float inverseDepth = column.inverseDepth + fr * column.inverseDepthPerLine;
  const float centre = column.centre + fr * column.centrePerLine, reach = (column.wide + column.narrow) * inverseDepth + 0.5F;
  if (!(inverseDepth > 0) || !(centre + reach > 0) || !(centre - reach < static_cast<float>(view.countC))) return 0;
  const int first = centre - reach > 0 ? static_cast<int>(centre - reach) : 0;
  float sum = 0;
  for (int c = first; c < view.countC && static_cast<float>(c) < centre + reach; ++c) {
    sum += crossWeight(column, view.voxelVolume, fr, static_cast<float>(c)) * image[static_cast<int64_t>(c) * view.countR + r];
  }
  return sum;
}

/// What voxel l of a column gets from its lines; lines[r] is gatherLine of r.
TOMO_HD float gatherVoxel(const GatherView& view, const ColumnFootprint<float>& column, const float* lines, int l) {
  const float centre = static_cast<float>(l) + 0.5F;
  const float low = lineOfFace(column, centre - 1.0F), high = lineOfFace(column, centre + 1.0F);
  if (!(high > -1.0F) || !(low < static_cast<float>(view.countR))) return 0;
  const int first = low > 1.0F ? static_cast<int>(low) - 1 : 0;
  float sum = 0;
  for (int r = first; r < view.countR && static_cast<float>(r) - 1.5F < high; ++r) {
    float z0, z1;
    facesOfLine(column, view.countL, Basis::linear, static_cast<float>(r), z0, z1);
    sum += (lineIntegral(z1 - centre, Basis::linear) - lineIntegral(z0 - centre, Basis::linear)) * lines[r];
  }
  return sum;
}

}  // namespace tomo
