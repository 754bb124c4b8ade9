/** The projector through the addon: transpose, analytic integrals, pinned conventions, the bundled walnut. Bounds are in one table below. */
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeArray } from '../../src/native/binding';
import { type ScanGeometry, viewCount } from '../../src/shared/geometry';
import { type Blob, blobIntegrals, forEachRay, orbitScan, relativeDistance, sampleBlobs, sampleVolume } from './scans';
import { openScan } from './walnut';

const native = loadNative();

const bounds = {
  adjointGap: 1e-6,
  /** Relative L2 of smooth blobs (sigma 4 to 8 voxels, 64^3) against exact integrals; fine-step trilinear integration has 0.23 %. */
  blobs: 0.004,
  /** Forward of walnut-mini's reference against its sinogram; voxels and noise make up most of it. */
  walnut: 0.048,
};

function arrayOf(values: Float32Array): NativeArray {
  const array = native.createArray(values.length);
  array.write(0, values);
  return array;
}

function valuesOf(array: NativeArray): Float32Array {
  const values = new Float32Array(array.length);
  array.read(0, values);
  return values;
}

async function randomArray(length: number, seed: number): Promise<NativeArray> {
  const array = native.createArray(length);
  await native.fillRandom(array, seed, 'uniform', 0, length);
  return array;
}

async function project(geometry: ScanGeometry, volume: Float32Array): Promise<Float32Array> {
  const sinogram = native.createArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
  await native.createProjector(geometry).forward(arrayOf(volume), sinogram);
  return valuesOf(sinogram);
}

const scans: Record<string, ScanGeometry> = {
  'circular cone': orbitScan('conebeam', [30, 34, 32], [1, 1, 1], [100, 104], 12),
  'tilted cone': orbitScan('conebeam', [30, 34, 32], [1, 1, 1], [100, 104], 12, { tilt: 0.02 }),
  helix: orbitScan('conebeam', [40, 24, 24], [1, 1, 1], [50, 80], 24, { turns: 2, pitchMm: 15 }),
  parallel: orbitScan('parallel3d', [30, 34, 32], [1, 1, 1], [40, 50], 12),
  'anisotropic cone': orbitScan('conebeam', [12, 34, 60], [2.5, 1, 0.5], [100, 104], 12),
  'one voxel': orbitScan('conebeam', [1, 1, 1], [5, 5, 5], [31, 30], 3),
  'one view': orbitScan('conebeam', [9, 8, 7], [1, 1, 1], [31, 30], 1),
  'one row': orbitScan('conebeam', [9, 20, 20], [1, 1, 1], [1, 60], 5),
  'detector partly beside the volume': orbitScan('conebeam', [30, 34, 32], [1, 1, 1], [20, 18], 12),
};

describe('back is the transpose of forward', () => {
  it.each(Object.entries(scans))('%s', async (_name, geometry) => {
    const [depth, height, width] = geometry.volumeShape;
    const x = await randomArray(depth * height * width, 1);
    const y = await randomArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns, 2);
    const ax = native.createArray(y.length);
    const aty = native.createArray(x.length);
    const projector = native.createProjector(geometry);
    await projector.forward(x, ax);
    await projector.back(y, aty);
    const [left] = await native.dotSlices(ax, y, y.length, 0, 1);
    const [right] = await native.dotSlices(x, aty, x.length, 0, 1);
    expect(left).toBeGreaterThan(0);
    expect(Math.abs(left! / right! - 1)).toBeLessThan(bounds.adjointGap);
  });
});

/** In a cube of 64 voxels of 0.5 mm: sigma 4, 5.5 and 7.5 voxels, far enough from the walls that their tails do not matter. */
const blobs: readonly Blob[] = [
  { centreMm: [3, -4, 2.5], sigmaMm: 2 },
  { centreMm: [-3, 2.5, -2], sigmaMm: 2.75 },
  { centreMm: [0.3, 0.2, 0.1], sigmaMm: 3.75 },
];

describe('forward of smooth blobs against exact line integrals', () => {
  const shape = [64, 64, 64] as const;
  const cases: Record<string, ScanGeometry> = {
    'circular cone': orbitScan('conebeam', shape, [0.5, 0.5, 0.5], [130, 130], 9, { pixelMm: 0.75 }),
    'tilted cone': orbitScan('conebeam', shape, [0.5, 0.5, 0.5], [130, 130], 9, { pixelMm: 0.75, tilt: 0.05 }),
    helix: orbitScan('conebeam', shape, [0.5, 0.5, 0.5], [140, 130], 9, { pixelMm: 0.75, pitchMm: 8 }),
    parallel: orbitScan('parallel3d', shape, [0.5, 0.5, 0.5], [90, 90], 9, { pixelMm: 0.4 }),
  };
  it.each(Object.entries(cases))('%s', async (name, geometry) => {
    const error = relativeDistance(await project(geometry, sampleBlobs(geometry, blobs)), blobIntegrals(geometry, blobs));
    console.log(`forward of blobs, ${name}: ${(100 * error).toFixed(3)} %`);
    expect(error).toBeLessThan(bounds.blobs);
  });

  it('error falls fourfold when voxels and pixels are halved', async () => {
    const errorAt = async (n: number): Promise<number> => {
      const geometry = orbitScan('conebeam', [n, n, n], [24 / n, 24 / n, 24 / n], [(n * 9) / 4, (n * 9) / 4], 5, { pixelMm: 36 / n });
      const narrow = [{ centreMm: [1, -0.7, 0.4] as const, sigmaMm: 2 }];
      return relativeDistance(await project(geometry, sampleBlobs(geometry, narrow)), blobIntegrals(geometry, narrow));
    };
    const ratio = (await errorAt(24)) / (await errorAt(48));
    expect(ratio).toBeGreaterThan(3.4);
    expect(ratio).toBeLessThan(4.6);
  });
});

