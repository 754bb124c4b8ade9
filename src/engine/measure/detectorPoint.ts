/** Where a point of the scanned space falls on the detector, and the shadow of the volume's edges; drawing them is left to the viewer. */
import type { ScanGeometry } from '../../shared/geometry';
import { along, cross, dot, subtract, type Vector3, viewVectors } from '../../shared/vectors';
import type { SlicePoint } from './lineProfile';

/**
 * Row and column of the detector, in fractions of pixels, that `point` (x,y,z in mm) is seen at in `view`. With s the source, d the detector's centre,
 * n = u x v: the ray s + t (p - s) meets the plane at t = n.(d - s) / n.(p - s); there q - d = a u + b v. A parallel ray starts at p along s.
 * null for a point that no ray through it reaches the detector from: behind the source, or rays along the detector.
 */
export function detectorPoint(geometry: ScanGeometry, view: number, point: Vector3): SlicePoint | null {
  const [source, detector, u, v] = viewVectors(geometry.vectors, view);
  const normal = cross(u, v);
  const isCone = geometry.type === 'conebeam';
  const ray = isCone ? subtract(point, source) : source;
  const start = isCone ? source : point;
  const t = dot(normal, subtract(detector, start)) / dot(normal, ray);
  if (!Number.isFinite(t) || (isCone && t <= 0)) return null;
  const onPlane = subtract(along(start, ray, t), detector);
  const squared = dot(normal, normal);
  return {
    row: dot(cross(u, onPlane), normal) / squared + (geometry.detectorRows - 1) / 2,
    column: dot(cross(onPlane, v), normal) / squared + (geometry.detectorColumns - 1) / 2,
  };
}

/** The corners of a pixel grid's outline in mm, in order around it. */
export function detectorCorners(geometry: ScanGeometry, view: number): readonly [Vector3, Vector3, Vector3, Vector3] {
  const [, detector, u, v] = viewVectors(geometry.vectors, view);
  const [halfColumns, halfRows] = [geometry.detectorColumns / 2, geometry.detectorRows / 2];
  const corner = (columns: number, rows: number): Vector3 => along(along(detector, u, columns * halfColumns), v, rows * halfRows);
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

/** The twelve edges of the volume's box, from and to, mm. */
export function volumeEdges({ volumeShape, voxelSizeMm, volumeCentreMm }: ScanGeometry): readonly (readonly [Vector3, Vector3])[] {
  const half = [2, 1, 0].map((axis) => ((volumeShape[axis] ?? 0) * (voxelSizeMm[axis] ?? 0)) / 2);
  const corner = (bits: number): Vector3 => {
    const at = (axis: 0 | 1 | 2): number => volumeCentreMm[axis] + ((bits >> axis) & 1 ? 1 : -1) * (half[axis] ?? 0);
    return [at(0), at(1), at(2)];
  };
  return Array.from({ length: 8 }, (_, bits) => bits).flatMap((bits) =>
    [1, 2, 4].filter((axis) => (bits & axis) === 0).map((axis) => [corner(bits), corner(bits | axis)] as const),
  );
}
