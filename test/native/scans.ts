/** Scans and analytic objects that the native tests share; geometry in mm as in shared/geometry.ts. */
import type { ScanGeometry, VolumeShape } from '../../src/shared/geometry';

export interface OrbitOptions {
  readonly sourceMm?: number;
  readonly detectorMm?: number;
  readonly pixelMm?: number;
  /** Turns and mm along z a turn: a helix. */
  readonly turns?: number;
  readonly pitchMm?: number;
  /** Of the detector's rows against z, radians. */
  readonly tilt?: number;
}

/** Sources on a circle or helix about z, the detector opposite. parallel3d: the same directions, parallel rays. */
export function orbitScan(
  type: ScanGeometry['type'],
  volumeShape: VolumeShape,
  voxelSizeMm: ScanGeometry['voxelSizeMm'],
  detector: readonly [rows: number, columns: number],
  views: number,
  options: OrbitOptions = {},
): ScanGeometry {
  const { sourceMm = 66, detectorMm = 133, pixelMm = 1, turns = 1, pitchMm = 0, tilt = 0 } = options;
  const vectors = new Float64Array(views * 12);
  for (let view = 0; view < views; view++) {
    const angle = (2 * Math.PI * turns * view) / views;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const z = pitchMm * turns * (view / views - 0.5);
    const first = type === 'conebeam' ? [sourceMm * c, sourceMm * s, z] : [-c, -s, 0];
    const up = [-s * Math.sin(tilt), c * Math.sin(tilt), Math.cos(tilt)];
    vectors.set([...first, -detectorMm * c, -detectorMm * s, z, -s * pixelMm, c * pixelMm, 0, ...up.map((x) => x * pixelMm)], view * 12);
  }
  const [detectorRows, detectorColumns] = detector;
  return { type, volumeShape, voxelSizeMm, volumeCentreMm: [0, 0, 0], detectorRows, detectorColumns, vectors };
}

export interface Blob {
  readonly centreMm: readonly [x: number, y: number, z: number];
  readonly sigmaMm: number;
}

/** Sum of Gaussians of height 1 at the voxel centres. */
export function sampleBlobs(geometry: ScanGeometry, blobs: readonly Blob[]): Float32Array {
  return sampleVolume(geometry, (x, y, z) => {
    let sum = 0;
    for (const { centreMm, sigmaMm } of blobs) {
      const squared = (x - centreMm[0]) ** 2 + (y - centreMm[1]) ** 2 + (z - centreMm[2]) ** 2;
      sum += Math.exp(-squared / (2 * sigmaMm ** 2));
    }
    return sum;
  });
}

export function sampleVolume(geometry: ScanGeometry, value: (xMm: number, yMm: number, zMm: number) => number): Float32Array {
  const [depth, height, width] = geometry.volumeShape;
  const [dz, dy, dx] = geometry.voxelSizeMm;
  const [cx, cy, cz] = geometry.volumeCentreMm;
  const volume = new Float32Array(depth * height * width);
  let at = 0;
  for (let k = 0; k < depth; k++)
    for (let j = 0; j < height; j++)
      for (let i = 0; i < width; i++)
        volume[at++] = value(cx + (i - (width - 1) / 2) * dx, cy + (j - (height - 1) / 2) * dy, cz + (k - (depth - 1) / 2) * dz);
  return volume;
}

export interface Ray {
  readonly start: readonly [number, number, number];
  /** Of length 1. */
  readonly direction: readonly [number, number, number];
}

/** Calls visit for the ray of every pixel's centre, in the order of a sinogram. */
export function forEachRay(geometry: ScanGeometry, visit: (ray: Ray, index: number) => void): void {
  const { detectorRows, detectorColumns, vectors } = geometry;
  let index = 0;
  for (let view = 0; view * 12 < vectors.length; view++) {
    const v = (n: number) => vectors[view * 12 + n]!;
    for (let r = 0; r < detectorRows; r++) {
      for (let c = 0; c < detectorColumns; c++) {
        const [a, b] = [c - (detectorColumns - 1) / 2, r - (detectorRows - 1) / 2];
        const pixel = [0, 1, 2].map((axis) => v(3 + axis) + a * v(6 + axis) + b * v(9 + axis));
        const along = [0, 1, 2].map((axis) => (geometry.type === 'conebeam' ? pixel[axis]! - v(axis) : v(axis)));
        const length = Math.hypot(...along);
        visit(
          {
            start: geometry.type === 'conebeam' ? [v(0), v(1), v(2)] : [pixel[0]!, pixel[1]!, pixel[2]!],
            direction: [along[0]! / length, along[1]! / length, along[2]! / length],
          },
          index++,
        );
      }
    }
  }
}

