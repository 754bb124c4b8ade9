/** Bodies made of ellipsoids: their exact line integrals and their voxels. Which body is made of which ellipsoids is left to the phantoms. */
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';

type Vector = readonly [x: number, y: number, z: number];

/** Adds `value` (1/mm) to every point inside; bodies overlap by addition. */
export interface Ellipsoid {
  readonly centreMm: Vector;
  readonly semiAxesMm: Vector;
  /** Turn about the z axis, radians. */
  readonly angle: number;
  readonly value: number;
}

/** An ellipsoid as the linear map that makes it the unit ball. */
interface Prepared {
  readonly centre: Vector;
  readonly cos: number;
  readonly sin: number;
  readonly inverse: Vector;
  readonly value: number;
}

function prepare({ centreMm, semiAxesMm, angle, value }: Ellipsoid): Prepared {
  const inverse: Vector = [1 / semiAxesMm[0], 1 / semiAxesMm[1], 1 / semiAxesMm[2]];
  return { centre: centreMm, cos: Math.cos(angle), sin: Math.sin(angle), inverse, value };
}

/**
 * target (rows, columns) = exact integrals along the rays of one view of a cone-beam geometry, from the source to each pixel's centre. The chord
 * of the ray s + t d (|d| = 1) through the unit ball of mapped p + t q is 2 sqrt((p.q)^2 - q.q (p.p - 1)) / q.q.
 */
export function projectEllipsoids(ellipsoids: readonly Ellipsoid[], geometry: ScanGeometry, view: number, target: Float32Array): void {
  const { detectorRows, detectorColumns, vectors } = geometry;
  const prepared = ellipsoids.map(prepare);
  const at = (index: number) => vectors[view * 12 + index] ?? 0;
  const [sx, sy, sz] = [at(0), at(1), at(2)];
  for (let row = 0; row < detectorRows; row++) {
    for (let column = 0; column < detectorColumns; column++) {
      const [c, r] = [column - (detectorColumns - 1) / 2, row - (detectorRows - 1) / 2];
      const dx = at(3) + c * at(6) + r * at(9) - sx;
      const dy = at(4) + c * at(7) + r * at(10) - sy;
      const dz = at(5) + c * at(8) + r * at(11) - sz;
      const length = Math.hypot(dx, dy, dz);
      let sum = 0;
      for (const { centre, cos, sin, inverse, value } of prepared) {
        const [x, y] = [sx - centre[0], sy - centre[1]];
        const px = (cos * x + sin * y) * inverse[0];
        const py = (cos * y - sin * x) * inverse[1];
        const pz = (sz - centre[2]) * inverse[2];
        const qx = ((cos * dx + sin * dy) / length) * inverse[0];
        const qy = ((cos * dy - sin * dx) / length) * inverse[1];
        const qz = (dz / length) * inverse[2];
        const qq = qx * qx + qy * qy + qz * qz;
        const pq = px * qx + py * qy + pz * qz;
        const root = pq * pq - qq * (px * px + py * py + pz * pz - 1);
        if (root > 0) sum += (2 * value * Math.sqrt(root)) / qq;
      }
      target[row * detectorColumns + column] = sum;
    }
  }
}

/** target (H,W) = one slice of the body, each voxel the mean of `samples`^3 points inside it. Voxels are cubes of `voxelSizeMm`, the volume is centred on the origin. */
export function sliceOfEllipsoids(
  ellipsoids: readonly Ellipsoid[],
  shape: VolumeShape,
  voxelSizeMm: number,
  slice: number,
  samples: number,
  target: Float32Array,
): void {
  const [depth, height, width] = shape;
  target.fill(0);
  const offsets = Array.from({ length: samples }, (_, index) => ((index + 0.5) / samples - 0.5) * voxelSizeMm);
  const share = 1 / samples ** 3;
  const z = (slice - (depth - 1) / 2) * voxelSizeMm;
  for (const ellipsoid of ellipsoids) {
    const { centre, cos, sin, inverse, value } = prepare(ellipsoid);
    const reach = Math.max(ellipsoid.semiAxesMm[0], ellipsoid.semiAxesMm[1]) + voxelSizeMm;
    if (Math.abs(z - centre[2]) > ellipsoid.semiAxesMm[2] + voxelSizeMm) continue;
    const rows = indicesWithin(centre[1], reach, height, voxelSizeMm);
    const columns = indicesWithin(centre[0], reach, width, voxelSizeMm);
    for (let row = rows.first; row <= rows.last; row++) {
      for (let column = columns.first; column <= columns.last; column++) {
        let inside = 0;
        for (const oz of offsets) {
          const pz = (z + oz - centre[2]) * inverse[2];
          for (const oy of offsets) {
            const y = (row - (height - 1) / 2) * voxelSizeMm + oy - centre[1];
            for (const ox of offsets) {
              const x = (column - (width - 1) / 2) * voxelSizeMm + ox - centre[0];
              const px = (cos * x + sin * y) * inverse[0];
              const py = (cos * y - sin * x) * inverse[1];
              if (px * px + py * py + pz * pz <= 1) inside++;
            }
          }
        }
        if (inside > 0) target[row * width + column] = (target[row * width + column] ?? 0) + value * inside * share;
      }
    }
  }
}

function indicesWithin(centre: number, reach: number, size: number, voxelSizeMm: number): { first: number; last: number } {
  const middle = (size - 1) / 2;
  return {
    first: Math.max(0, Math.ceil((centre - reach) / voxelSizeMm + middle)),
    last: Math.min(size - 1, Math.floor((centre + reach) / voxelSizeMm + middle)),
  };
}
