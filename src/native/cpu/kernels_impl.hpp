// The inner loops of projection and back projection, written once over a SIMD type S (simd_*.hpp). Both directions take a column's weights from the
// same numbers, so that one is the transpose of the other to the rounding of each weight. Everything here has internal linkage.
#pragma once

#include "column.hpp"
#include "kernels.hpp"

namespace tomo {
namespace {

/// Face seen at d lines from the reference, as `zero` plus the product of two factors: so that it can be taken relative to any face in one rounding.
template <typename S>
struct FaceOffset {
  typename S::F a, b;
  typename S::F from(typename S::F origin) const { return S::fma(a, b, origin); }
};

template <typename S, Curve curve>
inline FaceOffset<S> faceAt(const Column& column, typename S::F d) {
  const auto slope = S::set(column.slope);
  if constexpr (curve == Curve::straight) return {slope, d};
  // The series grows for ever, so lines far from those that see the column see a face beyond its end.
  if constexpr (curve == Curve::bent) return {S::fma(S::fma(S::set(column.bend2), d, S::set(column.bend1)), d, slope), d};
  // The quotient turns back somewhere; such lines see a face beyond the column's end all the same.
  d = S::min(S::max(d, S::set(column.lowest)), S::set(column.highest));
  return {slope, S::div(d, S::sub(S::set(1.0F), S::mul(S::set(column.bend), d)))};
}

/// lineIntegral of Basis::linear for |t| <= 1; `size` is |t|.
template <typename S>
inline typename S::F hatIntegral(typename S::F t, typename S::F size) {
  return S::mul(t, S::fma(size, S::set(-0.5F), S::set(1.0F)));
}

template <typename S>
inline typename S::F clampedHatIntegral(typename S::F t) {
  const auto one = S::set(1.0F), minus = S::set(-1.0F);
  const auto clamped = S::max(S::min(t, one), minus);
  return hatIntegral<S>(clamped, S::abs(clamped));
}

/// The inverse of faceAt, good to a hundredth of a line.
template <typename S, Curve curve>
inline typename S::F lineOfFaceAt(const Column& column, typename S::F face) {
  const auto y = S::mul(S::sub(face, S::set(column.zero)), S::set(column.lines));
  if constexpr (curve == Curve::straight) return y;
  const auto bend = S::mul(S::set(column.bend), y);
  if constexpr (curve == Curve::bent) return S::mul(y, S::fma(bend, S::sub(bend, S::set(1.0F)), S::set(1.0F)));
  return S::div(y, S::add(S::set(1.0F), bend));
}

/// trapezoidIntegral times voxelVolume/depth^2, at distance x from the strip's centre where 1/depth is `inverseDepth`.
template <typename S, Basis basis>
inline typename S::F crossIntegral(const Column& column, typename S::F inverseDepth, typename S::F x) {
  const auto zero = S::set(0.0F);
  const auto outer = S::mul(S::set(column.outer), inverseDepth), gain = S::mul(S::set(column.gain), inverseDepth), corner = S::set(-column.corner);
  const auto t = S::max(S::min(x, outer), S::sub(zero, outer));
  if constexpr (basis == Basis::linear) return S::mul(t, S::fma(corner, S::abs(t), gain));
  const auto inner = S::mul(S::set(column.inner), inverseDepth);
  const auto right = S::max(S::sub(t, inner), zero), left = S::min(S::add(t, inner), zero);
  return S::fma(corner, S::sub(S::mul(right, right), S::mul(left, left)), S::mul(gain, t));
}

template <typename S>
struct Across {
  typename S::F centre, inverseDepth;
};

/// Centre and 1/depth at lines r.
template <typename S>
inline Across<S> acrossAt(const Column& column, typename S::F r) {
  const auto d = S::sub(r, S::set(column.reference));
  return {S::fma(S::set(column.centrePerLine), d, S::set(column.centre)),
          S::max(S::fma(S::set(column.inverseDepthPerLine), d, S::set(column.inverseDepth)), S::set(column.inverseDepthLeast))};
}

/// Weights across, prepared once per column as far as they can be.
template <typename S, Basis basis>
struct CrossWeights {
  int32_t first, count;        // pixels on the detector
  int32_t firstVector;         // knots start at its first line
  float weight[maxKnotColumns * maxKnots + S::width];  // room for loads that start one later
  float step[maxKnotColumns * maxKnots];

