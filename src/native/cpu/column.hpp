// One voxel column in one view as single-precision numbers relative to a reference line near its middle, ready for the SIMD kernels.
// Included by files compiled for different instruction sets: everything here has internal linkage.
#pragma once

#include <cstdint>

#include "tomo/footprint.hpp"

namespace tomo {
namespace {

/// How the face seen at a line depends on the line: exactly rational; its series is used where it is as good as single precision.
enum class Curve { straight, bent, strong };

/// How the weights across change along the column: not at all, linearly between knots, or per line.
enum class Drift { none, knots, lines };

struct Column {
  // Face at d lines from the reference: zero + slope*d/(1 - bend*d).
  float zero, slope, bend;
  float bend1, bend2;  // slope*bend, slope*bend^2: the series of a bent curve
  float lines;      // 1/slope
  float reference;  // the reference line, a whole number
  float lowest, highest;  // d of the outer edges of the lines next to those that see the column
  // Across: centre (relative to firstColumn) and 1/depth at d lines from the reference; half widths at depth 1; see trapezoidIntegral.
  float centre, centrePerLine, inverseDepth, inverseDepthPerLine, inverseDepthLeast;
  float inner, outer, gain, corner;
  int32_t firstLine, lastLine;       // [first,last) on the detector
  int32_t firstColumn, columns;      // pixels across that can see it
  int32_t knotLines;                 // lines from knot to knot
  float facesPerLine, linesPerFace;  // the largest
  Curve curve;
  Drift drift;
};

constexpr int32_t maxKnots = 64;
constexpr int32_t maxKnotColumns = 64;
// Weights between knots are off by less than a hundredth where the strip moves less than this many pixels from one to the next.
constexpr double knotDrift = 0.25;

inline double absolute(double x) { return x < 0 ? -x : x; }
inline double larger(double a, double b) { return a > b ? a : b; }
inline double smaller(double a, double b) { return a < b ? a : b; }

/// False where the column is not seen at all.
inline bool prepareColumn(const ViewFrame& view, int64_t p, int64_t q, Basis basis, int32_t width, Column& out) {
  const ColumnFootprint<double> column = makeColumn<double>(view, static_cast<double>(p), static_cast<double>(q), basis);
  // Interpolation reaches half a voxel beyond the ends.
  const double beyond = basis == Basis::linear ? 0.5 : 0.0, top = static_cast<double>(view.countL) + beyond;
  const double low = lineOfFace(column, -beyond), high = lineOfFace(column, top);
  const double from = smaller(larger(low + 0.5, 0.0), static_cast<double>(view.countR));
  const double to = smaller(larger(high + 0.5, 0.0), static_cast<double>(view.countR));
  out.firstLine = static_cast<int32_t>(from);
  out.lastLine = static_cast<int32_t>(to) + (static_cast<double>(static_cast<int32_t>(to)) < to ? 1 : 0);
  if (out.lastLine <= out.firstLine) return false;

  const int32_t reference = (out.firstLine + out.lastLine) / 2;
  const auto rho = static_cast<double>(reference);
  const double denominator = 1.0 / (column.lineL - rho * column.depthL);
  const double zero = (rho * column.depth0 - column.line0) * denominator;
  const double bend = column.depthL * denominator;
  const double slope = column.depth0 * denominator + zero * bend;
  const double span = 0.5 * static_cast<double>(out.lastLine - out.firstLine) + 2.0;  // largest distance from the reference
  const double bending = absolute(bend) * span;
  out.zero = static_cast<float>(zero);
  out.slope = static_cast<float>(slope);
  out.bend = static_cast<float>(bend);
  out.bend1 = static_cast<float>(slope * bend);
  out.bend2 = static_cast<float>(slope * bend * bend);
  out.lines = static_cast<float>(1.0 / slope);
  out.reference = static_cast<float>(reference);
  out.lowest = static_cast<float>(out.firstLine - reference) - 1.5F;
  out.highest = static_cast<float>(out.lastLine - reference) + 0.5F;
  out.curve = bending * slope * span < 1e-5 ? Curve::straight : bending < 0.02 ? Curve::bent : Curve::strong;
  // d(face)/d(line) = slope/(1 - bend d)^2
  const double flat = bending < 0.9 ? 1.0 - bending : 0.1;
  out.facesPerLine = static_cast<float>(slope / (flat * flat));
  out.linesPerFace = static_cast<float>((1.0 + bending) * (1.0 + bending) / slope);

  const double centre = column.centre + rho * column.centrePerLine;
  const double inverseDepth = column.inverseDepth + rho * column.inverseDepthPerLine;
  const double drift = absolute(column.centrePerLine), thinning = absolute(column.inverseDepthPerLine);
  const double reach = (column.wide + column.narrow) * (inverseDepth + thinning * span) + 0.5 + drift * span;
  // Only pixels on the detector; the extremes of odd geometries are beyond any integer.
  const double firstSeen = larger(centre - reach, 0.0), lastSeen = smaller(centre + reach, static_cast<double>(view.countC - 1));
  if (!(firstSeen <= lastSeen)) return false;
  out.firstColumn = static_cast<int32_t>(firstSeen);
  out.columns = static_cast<int32_t>(lastSeen) + 1 - out.firstColumn;
  out.centre = static_cast<float>(centre - static_cast<double>(out.firstColumn));
  out.centrePerLine = static_cast<float>(column.centrePerLine);
  // Both boxes need some width for the quotients below; a millionth of a pixel changes nothing.
  const double wide = larger(column.wide, 1e-6), narrow = larger(column.narrow, 1e-6 * wide);
  const double gain = view.voxelVolume / (2.0 * wide);
  out.inverseDepth = static_cast<float>(inverseDepth);
  out.inverseDepthPerLine = static_cast<float>(column.inverseDepthPerLine);
  out.inverseDepthLeast = static_cast<float>(0.001 * inverseDepth);
  out.inner = static_cast<float>(wide - narrow);
  out.outer = static_cast<float>(wide + narrow);
  out.gain = static_cast<float>(gain);
  out.corner = static_cast<float>(gain / (4.0 * narrow));

  const int32_t vectors = (out.lastLine - 1) / width - out.firstLine / width + 1;
  const int32_t vectorsPerKnot = (vectors + maxKnots - 3) / (maxKnots - 2);
  // As long as the strip moves little from knot to knot, fewer knots are cheaper.
  int32_t stretch = vectorsPerKnot;
  while (stretch < 8 && drift * static_cast<double>(2 * stretch * width) < knotDrift) stretch *= 2;
  out.knotLines = stretch * width;
  const double lines = 2.0 * span;
  if (drift * lines < 1e-4 && thinning * lines < 1e-5 * inverseDepth) {
    out.drift = Drift::none;
  } else if (drift * static_cast<double>(out.knotLines) <= knotDrift && thinning * static_cast<double>(out.knotLines) < 0.02 * inverseDepth && out.columns <= maxKnotColumns) {
    out.drift = Drift::knots;
  } else {
    out.drift = Drift::lines;
  }
  return true;
}

}  // namespace
}  // namespace tomo