it('axes, signs and half pixels are those of the design reference', async () => {
  // A small ball off centre along every axis, in every geometry: its shadow's centroid must be where its centre projects to.
  const ball = [1.5, -2.5, 3.5] as const;
  for (const geometry of [
    orbitScan('conebeam', [17, 16, 15], [1, 1, 1], [71, 70], 7, { tilt: 0.03 }),
    orbitScan('parallel3d', [17, 16, 15], [1, 1, 1], [41, 40], 7),
  ]) {
    const volume = sampleVolume(geometry, (x, y, z) => Math.exp(-((x - ball[0]) ** 2 + (y - ball[1]) ** 2 + (z - ball[2]) ** 2) / 2));
    const sinogram = await project(geometry, volume);
    const { detectorRows, detectorColumns } = geometry;
    const exact = blobIntegrals(geometry, [{ centreMm: ball, sigmaMm: 1 }]);
    for (let view = 0; view < viewCount(geometry); view++) {
      const centroid = (values: ArrayLike<number>): number[] => {
        let [sum, row, column] = [0, 0, 0];
        for (let r = 0; r < detectorRows; r++)
          for (let c = 0; c < detectorColumns; c++) {
            const value = values[(view * detectorRows + r) * detectorColumns + c]!;
            sum += value;
            row += r * value;
            column += c * value;
          }
        return [row / sum, column / sum];
      };
      const found = centroid(sinogram);
      const expected = centroid(exact);
      expect(Math.abs(found[0]! - expected[0]!)).toBeLessThan(0.02);
      expect(Math.abs(found[1]! - expected[1]!)).toBeLessThan(0.02);
    }
  }
});

it('a box gives the chord through it', async () => {
  const geometry = orbitScan('conebeam', [40, 40, 40], [0.5, 0.5, 0.5], [21, 21], 8, { pixelMm: 1 });
  const sinogram = await project(geometry, new Float32Array(40 ** 3).fill(0.3));
  let largest = 0;
  forEachRay(geometry, ({ start, direction }, index) => {
    let [enter, leave] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let axis = 0; axis < 3; axis++) {
      const [a, b] = [-10, 10].map((wall) => (wall - start[axis]!) / direction[axis]!);
      if (Number.isFinite(a!) && Number.isFinite(b!))
        [enter, leave] = [Math.max(enter, Math.min(a!, b!)), Math.min(leave, Math.max(a!, b!))];
    }
    largest = Math.max(largest, Math.abs(sinogram[index]! / (0.3 * (leave - enter)) - 1));
  });
  expect(largest).toBeLessThan(0.01);
});

it('the walnut projects to its measurements', async () => {
  const { geometry, reference, sinogram } = openScan('walnut-mini');
  const error = relativeDistance(await project(geometry, reference), sinogram);
  console.log(
    `forward of walnut-mini's reference against its sinogram: ${(100 * error).toFixed(2)} % (LEAP 3.75 %, fine-step trilinear 4.4 %)`,
  );
  expect(error).toBeLessThan(bounds.walnut);
});

it('a closed projector and wrong sizes are refused', async () => {
  const geometry = scans['one view']!;
  const projector = native.createProjector(geometry);
  const volume = native.createArray(9 * 8 * 7);
  await expect(projector.forward(volume, native.createArray(5))).rejects.toMatchObject({ code: 'bad_input' });
  projector.close();
  await expect(projector.back(native.createArray(930), volume)).rejects.toThrow('closed');
  expect(() => native.createProjector({ ...geometry, vectors: geometry.vectors.map(() => Number.NaN) })).toThrow('View 0');
  expect(() => native.createProjector(geometry, { device: 'cuda:99' })).toThrow('No CUDA device');
});

it('cancelling ends a call early, and progress was made', async () => {
  const geometry = orbitScan('conebeam', [160, 160, 160], [0.2, 0.2, 0.2], [300, 300], 200);
  const cancel = native.createCancelToken();
  const volume = native.createArray(160 ** 3);
  const sinogram = native.createArray(200 * 300 * 300);
  const call = native.createProjector(geometry).forward(volume, sinogram, { cancel });
  while (cancel.progress() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  cancel.cancel();
  await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  expect(cancel.progress()).toBeLessThan(1);
});