  void prepare(const Column& column) {
    first = column.firstColumn;
    count = column.columns;
    firstVector = column.firstLine / S::width;
    if (column.drift == Drift::none) {
      const auto half = S::set(0.5F);
      for (int32_t n = 0; n < count; n += S::width) {
        const auto x = S::sub(S::add(S::iota(), S::set(static_cast<float>(n))), S::set(column.centre));
        const auto inverseDepth = S::set(column.inverseDepth);
        S::store(weight + n, S::sub(crossIntegral<S, basis>(column, inverseDepth, S::add(x, half)), crossIntegral<S, basis>(column, inverseDepth, S::sub(x, half))));
      }
    } else if (column.drift == Drift::knots) {
      const int32_t knots = (column.lastLine - firstVector * S::width + column.knotLines - 1) / column.knotLines + 1;
      for (int32_t knot = 0; knot < knots; knot += S::width) {
        const auto r = S::fma(S::add(S::iota(), S::set(static_cast<float>(knot))), S::set(static_cast<float>(column.knotLines)), S::set(static_cast<float>(firstVector * S::width)));
        const Across<S> across = acrossAt<S>(column, r);
        auto lower = crossIntegral<S, basis>(column, across.inverseDepth, S::sub(S::set(-0.5F), across.centre));
        for (int32_t n = 0; n < count; ++n) {
          const auto upper = crossIntegral<S, basis>(column, across.inverseDepth, S::sub(S::set(static_cast<float>(n) + 0.5F), across.centre));
          S::store(weight + n * maxKnots + knot, S::sub(upper, lower));
          lower = upper;
        }
      }
      const auto perLine = S::set(1.0F / static_cast<float>(column.knotLines));
      for (int32_t n = 0; n < count; ++n) {
        for (int32_t knot = 0; knot + 1 < knots; knot += S::width) {
          const float* at = weight + n * maxKnots + knot;
          S::store(step + n * maxKnots + knot, S::mul(S::sub(S::load(at + 1), S::load(at)), perLine));
        }
      }
    }
  }

  /// Lines from the knot before them to those of vector `vector`; `knot` is that knot.
  static inline typename S::F linesFromKnot(const Column& column, int32_t vectorFromFirst, int32_t& knot) {
    const int32_t line = vectorFromFirst * S::width;
    knot = line / column.knotLines;
    return S::add(S::iota(), S::set(static_cast<float>(line - knot * column.knotLines)));
  }

  /// As `each` for this vector and the next, which lie between the same knots.
  template <Drift drift, typename Visit>
  inline void eachPair(const Column& column, int32_t vector, Visit&& visit) const {
    if constexpr (drift == Drift::none) {
      for (int32_t n = 0; n < count; ++n) visit(n, S::set(weight[n]), S::set(weight[n]));
    } else {
      int32_t knot;
      const auto along = linesFromKnot(column, vector - firstVector, knot), later = S::add(along, S::set(static_cast<float>(S::width)));
      for (int32_t n = 0; n < count; ++n) {
        const auto perLine = S::set(step[n * maxKnots + knot]), atKnot = S::set(weight[n * maxKnots + knot]);
        visit(n, S::fma(along, perLine, atKnot), S::fma(later, perLine, atKnot));
      }
    }
  }

