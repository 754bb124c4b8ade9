// A voxel column in one view as a block of threads uses it: prepared once in double, then single precision relative to a line in the block's own tile,
// so that large coordinates cost no accuracy. Forward and back take every weight from the same functions. The model is that of footprint.hpp.
#pragma once

#include "block.hpp"
#include "tomo/footprint.hpp"

namespace tomo {

/// A view as kernels read it: its frame, and where its pixels lie.
struct DeviceView {
  LinearForm depth, cross, line;
  double voxelVolume;
  float rayOrigin[3], rayPerC[3], rayPerR[3];
  float lengthScale;
  float halfStrip;               // no column of the volume is seen farther than this many pixels from its centre, half a pixel included
  int countR, countC;
  int firstLine, lines;          // the lines that are worked on; the others do not see the slab
  int64_t pixels;                // element of the raw block that is (r,c) = (0,0); lines outside the kept ones may lie before or behind the block
  int64_t strideR, strideC;      // elements of the raw block from one to the next
  int64_t image;                 // element of the images that is (firstLine, 0); (r,c) is at image + c*lines + r - firstLine
};

/// The part of a volume that is on the device, with l contiguous: element ((q - q0)*countP + p)*(l1 - l0) + l - l0.
struct VolumeSlab {
  int countP, countL;  // of the whole volume
  int q0, q1, l0, l1;

