/**
 * How exact the projector is: smooth blobs and sharp ellipsoids with known line integrals, in every kind of geometry, and how the error falls when voxels and
 * pixels are halved. Phantoms look different from every side, so a flipped axis, a wrong sign or half a pixel shows. Bounds are in one table.
 */
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeArray } from '../../src/native/binding';
import { type ScanGeometry, viewCount } from '../../src/shared/geometry';
import {
  type Blob,
  blobIntegrals,
  type Ellipsoid,
  ellipsoidIntegrals,
  orbitScan,
  relativeDistance,
  sampleBlobs,
  sampleEllipsoids,
} from './scans';

const native = loadNative();

const bounds = {
  /** Relative L2 at 64 voxels of 0.375 mm; blobs of sigma 4 to 6 voxels. Those of performance.md, up to 8 voxels, are in projector.test.ts. */
  blobs: 0.006,
  /** Edges are shared among voxels; what is left is how the model blurs them. */
  ellipsoids: 0.035,
  /** Halving voxels and pixels divides the error of smooth objects by 4 (second order), of sharp ones by 2 (an edge as wide as a voxel, sqrt(h) deep). */
  smoothRatio: [3.4, 4.6],
  sharpRatio: [1.8, 2.3],
  /** |<Ax,y> - <x,A^Ty>| over |Ax| |y|. */
  adjointGap: 1e-6,
} as const;

const edgeMm = 24;
const n = 64;
type Make = (voxels: number) => ScanGeometry;

/** Every kind of geometry, refined by its number of voxels: the volume and the detector keep their size. */
const kinds: Record<string, Make> = {
  'circular cone': (voxels) => orbit('conebeam', voxels, {}),
  'tilted cone': (voxels) => orbit('conebeam', voxels, { tilt: 0.06 }),
  helix: (voxels) => orbit('conebeam', voxels, { pitchMm: 10 }),
  parallel3d: (voxels) => orbit('parallel3d', voxels, { tilt: 0.03 }),
  'voxels of three lengths': (voxels) => {
    const geometry = orbit('conebeam', voxels, { tilt: 0.02 });
    const shape = [Math.round(voxels * 0.75), voxels, Math.round(voxels * 1.25)] as const;
    return { ...geometry, volumeShape: shape, voxelSizeMm: [edgeMm / shape[0], edgeMm / shape[1], edgeMm / shape[2]] };
  },
  'a volume beside the axis': (voxels) => ({ ...orbit('conebeam', voxels, { tilt: 0.02 }), volumeCentreMm: [3.1, -2.3, 1.7] }),
};

function orbit(type: ScanGeometry['type'], voxels: number, options: { tilt?: number; pitchMm?: number }): ScanGeometry {
  const pixels = type === 'conebeam' ? (voxels * 5) / 2 : (voxels * 3) / 2;
  const pixelMm = (type === 'conebeam' ? 110 : 40) / pixels;
  const size = edgeMm / voxels;
  return orbitScan(type, [voxels, voxels, voxels], [size, size, size], [pixels, pixels], 5, { pixelMm, ...options });
}

/** Around the middle of the volume, all in its inside. */
function blobsIn({ volumeCentreMm: [x, y, z] }: ScanGeometry): Blob[] {
  return [
    { centreMm: [x + 3, y - 1.5, z + 2], sigmaMm: 1.5 },
    { centreMm: [x - 2.5, y + 2.5, z - 1], sigmaMm: 1.8 },
    { centreMm: [x + 0.4, y + 0.3, z - 2.5], sigmaMm: 2.25 },
  ];
}
function ellipsoidsIn({ volumeCentreMm: [x, y, z] }: ScanGeometry): Ellipsoid[] {
  return [
    { centreMm: [x + 1, y - 1.5, z + 0.5], radiiMm: [7, 5, 8], turnRadians: 0.4 },
    { centreMm: [x - 3, y + 4, z - 4], radiiMm: [3, 4, 2.5], turnRadians: -0.7 },
    { centreMm: [x + 5, y + 3, z + 5], radiiMm: [2.5, 2, 3], turnRadians: 1.1 },
  ];
}

function arrayOf(values: Float32Array): NativeArray {
  const array = native.createArray(values.length);
  array.write(0, values);
  return array;
}