  /// Calls visit(n, weights) for the pixels `first + n` that see the lines of vector `vector`.
  template <Drift drift, typename Visit>
  inline void each(const Column& column, int32_t vector, Visit&& visit) const {
    if constexpr (drift == Drift::none) {
      for (int32_t n = 0; n < count; ++n) visit(n, S::set(weight[n]));
    } else if constexpr (drift == Drift::knots) {
      int32_t knot;
      const auto along = linesFromKnot(column, vector - firstVector, knot);
      for (int32_t n = 0; n < count; ++n) visit(n, S::fma(along, S::set(step[n * maxKnots + knot]), S::set(weight[n * maxKnots + knot])));
    } else {
      const Across<S> across = acrossAt<S>(column, S::add(S::iota(), S::set(static_cast<float>(vector * S::width))));
      auto lower = crossIntegral<S, basis>(column, across.inverseDepth, S::sub(S::set(-0.5F), across.centre));
      for (int32_t n = 0; n < count; ++n) {
        const auto upper = crossIntegral<S, basis>(column, across.inverseDepth, S::sub(S::set(static_cast<float>(n) + 0.5F), across.centre));
        visit(n, S::sub(upper, lower));
        lower = upper;
      }
    }
  }
};

/// What the strip sends into the lines of one vector: the integral of the voxels, interpolated linearly between their centres, over each line. A line
/// finer than voxels begins between the centres of two voxels and ends before that of the third.
template <typename S, Curve curve>
inline typename S::F sumFineFaces(const Column& column, const float* voxels, int32_t vector) {
  const auto one = S::set(1.0F), half = S::set(0.5F);
  const auto d = S::sub(S::add(S::iota(), S::set(static_cast<float>(vector * S::width) - 0.5F)), S::set(column.reference));
  const FaceOffset<S> lower = faceAt<S, curve>(column, d), upper = faceAt<S, curve>(column, S::add(d, one));
  const auto zero = S::set(column.zero - 0.5F);
  const auto first = S::floor(lower.from(zero));
  const int32_t base = S::first(first);
  const typename S::Narrow window(voxels + base, 2 * S::width - 1);
  const auto position = S::toInt(S::sub(first, S::set(static_cast<float>(base)))), next = S::increment(position);
  // The line's edges from the first centre on, and its two parts: before the second centre and beyond it.
  const auto origin = S::sub(zero, first);
  const auto begin = lower.from(origin), end = upper.from(origin);
  const auto turn = S::min(end, one), beyond = S::sub(end, turn);
  const auto a = window.at(position), b = window.at(next), c = window.at(S::increment(next));
  const auto before = S::mul(S::sub(turn, begin), S::fma(S::mul(half, S::add(turn, begin)), S::sub(b, a), a));
  return S::fma(beyond, S::fma(S::mul(half, beyond), S::sub(c, b), b), before);
}

/// As sumFineFaces for lines of any width.
template <typename S, Curve curve>
inline typename S::F sumFaces(const Column& column, const float* voxels, float top, int32_t vector) {
  const auto one = S::set(1.0F);
  const auto d = S::sub(S::add(S::iota(), S::set(static_cast<float>(vector * S::width) - 0.5F)), S::set(column.reference));
  const FaceOffset<S> lower = faceAt<S, curve>(column, d), upper = faceAt<S, curve>(column, S::add(d, one));
  // Lines outside the volume see zeros there.
  const auto first = S::min(S::max(S::floor(lower.from(S::set(column.zero - 0.5F))), S::set(-1.0F)), S::set(top));
  const int32_t base = S::first(first);
  const typename S::Far window(voxels + base, static_cast<int32_t>(top) - base);
  auto position = S::toInt(S::sub(first, S::set(static_cast<float>(base))));
  auto centre = S::add(first, S::set(0.5F));
  auto sum = S::set(0.0F);
  const auto taps = static_cast<int32_t>(column.facesPerLine + 0.01F) + 3;
  for (int32_t tap = 0; tap < taps; ++tap) {
    const auto origin = S::sub(S::set(column.zero), centre);
    const auto overlap = S::sub(clampedHatIntegral<S>(upper.from(origin)), clampedHatIntegral<S>(lower.from(origin)));
    sum = S::fma(overlap, window.at(position), sum);
    position = S::increment(position);
    centre = S::add(centre, one);
  }
  return sum;
}

template <typename S, Curve curve, Drift drift, bool fine>
void projectColumn(const Column& column, const CrossWeights<S, Basis::linear>& weights, const float* voxels, float top, float* image, int64_t stride) {
  const int32_t last = (column.lastLine - 1) / S::width;
  float* target = image + weights.first * stride;
  for (int32_t vector = column.firstLine / S::width; vector <= last; ++vector) {
    const auto sum = fine ? sumFineFaces<S, curve>(column, voxels, vector) : sumFaces<S, curve>(column, voxels, top, vector);
    float* at = target + vector * S::width;
    weights.template each<drift>(column, vector, [at, stride, sum](int32_t n, typename S::F weight) { S::store(at + n * stride, S::fma(weight, sum, S::load(at + n * stride))); });
  }
}

/// Line edges that can lie within a piece as long as a voxel, the one before its start included where that is not sharp.
inline int32_t gatherTaps(const Column& column) { return static_cast<int32_t>(column.linesPerFace + 0.05F) + 1; }

/**
 * Voxels from lines: line r holds the value lines[r] over the faces it sees. Box voxels integrate that from their lower to their upper face. Linear ones
 * share it out: of what lies between the centres of voxels l and l+1, at distance t from the first, l takes 1 - t and l+1 takes t. With t_j the line
 * edges between the two ends 0 and 1 (clamped to them) and L_j the lines between edges, summation by parts gives the integrals of 1 and t as
 * L_end + sum_j t_j (L_j - L_j+1) and (L_end + sum_j t_j^2 (L_j - L_j+1)) / 2: a few edges for each voxel, and exact conservation.
 */
template <typename S, Basis basis, Curve curve, typename Window>
void gatherFaces(const Column& column, const float* lines, int32_t firstBuffered, int32_t endBuffered, int32_t countL, float* voxels) {
  constexpr bool linear = basis == Basis::linear;
  const auto none = S::set(0.0F), one = S::set(1.0F), half = S::set(0.5F);
  const int32_t taps = gatherTaps(column);
  // The line before the buffered ones is zero, and so are those after: pieces that begin off the detector begin there.
  const auto least = S::set(static_cast<float>(firstBuffered - 1)), most = S::set(static_cast<float>(endBuffered));
  const auto toLine = S::set(column.reference + 0.48F);
  const auto toEdge = S::set(0.5F - column.reference);
  auto shareOfNext = none;
  // Linear: the first piece lies before voxel 0.
  for (int32_t l = linear ? -1 : 0; l < countL; l += S::width) {
    const auto start = S::add(S::iota(), S::set(static_cast<float>(l) + (linear ? 0.5F : 0.0F)));
    const auto origin = S::sub(S::set(column.zero), start);
    const auto row = S::min(S::max(S::floor(S::add(lineOfFaceAt<S, curve>(column, start), toLine)), least), most);
    const auto base = S::first(row);
    const Window window(lines + base, endBuffered - base);
    auto position = S::toInt(S::sub(row, S::set(static_cast<float>(base))));
    auto d = S::add(row, toEdge);
    auto line = window.at(position);
    auto sum = none, moment = none;
    for (int32_t tap = 0; tap < taps; ++tap) {
      const auto t = S::min(S::max(faceAt<S, curve>(column, d).from(origin), none), one);
      position = S::increment(position);
      const auto next = window.at(position), fall = S::mul(t, S::sub(line, next));
      sum = S::add(sum, fall);
      if constexpr (linear) moment = S::fma(t, fall, moment);
      line = next;
      d = S::add(d, one);
    }
    sum = S::add(sum, line);
    if constexpr (linear) {
      const auto later = S::mul(half, S::add(moment, line));
      S::store(voxels + l, S::add(S::load(voxels + l), S::add(S::sub(sum, later), S::shift(shareOfNext, later))));
      shareOfNext = later;
    } else {
      S::store(voxels + l, S::add(S::load(voxels + l), sum));
    }
  }
}

template <typename S, Basis basis, Curve curve, Drift drift>
void gatherColumn(const Column& column, const CrossWeights<S, basis>& weights, const float* image, int64_t stride, int32_t countL, float* voxels, float* scratch) {
  const int32_t first = column.firstLine / S::width, last = (column.lastLine - 1) / S::width;
  const float* source = image + weights.first * stride;
  // lines[r] is the strip's content at line r, between zeros.
  float* lines = scratch + maxVector;
  lines[first * S::width - 1] = 0.0F;
  int32_t vector = first;
  // Two vectors at a time where they lie between the same knots: half the loads of weights, and two sums that do not wait for each other.
  if (drift != Drift::lines && (drift == Drift::none || column.knotLines % (2 * S::width) == 0)) {
    for (; vector < last; vector += 2) {
      const float* at = source + vector * S::width;
      auto sum = S::set(0.0F), later = S::set(0.0F);
      weights.template eachPair<drift>(column, vector, [at, stride, &sum, &later](int32_t n, typename S::F weight, typename S::F weightLater) {
        sum = S::fma(weight, S::load(at + n * stride), sum);
        later = S::fma(weightLater, S::load(at + n * stride + S::width), later);
      });
      S::store(lines + vector * S::width, sum);
      S::store(lines + (vector + 1) * S::width, later);
    }
  }
  for (; vector <= last; ++vector) {
    const float* at = source + vector * S::width;
    auto sum = S::set(0.0F);
    weights.template each<drift>(column, vector, [at, stride, &sum](int32_t n, typename S::F weight) { sum = S::fma(weight, S::load(at + n * stride), sum); });
    S::store(lines + vector * S::width, sum);
  }
  const int32_t end = (last + 1) * S::width;
  for (int32_t n = 0; n < S::windowReach + S::width; n += S::width) S::store(lines + end + n, S::set(0.0F));
  // From the first line of the first piece to the line after the last edge of the last.
  const float span = column.linesPerFace * static_cast<float>(S::width - 1) + 2.5F + static_cast<float>(gatherTaps(column));
  if (span <= 2.0F * S::width) {
    gatherFaces<S, basis, curve, typename S::Narrow>(column, lines, first * S::width, end, countL, voxels);
  } else if (span <= 4.0F * S::width) {
    gatherFaces<S, basis, curve, typename S::Wide>(column, lines, first * S::width, end, countL, voxels);
  } else if (span <= 8.0F * S::width) {
    gatherFaces<S, basis, curve, typename S::Vast>(column, lines, first * S::width, end, countL, voxels);
  } else {
    gatherFaces<S, basis, curve, typename S::Far>(column, lines, first * S::width, end, countL, voxels);
  }
}

/// Calls run.template operator()<curve, drift>() for the column's kinds.
template <typename Run>
inline void dispatch(const Column& column, Run&& run) {
  const auto withCurve = [&]<Curve curve>() {
    if (column.drift == Drift::none) return run.template operator()<curve, Drift::none>();
    if (column.drift == Drift::knots) return run.template operator()<curve, Drift::knots>();
    return run.template operator()<curve, Drift::lines>();
  };
  if (column.curve == Curve::straight) return withCurve.template operator()<Curve::straight>();
  if (column.curve == Curve::bent) return withCurve.template operator()<Curve::bent>();
  return withCurve.template operator()<Curve::strong>();
}

template <typename S>
void projectTile(const ViewFrame& view, const ColumnTile& tile, const float* voxels, float* image, int64_t stride) {
  Column column;
  CrossWeights<S, Basis::linear> weights;
  const auto top = static_cast<float>(view.countL);
  for (int64_t n = 0; n < tile.count; ++n) {
    if (!prepareColumn(view, tile.p0 + n, tile.q, Basis::linear, S::width, column)) continue;
    weights.prepare(column);
    const float* line = voxels + n * tile.voxelStride;
    // Three voxels a line, all within two vectors and the zeros around the column.
    const bool fine = column.facesPerLine <= 0.9F;
    dispatch(column, [&]<Curve curve, Drift drift>() {
      if (fine) {
        projectColumn<S, curve, drift, true>(column, weights, line, top, image, stride);
      } else {
        projectColumn<S, curve, drift, false>(column, weights, line, top, image, stride);
      }
    });
  }
}

template <typename S, Basis basis>
void gatherColumns(const ViewFrame& view, const ColumnTile& tile, const float* image, int64_t stride, float* voxels, float* scratch) {
  Column column;
  CrossWeights<S, basis> weights;
  for (int64_t n = 0; n < tile.count; ++n) {
    if (!prepareColumn(view, tile.p0 + n, tile.q, basis, S::width, column)) continue;
    weights.prepare(column);
    dispatch(column, [&]<Curve curve, Drift drift>() {
      gatherColumn<S, basis, curve, drift>(column, weights, image, stride, static_cast<int32_t>(view.countL), voxels + n * tile.voxelStride, scratch);
    });
  }
}

template <typename S>
void gatherTile(const ViewFrame& view, const ColumnTile& tile, Basis basis, const float* image, int64_t stride, float* voxels, float* scratch) {
  if (basis == Basis::linear) {
    gatherColumns<S, Basis::linear>(view, tile, image, stride, voxels, scratch);
  } else {
    gatherColumns<S, Basis::box>(view, tile, image, stride, voxels, scratch);
  }
}

}  // namespace
}  // namespace tomo