  TOMO_BOTH int64_t column(int p, int q) const { return (static_cast<int64_t>(q - q0) * countP + p) * (l1 - l0); }
};

struct TileColumn {
  // The face seen d lines beyond `reference` is base + zero + slope*d/(1 - bend*d), exactly.
  float reference;  // relative to the tile's first line
  float zero, slope, bend;
  float lowest, highest;  // d where the column's basis functions end
  // Across: centre (relative to firstPixel) and 1/depth at d; half widths at depth 1, see crossIntegral.
  float centre, centrePerLine, inverseDepth, inverseDepthPerLine, inverseDepthLeast;
  float inner, outer, gain, corner;
  int base;         // whole voxels
  int firstPixel;   // whole pixels
  int firstLine, lastLine;  // [first,last) of the lines that see the voxels asked for
};

TOMO_HD double clampTo(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/// A column for the lines from `tileLine` on; `middle` is a line near which it is used. firstLine and lastLine become those of voxels [l0,l1).
TOMO_HD TileColumn makeTileColumn(const DeviceView& view, const ColumnFootprint<double>& column, Basis basis, int countL, int tileLine, double middle, int l0, int l1) {
  // Interpolation reaches half a voxel beyond the ends.
  const double beyond = basis == Basis::linear ? 0.5 : 0.0, top = static_cast<double>(countL) + beyond;
  const double low = lineOfFace(column, -beyond), high = lineOfFace(column, top);
  const double rho = clampTo(middle, low, high);
  const double denominator = 1.0 / (column.lineL - rho * column.depthL);
  const double face = (rho * column.depth0 - column.line0) * denominator;
  const double bend = column.depthL * denominator;
  const double inverseDepth = column.inverseDepth + rho * column.inverseDepthPerLine;
  const double centre = column.centre + rho * column.centrePerLine;
  // Both boxes need some width for the quotients; a millionth of a pixel changes nothing.
  const double wide = column.wide > 1e-6 ? column.wide : 1e-6, narrow = column.narrow > 1e-6 * wide ? column.narrow : 1e-6 * wide;
  const double gain = view.voxelVolume / (2.0 * wide);
  const double base = floor(face);
  // Far beyond any pixel a column is not seen; the clamp keeps it within an integer.
  const double firstPixel = clampTo(floor(centre), -1e9, 1e9);

  TileColumn out;
  out.reference = static_cast<float>(rho - static_cast<double>(tileLine));
  out.zero = static_cast<float>(face - base);
  out.slope = static_cast<float>(column.depth0 * denominator + face * bend);
  out.bend = static_cast<float>(bend);
  out.lowest = static_cast<float>(low - rho);
  out.highest = static_cast<float>(high - rho);
  out.centre = static_cast<float>(centre - firstPixel);
  out.centrePerLine = static_cast<float>(column.centrePerLine);
  out.inverseDepth = static_cast<float>(inverseDepth);
  out.inverseDepthPerLine = static_cast<float>(column.inverseDepthPerLine);
  out.inverseDepthLeast = static_cast<float>(0.001 * inverseDepth);
  out.inner = static_cast<float>(wide - narrow);
  out.outer = static_cast<float>(wide + narrow);
  out.gain = static_cast<float>(gain);
  out.corner = static_cast<float>(gain / (4.0 * narrow));
  out.base = static_cast<int>(base);
  out.firstPixel = static_cast<int>(firstPixel);
  const double firstKept = static_cast<double>(view.firstLine), endKept = static_cast<double>(view.firstLine + view.lines);
  const double from = l0 <= 0 ? low : lineOfFace(column, static_cast<double>(l0) - beyond), to = l1 >= countL ? high : lineOfFace(column, static_cast<double>(l1) + beyond);
  out.firstLine = static_cast<int>(clampTo(floor(from + 0.5), firstKept, endKept));
  out.lastLine = static_cast<int>(clampTo(ceil(to + 0.5), firstKept, endKept));
  return out;
}

/// The face at d, relative to base; beyond the column's ends, its end.
TOMO_HD float faceAt(const TileColumn& column, float d) {
  const float t = d < column.lowest ? column.lowest : d > column.highest ? column.highest : d;
  return column.zero + column.slope * t / (1.0F - column.bend * t);
}

/// The inverse of faceAt within the column: lines from the tile's first.
TOMO_HD float lineAt(const TileColumn& column, float face) {
  const float y = (face - column.zero) / column.slope;
  const float d = y / (1.0F + column.bend * y);
  return column.reference + (d < column.lowest ? column.lowest : d > column.highest ? column.highest : d);
}

struct Across {
  float centre, inverseDepth;
};

TOMO_HD Across acrossAt(const TileColumn& column, float d) {
  const float inverseDepth = column.inverseDepth + d * column.inverseDepthPerLine;
  return {column.centre + d * column.centrePerLine, inverseDepth > column.inverseDepthLeast ? inverseDepth : column.inverseDepthLeast};
}

/// trapezoidIntegral times voxelVolume/depth^2, at distance x from the strip's centre.
template <Basis basis>
TOMO_HD float crossIntegral(const TileColumn& column, float inverseDepth, float x) {
  const float outer = column.outer * inverseDepth, gain = column.gain * inverseDepth;
  const float t = x < -outer ? -outer : x > outer ? outer : x;
  if (basis == Basis::linear) return t * (gain - column.corner * fabsf(t));
  const float inner = column.inner * inverseDepth;
  const float right = t - inner > 0 ? t - inner : 0.0F, left = t + inner < 0 ? t + inner : 0.0F;
  return gain * t - column.corner * (right * right - left * left);
}

/// Calls visit(pixel, weight) for the pixels [begin,end) that the strip meets at d.
template <Basis basis, typename Visit>
TOMO_HD void forEachPixelAcross(const TileColumn& column, float d, int begin, int end, Visit&& visit) {
  const Across across = acrossAt(column, d);
  const float reach = column.outer * across.inverseDepth + 0.5F;
  const float first = ceilf(across.centre - reach), last = floorf(across.centre + reach);
  const auto from = static_cast<float>(begin - column.firstPixel), to = static_cast<float>(end - 1 - column.firstPixel);
  const float low = first > from ? first : from, high = last < to ? last : to;
  if (!(low <= high)) return;
  float x = low - across.centre - 0.5F;
  float below = crossIntegral<basis>(column, across.inverseDepth, x);
  // Very far from the detector a float cannot tell pixels apart: whatever comes of that stays within the range.
  int pixel = static_cast<int>(low) + column.firstPixel, stop = static_cast<int>(high) + column.firstPixel;
  pixel = pixel > begin ? pixel : begin;
  stop = stop < end - 1 ? stop : end - 1;
  for (; pixel <= stop; ++pixel) {
    x += 1.0F;
    const float above = crossIntegral<basis>(column, across.inverseDepth, x);
    visit(pixel, above - below);
    below = above;
  }
}

}  // namespace tomo
