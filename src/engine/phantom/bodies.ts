/** Simple bodies: their exact line integrals and their voxels. Which object is made of which bodies is left to the phantoms. */
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';

type Vector = readonly [x: number, y: number, z: number];

/** Adds to the attenuation of every point; bodies overlap by addition. */
export interface Body {
  /**
   * In coordinates x' (turned, then divided by the semi-axes) an ellipsoid is |x'| <= 1, a box max |x'_i| <= 1, both of constant `value`; a blob is
   * value exp(-|x'|^2 / 2), so that its semi-axes are standard deviations. Left out: ellipsoid.
   */
  readonly form?: 'ellipsoid' | 'box' | 'blob';
  readonly centreMm: Vector;
  readonly semiAxesMm: Vector;
  /** Turn about the z axis, radians. */
  readonly angle: number;
  /** 1/mm. */
  readonly value: number;
}

/** A body as the linear map that makes it the unit ball, the cube from -1 to 1 or the standard Gaussian. */
interface Prepared {
  readonly form: 'ellipsoid' | 'box' | 'blob';
  readonly centre: Vector;
  readonly cos: number;
  readonly sin: number;
  readonly inverse: Vector;
  readonly value: number;
}

function prepare({ form = 'ellipsoid', centreMm, semiAxesMm, angle, value }: Body): Prepared {
  const inverse: Vector = [1 / semiAxesMm[0], 1 / semiAxesMm[1], 1 / semiAxesMm[2]];
  return { form, centre: centreMm, cos: Math.cos(angle), sin: Math.sin(angle), inverse, value };
}

/**
 * target (rows, columns) = exact integrals along the rays of one view of a cone-beam geometry, along the line from the source to each pixel's centre.
 * With p + t q the mapped ray, t in mm: the chord of the unit ball is 2 sqrt((p.q)^2 - q.q (p.p - 1)) / q.q; of the cube the length of t for which
 * all |p_i + t q_i| <= 1; the integral of the Gaussian sqrt(2 pi / q.q) exp(-(p.p - (p.q)^2 / q.q) / 2).
 */
export function projectBodies(bodies: readonly Body[], geometry: ScanGeometry, view: number, target: Float32Array): void {
  const { detectorRows, detectorColumns, vectors } = geometry;
  const prepared = bodies.map(prepare);
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
      for (const { form, centre, cos, sin, inverse, value } of prepared) {
        const [x, y] = [sx - centre[0], sy - centre[1]];
        const px = (cos * x + sin * y) * inverse[0];
        const py = (cos * y - sin * x) * inverse[1];
        const pz = (sz - centre[2]) * inverse[2];
        const qx = ((cos * dx + sin * dy) / length) * inverse[0];
        const qy = ((cos * dy - sin * dx) / length) * inverse[1];
        const qz = (dz / length) * inverse[2];
        if (form === 'box') {
          sum += value * chordOfCube(px, py, pz, qx, qy, qz);
          continue;
        }
        const qq = qx * qx + qy * qy + qz * qz;
        const pq = px * qx + py * qy + pz * qz;
        const pp = px * px + py * py + pz * pz;
        if (form === 'blob') {
          sum += value * Math.sqrt((2 * Math.PI) / qq) * Math.exp(((pq * pq) / qq - pp) / 2);
          continue;
        }
        const root = pq * pq - qq * (pp - 1);
        if (root > 0) sum += (2 * value * Math.sqrt(root)) / qq;
      }
      target[row * detectorColumns + column] = sum;
    }
  }
}

function chordOfCube(px: number, py: number, pz: number, qx: number, qy: number, qz: number): number {
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [p, q] of [
    [px, qx],
    [py, qy],
    [pz, qz],
  ] as const) {
    if (q === 0) {
      if (Math.abs(p) > 1) return 0;
      continue;
    }
    const [one, other] = [(-1 - p) / q, (1 - p) / q];
    from = Math.max(from, Math.min(one, other));
    to = Math.min(to, Math.max(one, other));
  }
  return Math.max(0, to - from);
}

/** Beyond so many standard deviations a blob's voxels are left at zero: 1e-8 of its value. */
const blobReach = 6;

/** target (H,W) = one slice of the bodies, each voxel the mean of `samples`^3 points inside it. Voxels are cubes of `voxelSizeMm`, the volume is centred on the origin. */
export function sliceOfBodies(
  bodies: readonly Body[],
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
  for (const body of bodies) {
    const { form, centre, cos, sin, inverse, value } = prepare(body);
    const [a, b, c] = body.semiAxesMm;
    const stretch = form === 'blob' ? blobReach : 1;
    // A turned box reaches as far as its diagonal.
    const reach = stretch * (form === 'box' ? Math.hypot(a, b) : Math.max(a, b)) + voxelSizeMm;
    if (Math.abs(z - centre[2]) > stretch * c + voxelSizeMm) continue;
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
              if (form === 'box') inside += Math.max(Math.abs(px), Math.abs(py), Math.abs(pz)) <= 1 ? 1 : 0;
              else if (form === 'blob') inside += Math.exp(-(px * px + py * py + pz * pz) / 2);
              else if (px * px + py * py + pz * pz <= 1) inside++;
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