async function project(geometry: ScanGeometry, volume: Float32Array): Promise<Float32Array> {
  const sinogram = native.createArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
  const projector = native.createProjector(geometry);
  await projector.forward(arrayOf(volume), sinogram);
  projector.close();
  const values = new Float32Array(sinogram.length);
  sinogram.read(0, values);
  return values;
}

async function blobError(geometry: ScanGeometry): Promise<number> {
  const blobs = blobsIn(geometry);
  return relativeDistance(await project(geometry, sampleBlobs(geometry, blobs)), blobIntegrals(geometry, blobs));
}
async function ellipsoidError(geometry: ScanGeometry): Promise<number> {
  const ellipsoids = ellipsoidsIn(geometry);
  return relativeDistance(await project(geometry, sampleEllipsoids(geometry, ellipsoids)), ellipsoidIntegrals(geometry, ellipsoids));
}

describe.each(Object.entries(kinds))('%s', (name, make) => {
  it('smooth blobs: the error, and its fall by the second order', async () => {
    const [coarse, fine] = [await blobError(make(n / 2)), await blobError(make(n))];
    console.log(
      `blobs, ${name}: ${(100 * coarse).toFixed(3)} % at ${n / 2}, ${(100 * fine).toFixed(3)} % at ${n}, ratio ${(coarse / fine).toFixed(2)}`,
    );
    expect(fine).toBeLessThan(bounds.blobs);
    expect(coarse / fine).toBeGreaterThan(bounds.smoothRatio[0]);
    expect(coarse / fine).toBeLessThan(bounds.smoothRatio[1]);
  });

  it('ellipsoids: the error, and its fall', async () => {
    const [coarse, fine] = [await ellipsoidError(make(n / 2)), await ellipsoidError(make(n))];
    console.log(
      `ellipsoids, ${name}: ${(100 * coarse).toFixed(3)} % at ${n / 2}, ${(100 * fine).toFixed(3)} % at ${n}, ratio ${(coarse / fine).toFixed(2)}`,
    );
    expect(fine).toBeLessThan(bounds.ellipsoids);
    expect(coarse / fine).toBeGreaterThan(bounds.sharpRatio[0]);
    expect(coarse / fine).toBeLessThan(bounds.sharpRatio[1]);
  });

  it.each([
    [
      'half a voxel along z',
      (g: ScanGeometry) => ({
        ...g,
        volumeCentreMm: [g.volumeCentreMm[0], g.volumeCentreMm[1], g.volumeCentreMm[2] + 0.5 * g.voxelSizeMm[0]] as const,
      }),
    ],
    ['half a pixel along the columns', (g: ScanGeometry) => moved(g, 0.5, 0)],
    ['half a pixel along the rows', (g: ScanGeometry) => moved(g, 0, 0.5)],
  ])('%s would be seen', async (_what, change) => {
    const geometry = make(n / 2);
    const blobs = blobsIn(geometry);
    const exact = blobIntegrals(geometry, blobs);
    const right = relativeDistance(await project(geometry, sampleBlobs(geometry, blobs)), exact);
    const wrong = relativeDistance(await project(change(geometry), sampleBlobs(geometry, blobs)), exact);
    expect(wrong).toBeGreaterThan(2 * right);
  });
});

/** The detector moved by parts of a pixel. */
function moved(geometry: ScanGeometry, columns: number, rows: number): ScanGeometry {
  const vectors = geometry.vectors.slice();
  for (let at = 0; at < vectors.length; at += 12)
    for (let axis = 0; axis < 3; axis++) vectors[at + 3 + axis]! += columns * vectors[at + 6 + axis]! + rows * vectors[at + 9 + axis]!;
  return { ...geometry, vectors };
}

