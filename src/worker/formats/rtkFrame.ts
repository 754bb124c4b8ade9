/**
 * One view as the Reconstruction Toolkit (RTK) describes it, and as our twelve numbers. RTK's y is the rotation axis: its (X,Y,Z) are our (x, z, -y).
 * The detector's frame is R = Rz(-InPlane) Rx(-OutOfPlane) Ry(-Gantry); in it the source is at (sourceX, sourceY, SID) and the detector's origin at
 * (projectionX, projectionY, SID - SDD). SDD 0 means parallel rays. Source: RTK documentation/docs/Geometry.md. Files are rtkXml's.
 */
import { cross, dot, subtract, type Vector3 as Vector } from '../../shared/vectors';

export interface RtkView {
  readonly sourceToIsocenterMm: number;
  /** 0: parallel rays. */
  readonly sourceToDetectorMm: number;
  readonly gantryDegrees: number;
  readonly outOfPlaneDegrees: number;
  readonly inPlaneDegrees: number;
  readonly sourceOffsetMm: readonly [x: number, y: number];
  readonly projectionOffsetMm: readonly [x: number, y: number];
}

/** Where a view's rays come from and where the point u = v = 0 of its detector is, in our coordinates; steps are for 1 mm on the detector. */
export interface RtkFrame {
  readonly isParallel: boolean;
  /** Source, or the direction of the rays. */
  readonly source: Vector;
  readonly origin: Vector;
  readonly u: Vector;
  readonly v: Vector;
}

/** (3,4), row by row: mm on the detector = the first two over the third of P (X,Y,Z,1). */
export type RtkMatrix = readonly number[];

const degree = Math.PI / 180;
const toOurs = ([x, y, z]: Vector): Vector => [x, -z, y];
const toRtk = ([x, y, z]: Vector): Vector => [x, z, -y];
const scaled = ([x, y, z]: Vector, factor: number): Vector => [x * factor, y * factor, z * factor];
const unit = (vector: Vector): Vector => scaled(vector, 1 / Math.hypot(...vector));
const added = (...vectors: readonly Vector[]): Vector =>
  [0, 1, 2].map((axis) => vectors.reduce((sum, v) => sum + (v[axis] ?? 0), 0)) as never;

export function frameOfView(view: RtkView): RtkFrame {
  const [ex, ey, ez] = axesOf(view);
  const { sourceToIsocenterMm: sid, sourceToDetectorMm: sdd, sourceOffsetMm, projectionOffsetMm } = view;
  const isParallel = sdd === 0;
  const source = added(scaled(ez, sid), scaled(ex, sourceOffsetMm[0]), scaled(ey, sourceOffsetMm[1]));
  const depth = isParallel ? 0 : sid - sdd;
  const origin = added(scaled(ez, depth), scaled(ex, projectionOffsetMm[0]), scaled(ey, projectionOffsetMm[1]));
  return {
    isParallel,
    source: toOurs(isParallel ? scaled(ez, -1) : source),
    origin: toOurs(origin),
    u: toOurs(ex),
    v: toOurs(ey),
  };
}

/**
 * The frame behind a projection matrix: the source is where it is undefined, and detector points lie at distance f along its rays, f being what makes
 * a step of one mm on the detector one mm long. null where the matrix is no cone-beam projection.
 */
export function frameOfMatrix(matrix: RtkMatrix): RtkFrame | null {
  const row = (index: number): Vector => [matrix[index * 4] ?? 0, matrix[index * 4 + 1] ?? 0, matrix[index * 4 + 2] ?? 0];
  const [a, b, c] = [row(0), row(1), row(2)];
  const size = Math.hypot(...c);
  const determinant = dot(a, cross(b, c));
  if (!(size > 0) || !(Math.abs(determinant) > 1e-12 * Math.hypot(...a) * Math.hypot(...b) * size)) return null;
  // Columns of the inverse of the left 3x3 part.
  const inverse = [cross(b, c), cross(c, a), cross(a, b)].map((column) => scaled(column, 1 / determinant)) as [Vector, Vector, Vector];
  const offsets = [matrix[3] ?? 0, matrix[7] ?? 0, matrix[11] ?? 0] as const;
  const source = scaled(added(...inverse.map((column, index) => scaled(column, offsets[index] ?? 0))), -1);
  // The rotation centre lies before the source, on the detector's side.
  const side = offsets[2] < 0 ? -1 : 1;
  const focal = Math.sqrt(Math.abs(determinant) / size ** 3) * size * side;
  const [u, v, axis] = inverse.map((column) => scaled(column, focal)) as [Vector, Vector, Vector];
  return { isParallel: false, source: toOurs(source), origin: toOurs(added(source, axis)), u: toOurs(u), v: toOurs(v) };
}

