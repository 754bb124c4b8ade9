// Checks a scan geometry and prepares its views for the footprint model.
#include "tomo/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "vector3.hpp"

namespace tomo {
namespace {

// 2^40 elements are 4 TiB: beyond any machine, and far from overflow in index arithmetic.
constexpr int64_t maxElements = int64_t{1} << 40;
// Positions along an axis are kept in single precision.
constexpr int64_t longestAxis = int64_t{1} << 20;
// Depth of the nearest voxel corner, as a share of the detector's: closer than this the source counts as inside the volume.
constexpr double minDepth = 1e-4;

struct ViewVectors {
  Vector3 s, d, u, v;
};

ViewVectors vectorsOf(const ScanGeometry& g, int64_t view) {
  const double* row = g.vectors.data() + view * 12;
  const auto take = [row](int at) { return Vector3{row[at], row[at + 1], row[at + 2]}; };
  return {take(0), take(3), take(6), take(9)};
}

/// The forms depth, column and row over world coordinates (mm): value(X) = constant + gradient.X
struct WorldForm {
  double constant;
  Vector3 gradient;
};

struct Projection {
  WorldForm depth, column, row;
};

Projection makeProjection(const ScanGeometry& g, const ViewVectors& w) {
  const Vector3 n = cross(w.u, w.v);
  const double nn = dot(n, n);
  // Dual vectors: dualU.u = 1, dualU.v = 0, dualU.n = 0.
  const Vector3 dualU = (1.0 / nn) * cross(w.v, n);
  const Vector3 dualV = (1.0 / nn) * cross(n, w.u);
  const double middleColumn = 0.5 * static_cast<double>(g.detectorColumns - 1);
  const double middleRow = 0.5 * static_cast<double>(g.detectorRows - 1);
  Projection result;
  if (g.type == BeamType::cone) {
    // Hit point of X: s + (X - s)/depth, depth = n.(X - s)/n.(d - s).
    const double reach = dot(n, w.d - w.s);
    result.depth = {-dot(n, w.s) / reach, (1.0 / reach) * n};
    const auto coordinate = [&](const Vector3& dual, double middle) {
      const double atSource = dot(dual, w.s - w.d) + middle;
      return WorldForm{atSource * result.depth.constant - dot(dual, w.s), atSource * result.depth.gradient + dual};
    };
    result.column = coordinate(dualU, middleColumn);
    result.row = coordinate(dualV, middleRow);
  } else {
    // Hit point of X: X + t s, t = n.(d - X)/n.s; s is the ray direction.
    const double along = dot(n, w.s);
    result.depth = {1.0, {0, 0, 0}};
    const auto coordinate = [&](const Vector3& dual, double middle) {
      const double slope = dot(dual, w.s) / along;
      return WorldForm{middle - dot(dual, w.d) + slope * dot(n, w.d), dual - slope * n};
    };
    result.column = coordinate(dualU, middleColumn);
    result.row = coordinate(dualV, middleRow);
  }
  return result;
}

std::string viewName(int64_t view) { return "View " + std::to_string(view) + " of the geometry"; }

Status validateVectors(const ScanGeometry& g, int64_t view) {
  const ViewVectors w = vectorsOf(g, view);
  const Vector3 n = cross(w.u, w.v);
  const double lengthU = norm(w.u), lengthV = norm(w.v);
  if (!(lengthU > 0) || !(lengthV > 0) || !(norm(n) > 1e-6 * lengthU * lengthV)) {
    return Status::fail(ErrorCode::badInput, viewName(view) + " has a detector without area: its column step u and row step v are zero or parallel. Check the vectors.");
  }
  if (g.type == BeamType::parallel) {
    if (!(std::abs(dot(n, w.s)) > 1e-6 * norm(n) * norm(w.s))) {
      return Status::fail(ErrorCode::badInput, viewName(view) + " has rays that run along its detector or no direction at all. Check the vectors.");
    }
    return Status::good();
  }
  const double reach = dot(n, w.d - w.s);
  if (!(std::abs(reach) > 1e-6 * norm(n) * norm(w.d - w.s)) || norm(w.d - w.s) == 0) {
    return Status::fail(ErrorCode::badInput, viewName(view) + " has its source in the plane of the detector. Check the vectors.");
  }
  const Projection projection = makeProjection(g, w);
  for (int corner = 0; corner < 8; ++corner) {
    Vector3 x = g.volumeCentreMm;
    for (int axis = 0; axis < 3; ++axis) {
      const auto slot = static_cast<size_t>(axis);
      // Interpolation reaches half a voxel beyond the volume.
      const double half = 0.5 * static_cast<double>(g.volumeShape[2 - slot] + 1) * g.voxelSizeMm[2 - slot];
      x[slot] += ((corner >> axis) & 1) != 0 ? half : -half;
    }
    if (!(projection.depth.constant + dot(projection.depth.gradient, x) > minDepth)) {
      return Status::fail(ErrorCode::badInput, viewName(view) + " has its source inside the volume, or part of the volume behind the source. Use a smaller volume or voxel size, or check the vectors.");
    }
  }
  return Status::good();
}

LinearForm toGrid(const WorldForm& form, const ScanGeometry& g, const std::array<int, 3>& axes) {
  LinearForm result;
  double perAxis[3];
  result.constant = form.constant;
  for (size_t axis = 0; axis < 3; ++axis) {
    const double size = g.voxelSizeMm[2 - axis];
    const double first = g.volumeCentreMm[axis] - 0.5 * static_cast<double>(g.volumeShape[2 - axis] - 1) * size;
    result.constant += form.gradient[axis] * first;
    perAxis[axis] = form.gradient[axis] * size;
  }
  result.perP = perAxis[axes[0]];
  result.perQ = perAxis[axes[1]];
  result.perL = perAxis[axes[2]];
  return result;
}

/// World axes (0 x, 1 y, 2 z) that become p, q and l.
std::array<int, 3> axesOf(int lineAxis) {
  if (lineAxis == 2) return {0, 1, 2};
  if (lineAxis == 1) return {0, 2, 1};
  return {1, 2, 0};
}

struct LineChoice {
  int axis = -1;  // -1: no axis fits
  bool swapped = false;
  bool falling = false;  // lines are counted against the order of the detector
};

/// How fast a detector coordinate grows along the line axis, times depth^2: its sign tells the direction.
double lineTurn(const LinearForm& line, const LinearForm& depth, double p, double q) {
  const double line0 = line.constant + p * line.perP + q * line.perQ, depth0 = depth.constant + p * depth.perP + q * depth.perQ;
  return line.perL * depth0 - line0 * depth.perL;
}

/**
 * The line axis is the one that moves most along one detector axis and least along the other, for a step of 1 mm at the volume's centre, among those
 * that move in one direction everywhere; z and detector rows win ties, being the usual case and the fast one.
 */
LineChoice chooseLine(const ScanGeometry& g, const ViewVectors& w, const Projection& projection) {
  const Vector3 centre = g.volumeCentreMm;
  const double depth = projection.depth.constant + dot(projection.depth.gradient, centre);
  LineChoice best;
  double bestScore = 0;
  for (int axis = 2; axis >= 0; --axis) {
    const auto slot = static_cast<size_t>(axis);
    const auto movement = [&](const WorldForm& form, double pitch) {
      const double at = (form.constant + dot(form.gradient, centre)) / depth;
      return std::abs(form.gradient[slot] - at * projection.depth.gradient[slot]) / depth * pitch;
    };
    const double alongU = movement(projection.column, norm(w.u)), alongV = movement(projection.row, norm(w.v));
    for (const bool swap : {false, true}) {
      const double score = swap ? alongU - alongV : alongV - alongU;
      if (best.axis >= 0 && !(score > bestScore + 1e-9 * std::abs(bestScore))) continue;
      const std::array<int, 3> axes = axesOf(axis);
      const LinearForm line = toGrid(swap ? projection.column : projection.row, g, axes), depthForm = toGrid(projection.depth, g, axes);
      const double lastP = static_cast<double>(g.volumeShape[2 - static_cast<size_t>(axes[0])]) - 0.5, lastQ = static_cast<double>(g.volumeShape[2 - static_cast<size_t>(axes[1])]) - 0.5;
      const double turns[4] = {lineTurn(line, depthForm, -0.5, -0.5), lineTurn(line, depthForm, lastP, -0.5), lineTurn(line, depthForm, -0.5, lastQ), lineTurn(line, depthForm, lastP, lastQ)};
      const double least = std::min({turns[0], turns[1], turns[2], turns[3]}), most = std::max({turns[0], turns[1], turns[2], turns[3]});
      // A turn of zero is a column seen end on; far smaller ones than elsewhere are as bad.
      if (!(least > 1e-6 * most || most < 1e-6 * least)) continue;
      best = {axis, swap, most < 0};
      bestScore = score;
    }
  }
  return best;
}

}  // namespace

Status validateGeometry(const ScanGeometry& g) {
  const auto positive = [](int64_t n) { return n > 0 && n <= longestAxis; };
  for (size_t axis = 0; axis < 3; ++axis) {
    if (!positive(g.volumeShape[axis])) return Status::fail(ErrorCode::badInput, "The volume of the geometry needs at least one voxel and at most a million along each axis.");
    if (!(g.voxelSizeMm[axis] > 0) || !std::isfinite(g.voxelSizeMm[axis])) return Status::fail(ErrorCode::badInput, "The voxel size must be a positive number of mm along each axis.");
    if (!std::isfinite(g.volumeCentreMm[axis])) return Status::fail(ErrorCode::badInput, "The volume's centre must be three finite numbers in mm.");
  }
  if (!positive(g.detectorRows) || !positive(g.detectorColumns)) return Status::fail(ErrorCode::badInput, "The detector needs at least one row and one column, and at most a million of each.");
  if (g.vectors.empty() || g.vectors.size() % 12 != 0) return Status::fail(ErrorCode::badInput, "The geometry's vectors must hold 12 numbers a view and at least one view.");
  const double volume = static_cast<double>(g.volumeShape[0]) * static_cast<double>(g.volumeShape[1]) * static_cast<double>(g.volumeShape[2]);
  const double sinogram = static_cast<double>(g.views()) * static_cast<double>(g.detectorRows) * static_cast<double>(g.detectorColumns);
  if (volume > static_cast<double>(maxElements) || sinogram > static_cast<double>(maxElements)) {
    return Status::fail(ErrorCode::outOfMemory, "The geometry describes more than 4 TiB of volume or projections. Use a smaller volume or fewer pixels.");
  }
  for (size_t n = 0; n < g.vectors.size(); ++n) {
    if (!std::isfinite(g.vectors[n])) return Status::fail(ErrorCode::badInput, viewName(static_cast<int64_t>(n / 12)) + " has a number that is not finite. Check the vectors.");
  }
  for (int64_t view = 0; view < g.views(); ++view) {
    if (Status status = validateVectors(g, view); !status.ok()) return status;
    const ViewVectors w = vectorsOf(g, view);
    if (chooseLine(g, w, makeProjection(g, w)).axis < 0) {
      return Status::fail(ErrorCode::unsupported, viewName(view) + " sees the volume so widely that every axis of it is seen end on somewhere. Use a smaller volume or a source farther away.");
    }
  }
  return Status::good();
}

ViewFrame makeViewFrame(const ScanGeometry& g, int64_t view) {
  const ViewVectors w = vectorsOf(g, view);
  const Projection projection = makeProjection(g, w);
  const LineChoice choice = chooseLine(g, w, projection);
  const int lineAxis = choice.axis;
  const bool swapped = choice.swapped;
  const std::array<int, 3> axes = axesOf(lineAxis);
  const int64_t counts[3] = {g.volumeShape[2], g.volumeShape[1], g.volumeShape[0]};
  const int64_t strides[3] = {1, g.volumeShape[2], g.volumeShape[1] * g.volumeShape[2]};
  ViewFrame frame;
  frame.countP = counts[axes[0]];
  frame.countQ = counts[axes[1]];
  frame.countL = counts[axes[2]];
  frame.strideP = strides[axes[0]];
  frame.strideQ = strides[axes[1]];
  frame.strideL = strides[axes[2]];
  frame.countR = swapped ? g.detectorColumns : g.detectorRows;
  frame.countC = swapped ? g.detectorRows : g.detectorColumns;
  frame.strideR = (swapped ? 1 : g.detectorColumns) * (choice.falling ? -1 : 1);
  frame.firstPixel = choice.falling ? -(frame.countR - 1) * frame.strideR : 0;
  frame.strideC = swapped ? g.detectorColumns : 1;
  frame.lineAxis = lineAxis;
  frame.swapped = swapped;
  frame.depth = toGrid(projection.depth, g, axes);
  frame.cross = toGrid(swapped ? projection.row : projection.column, g, axes);
  frame.line = toGrid(swapped ? projection.column : projection.row, g, axes);
  frame.voxelVolume = g.voxelSizeMm[0] * g.voxelSizeMm[1] * g.voxelSizeMm[2];

  const Vector3 n = cross(w.u, w.v);
  Vector3 origin = w.s, perC{}, perR{};
  double lengthScale = 1.0 / std::abs(dot(n, w.s));
  if (g.type == BeamType::cone) {
    const Vector3 first = w.d - 0.5 * static_cast<double>(g.detectorColumns - 1) * w.u - 0.5 * static_cast<double>(g.detectorRows - 1) * w.v;
    origin = first - w.s;
    perC = swapped ? w.v : w.u;
    perR = swapped ? w.u : w.v;
    lengthScale = 1.0 / std::abs(dot(n, w.d - w.s));
  }
  if (choice.falling) {
    const auto last = static_cast<double>(frame.countR - 1);
    frame.line = {last * frame.depth.constant - frame.line.constant, last * frame.depth.perP - frame.line.perP, last * frame.depth.perQ - frame.line.perQ, last * frame.depth.perL - frame.line.perL};
    origin = origin + last * perR;
    perR = -1.0 * perR;
  }
  for (size_t axis = 0; axis < 3; ++axis) {
    frame.rayOrigin[axis] = static_cast<float>(origin[axis]);
    frame.rayPerC[axis] = static_cast<float>(perC[axis]);
    frame.rayPerR[axis] = static_cast<float>(perR[axis]);
  }
  frame.lengthScale = static_cast<float>(lengthScale);
  return frame;
}

}  // namespace tomo