describe('a single voxel', () => {
  // Which element of the array it is, and where reference.md puts it: (D,H,W) = (z,y,x), pixel (r,c) at d + (c-(C-1)/2) u + (r-(R-1)/2) v.
  const shape = [7, 6, 5] as const;
  const voxelSizeMm = [1.5, 1.2, 0.9] as const;
  const centre = [2, -1, 0.5] as const;
  const scan: ScanGeometry = {
    ...orbitScan('conebeam', shape, voxelSizeMm, [140, 141], 1, { pixelMm: 0.5, tilt: 0.1 }),
    volumeCentreMm: centre,
  };
  it.each([
    [1, 5, 0],
    [6, 0, 4],
    [0, 3, 2],
  ])('(z,y,x) = (%i,%i,%i) lands where its centre projects to', async (z, y, x) => {
    const volume = new Float32Array(210);
    volume[(z * 6 + y) * 5 + x] = 1;
    const sinogram = await project(scan, volume);
    const v = scan.vectors;
    const point = [centre[0] + (x - 2) * 0.9, centre[1] + (y - 2.5) * 1.2, centre[2] + (z - 3) * 1.5];
    // Solves source + t (point - source) = d + a u + b v by Cramer's rule.
    const at = (start: number) => [v[start]!, v[start + 1]!, v[start + 2]!];
    const [s, d, u, w] = [at(0), at(3), at(6), at(9)];
    const minus = (p: number[], q: number[]) => p.map((value, axis) => value - q[axis]!);
    const det = (p: number[], q: number[], r: number[]) =>
      p[0]! * (q[1]! * r[2]! - q[2]! * r[1]!) - p[1]! * (q[0]! * r[2]! - q[2]! * r[0]!) + p[2]! * (q[0]! * r[1]! - q[1]! * r[0]!);
    const [ray, to] = [minus(point, s!), minus(d!, s!)];
    const whole = det(
      ray,
      u!.map((value) => -value),
      w!.map((value) => -value),
    );
    const column =
      70 +
      det(
        ray,
        to,
        w!.map((value) => -value),
      ) /
        whole;
    const row =
      69.5 +
      det(
        ray,
        u!.map((value) => -value),
        to,
      ) /
        whole;
    let [sum, sumRow, sumColumn] = [0, 0, 0];
    sinogram.forEach((value, index) => {
      sum += value;
      sumRow += value * Math.floor(index / 141);
      sumColumn += value * (index % 141);
    });
    expect(Math.abs(sumRow / sum - row)).toBeLessThan(0.05);
    expect(Math.abs(sumColumn / sum - column)).toBeLessThan(0.05);
  });
});

describe('back is the transpose', () => {
  const cases: Record<string, ScanGeometry> = {
    ...Object.fromEntries(Object.entries(kinds).map(([name, make]) => [name, make(16)])),
    'one voxel': orbitScan('parallel3d', [1, 1, 1], [5, 5, 5], [31, 30], 3),
    'one pixel': orbitScan('conebeam', [7, 8, 9], [1, 1, 1], [1, 1], 5, { pixelMm: 40 }),
    'a detector beside the volume': moved(orbitScan('conebeam', [20, 20, 20], [1, 1, 1], [30, 30], 6), 30, 0),
    'a source close to the box': orbitScan('conebeam', [20, 20, 20], [1, 1, 1], [60, 60], 6, { sourceMm: 15, pixelMm: 3 }),
  };
  it.each(Object.entries(cases))('%s, on any number of threads', async (_name, geometry) => {
    const [depth, height, width] = geometry.volumeShape;
    const x = native.createArray(depth * height * width);
    const y = native.createArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
    await native.fillRandom(x, 1, 'uniform', 0, x.length);
    await native.fillRandom(y, 2, 'uniform', 0, y.length);
    const projector = native.createProjector(geometry);
    const bits: Uint8Array[] = [];
    for (const threads of [1, 2, 3, 7]) {
      const [ax, aty] = [native.createArray(y.length), native.createArray(x.length)];
      await projector.forward(x, ax, { threads });
      await projector.back(y, aty, { threads });
      const dot = async (a: NativeArray, b: NativeArray) => (await native.dotSlices(a, b, a.length, 0, 1))[0]!;
      const [left, right, scale] = [await dot(ax, y), await dot(x, aty), Math.sqrt((await dot(ax, ax)) * (await dot(y, y)))];
      expect(Number.isFinite(left)).toBe(true);
      expect(Math.abs(left - right)).toBeLessThanOrEqual(bounds.adjointGap * scale);
      const values = new Float32Array(ax.length + aty.length);
      ax.read(0, values.subarray(0, ax.length));
      aty.read(0, values.subarray(ax.length));
      bits.push(new Uint8Array(values.buffer));
    }
    for (const other of bits.slice(1)) expect(Buffer.compare(other, bits[0]!)).toBe(0);
  });

  it.each([0, 3, 9.99, 10])('a source %f mm from the middle of a box of 20 mm is refused with a sentence', (sourceMm) => {
    const geometry = orbitScan('conebeam', [20, 20, 20], [1, 1, 1], [60, 60], 1, { sourceMm, pixelMm: 3 });
    expect(() => native.createProjector(geometry)).toThrow(/View 0 .*inside the volume/);
  });
});