/** P = T(source - projection offset) diag(-SDD,-SDD,1 | -SID) T(-source offset) R; parallel: the third row is (0,0,0,1). */
export function matrixOfView(view: RtkView): number[] {
  const [ex, ey, ez] = axesOf(view);
  const { sourceToIsocenterMm: sid, sourceToDetectorMm: sdd, sourceOffsetMm, projectionOffsetMm } = view;
  const last = sdd === 0 ? [0, 0, 0, 1] : [...ez, -sid];
  const line = (axis: Vector, at: 0 | 1): number[] => {
    const own = [...axis, -sourceOffsetMm[at]].map((value) => value * (sdd === 0 ? 1 : -sdd));
    return own.map((value, index) => value + (sourceOffsetMm[at] - projectionOffsetMm[at]) * (last[index] ?? 0));
  };
  return [...line(ex, 0), ...line(ey, 1), ...last];
}

/** Why a view cannot be put into RTK's words, for a sentence that names the view; null where it can. */
export type RtkObstacle = 'mirrored' | 'slanted rays';

/**
 * The view with its origin at the detector's centre. `vectors`: source or ray, detector centre, u, v of a view. RTK's detectors have right angles: where
 * u and v have none, both are turned by the same small angle, and `skew` (the cosine between them) tells how much.
 */
export function viewOfVectors(
  [from, centre, u, v]: readonly [Vector, Vector, Vector, Vector],
  isParallel: boolean,
): { readonly view: RtkView; readonly skew: number } | RtkObstacle {
  const [columns, rows] = [unit(toRtk(u)), unit(toRtk(v))];
  const [sum, difference] = [unit(added(columns, rows)), unit(subtract(columns, rows))];
  const ex = scaled(added(sum, difference), Math.SQRT1_2);
  const ey = scaled(subtract(sum, difference), Math.SQRT1_2);
  const ez = cross(ex, ey);
  const [source, detector] = [toRtk(from), toRtk(centre)];
  if (isParallel && Math.abs(dot(source, ez)) < (1 - 1e-6) * Math.hypot(...source)) return 'slanted rays';
  const sdd = isParallel ? 0 : dot(subtract(source, detector), ez);
  if (!isParallel && sdd <= 0) return 'mirrored';
  // R = Rz Rx Ry by its rows ex, ey, ez: R21 = sin x, R20 = -cos x sin y, R22 = cos x cos y, R01 = -sin z cos x, R11 = cos z cos x.
  const x = Math.asin(Math.min(1, Math.max(-1, ez[1])));
  const level = Math.cos(x) > 1e-9;
  const y = level ? Math.atan2(-ez[0], ez[2]) : 0;
  const z = level ? Math.atan2(-ex[1], ey[1]) : Math.atan2(ey[0], ex[0]);
  const view: RtkView = {
    sourceToIsocenterMm: isParallel ? parallelDistanceMm : dot(source, ez),
    sourceToDetectorMm: sdd,
    gantryDegrees: fullTurn(-y / degree),
    outOfPlaneDegrees: plain(-x / degree),
    inPlaneDegrees: plain(-z / degree),
    sourceOffsetMm: isParallel ? [0, 0] : [plain(dot(source, ex)), plain(dot(source, ey))],
    projectionOffsetMm: [plain(dot(detector, ex)), plain(dot(detector, ey))],
  };
  return { view, skew: dot(columns, rows) };
}

/** RTK wants some distance for parallel rays too; it has no effect. Its own value. */
const parallelDistanceMm = 1000;

/** Unit vectors of the detector's columns, rows and normal in RTK's coordinates: the rows of R. */
function axesOf({ gantryDegrees, outOfPlaneDegrees, inPlaneDegrees }: RtkView): [Vector, Vector, Vector] {
  const [cx, sx] = [Math.cos(-outOfPlaneDegrees * degree), Math.sin(-outOfPlaneDegrees * degree)];
  const [cy, sy] = [Math.cos(-gantryDegrees * degree), Math.sin(-gantryDegrees * degree)];
  const [cz, sz] = [Math.cos(-inPlaneDegrees * degree), Math.sin(-inPlaneDegrees * degree)];
  return [
    [cz * cy - sz * sx * sy, -sz * cx, cz * sy + sz * sx * cy],
    [sz * cy + cz * sx * sy, cz * cx, sz * sy - cz * sx * cy],
    [-cx * sy, sx, cx * cy],
  ];
}

/** 0 <= degrees < 360. */
function fullTurn(degrees: number): number {
  const turned = degrees - 360 * Math.floor(degrees / 360);
  return turned === 360 ? 0 : plain(turned);
}

/** No minus zero. */
function plain(value: number): number {
  return value === 0 ? 0 : value;
}