/** Exact line integrals of the blobs along the rays of the pixel centres, in mm. */
export function blobIntegrals(geometry: ScanGeometry, blobs: readonly Blob[]): Float64Array {
  const sinogram = new Float64Array((geometry.vectors.length / 12) * geometry.detectorRows * geometry.detectorColumns);
  forEachRay(geometry, ({ start, direction }, index) => {
    let sum = 0;
    for (const { centreMm, sigmaMm } of blobs) {
      const to = [0, 1, 2].map((axis) => centreMm[axis]! - start[axis]!);
      const along = to[0]! * direction[0] + to[1]! * direction[1] + to[2]! * direction[2];
      const squared = to[0]! ** 2 + to[1]! ** 2 + to[2]! ** 2 - along ** 2;
      sum += Math.sqrt(2 * Math.PI) * sigmaMm * Math.exp(-squared / (2 * sigmaMm ** 2));
    }
    sinogram[index] = sum;
  });
  return sinogram;
}

/** Of density 1; an axis-aligned ellipsoid turned about z. */
export interface Ellipsoid {
  readonly centreMm: readonly [x: number, y: number, z: number];
  readonly radiiMm: readonly [x: number, y: number, z: number];
  readonly turnRadians: number;
}

/** A point or direction in the frame where the ellipsoid is the unit ball at the origin. */
function inUnits({ radiiMm, turnRadians }: Ellipsoid, x: number, y: number, z: number): readonly [number, number, number] {
  const [c, s] = [Math.cos(turnRadians), Math.sin(turnRadians)];
  return [(c * x + s * y) / radiiMm[0], (c * y - s * x) / radiiMm[1], z / radiiMm[2]];
}

/** The share of every voxel that lies inside, from 4 x 4 x 4 points. */
export function sampleEllipsoids(geometry: ScanGeometry, ellipsoids: readonly Ellipsoid[]): Float32Array {
  const [dz, dy, dx] = geometry.voxelSizeMm;
  const places = [-0.375, -0.125, 0.125, 0.375];
  return sampleVolume(geometry, (x, y, z) => {
    let sum = 0;
    for (const ellipsoid of ellipsoids) {
      const { centreMm } = ellipsoid;
      const [a, b, c] = inUnits(ellipsoid, x - centreMm[0], y - centreMm[1], z - centreMm[2]);
      // Far from the surface there is nothing to count.
      const distance = Math.hypot(a, b, c);
      const reach = (0.87 * Math.max(dx, dy, dz)) / Math.min(...ellipsoid.radiiMm);
      if (Math.abs(distance - 1) > reach) {
        sum += distance < 1 ? 1 : 0;
        continue;
      }
      for (const w of places)
        for (const v of places)
          for (const u of places) {
            const point = inUnits(ellipsoid, x + u * dx - centreMm[0], y + v * dy - centreMm[1], z + w * dz - centreMm[2]);
            if (Math.hypot(...point) < 1) sum += 1 / 64;
          }
    }
    return sum;
  });
}

/** Exact line integrals of the ellipsoids along the rays of the pixel centres, in mm. */
export function ellipsoidIntegrals(geometry: ScanGeometry, ellipsoids: readonly Ellipsoid[]): Float64Array {
  const sinogram = new Float64Array((geometry.vectors.length / 12) * geometry.detectorRows * geometry.detectorColumns);
  forEachRay(geometry, ({ start, direction }, index) => {
    let sum = 0;
    for (const ellipsoid of ellipsoids) {
      const { centreMm } = ellipsoid;
      const p = inUnits(ellipsoid, start[0] - centreMm[0], start[1] - centreMm[1], start[2] - centreMm[2]);
      const d = inUnits(ellipsoid, ...direction);
      const dd = d[0] ** 2 + d[1] ** 2 + d[2] ** 2;
      const dp = d[0] * p[0] + d[1] * p[1] + d[2] * p[2];
      const root = dp ** 2 - dd * (p[0] ** 2 + p[1] ** 2 + p[2] ** 2 - 1);
      if (root > 0) sum += (2 * Math.sqrt(root)) / dd;
    }
    sinogram[index] = sum;
  });
  return sinogram;
}

export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let scale = 0;
  for (let n = 0; n < b.length; n++) {
    difference += (a[n]! - b[n]!) ** 2;
    scale += b[n]! ** 2;
  }
  return Math.sqrt(difference / scale);
}
