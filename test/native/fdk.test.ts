/** Filtered back projection through the addon: absolute scale, sums over operators, uneven views, every filter. */
import { describe, expect, it } from 'vitest';
import { FDK_WEIGHTS_PER_VIEW, loadNative, type NativeArray, selectFdkWeights } from '../../src/native/binding';
import { type ScanGeometry, selectViews, viewCount } from '../../src/shared/geometry';
import { forEachRay, orbitScan, relativeDistance, sampleVolume } from './scans';
import { openScan } from './walnut';

const native = loadNative();
const radiusMm = 10;
const density = 0.4;

/** Exact line integrals of a ball of `density` at the origin. */
function ballIntegrals(geometry: ScanGeometry): NativeArray {
  const sinogram = new Float32Array(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
  forEachRay(geometry, ({ start, direction }, index) => {
    const along = -(start[0] * direction[0] + start[1] * direction[1] + start[2] * direction[2]);
    const squared = start[0] ** 2 + start[1] ** 2 + start[2] ** 2 - along ** 2;
    sinogram[index] = 2 * density * Math.sqrt(Math.max(0, radiusMm ** 2 - squared));
  });
  const array = native.createArray(sinogram.length);
  array.write(0, sinogram);
  return array;
}

async function reconstruct(geometry: ScanGeometry, sinogram: NativeArray, filter: 'ramp' | 'shepp-logan' | 'hann'): Promise<Float32Array> {
  const [depth, height, width] = geometry.volumeShape;
  const target = native.createArray(depth * height * width);
  await native.fdk(geometry, sinogram, native.fdkWeights(geometry), target, { filter });
  const volume = new Float32Array(target.length);
  target.read(0, volume);
  return volume;
}

function meanInside(geometry: ScanGeometry, volume: Float32Array, withinMm: number): number {
  let [sum, count] = [0, 0];
  sampleVolume(geometry, (x, y, z) => Math.hypot(x, y, z)).forEach((distance, n) => {
    if (distance < withinMm) {
      sum += volume[n]!;
      count++;
    }
  });
  return sum / count;
}

describe('a ball keeps its density within 1 %', () => {
  const cases: Record<string, ScanGeometry> = {
    cone: orbitScan('conebeam', [48, 48, 48], [0.5, 0.5, 0.5], [110, 110], 180, { pixelMm: 0.75 }),
    'cone, other distances': orbitScan('conebeam', [48, 48, 48], [0.5, 0.5, 0.5], [90, 90], 160, {
      sourceMm: 120,
      detectorMm: 60,
      pixelMm: 0.45,
    }),
    'cone, tilted detector': orbitScan('conebeam', [48, 48, 48], [0.5, 0.5, 0.5], [110, 110], 180, { pixelMm: 0.75, tilt: 0.01 }),
    'parallel, full turn': orbitScan('parallel3d', [48, 48, 48], [0.5, 0.5, 0.5], [60, 60], 180, { pixelMm: 0.5 }),
    'parallel, half turn': orbitScan('parallel3d', [48, 48, 48], [0.5, 0.5, 0.5], [60, 60], 120, { pixelMm: 0.5, turns: 0.5 }),
  };
  // An arc of 240 degrees sees some rays twice (Parker); a detector moved aside by a third of its width sees the middle twice (Wang).
  const wide = orbitScan('conebeam', [48, 48, 48], [0.5, 0.5, 0.5], [110, 110], 270, { pixelMm: 0.75 });
  const arc = Array.from({ length: 180 }, (_, view) => (view + 100) % 270);
  cases['cone, open arc'] = selectViews(wide, arc);
  for (const [name, side] of [
    ['cone, detector aside', 1],
    ['cone, detector to the other side', -1],
  ] as const) {
    const vectors = wide.vectors.slice();
    for (let at = 0; at < vectors.length; at += 12)
      for (let axis = 0; axis < 3; axis++) vectors[at + 3 + axis]! += side * 25 * vectors[at + 6 + axis]!;
    cases[name] = { ...wide, vectors, detectorColumns: 74 };
  }
  for (const [name, geometry] of Object.entries(cases)) {
    it.each(['ramp', 'shepp-logan', 'hann'] as const)(`${name}, %s`, async (filter) => {
      const volume = await reconstruct(geometry, ballIntegrals(geometry), filter);
      expect(Math.abs(meanInside(geometry, volume, 4) / density - 1)).toBeLessThan(0.01);
    });
  }
});

it('FDK of disjoint sets of views adds up to FDK of all', async () => {
  const { geometry, sinogram: values } = openScan('walnut-tiny');
  const perView = geometry.detectorRows * geometry.detectorColumns;
  const weights = native.fdkWeights(geometry);
  expect(weights.length).toBe(viewCount(geometry) * FDK_WEIGHTS_PER_VIEW);
  const all = native.createArray(40 ** 3);
  const measured = native.createArray(values.length);
  measured.write(0, values);
  await native.fdk(geometry, measured, weights, all, { filter: 'ramp' });
  const sum = native.createArray(40 ** 3);
  for (const part of [0, 1, 2]) {
    const views = Array.from({ length: viewCount(geometry) }, (_, view) => view).filter((view) => view % 3 === part);
    const own = native.createArray(views.length * perView);
    views.forEach((view, place) => {
      own.write(place * perView, values.subarray(view * perView, (view + 1) * perView));
    });
    const share = native.createArray(40 ** 3);
    await native.fdk(selectViews(geometry, views), own, selectFdkWeights(weights, views), share, { filter: 'ramp' });
    await native.combine(sum, [1, 1], [sum, share], 0, 0, 40 ** 3);
  }
  const [a, b] = [new Float32Array(40 ** 3), new Float32Array(40 ** 3)];
  sum.read(0, a);
  all.read(0, b);
  expect(relativeDistance(a, b)).toBeLessThan(1e-5);
});

it('unevenly spread views keep the scale', async () => {
  const full = orbitScan('conebeam', [40, 40, 40], [0.6, 0.6, 0.6], [100, 100], 240, { pixelMm: 0.8 });
  // Every view of one half of the circle, every second of the other.
  const views = Array.from({ length: 240 }, (_, view) => view).filter((view) => view < 120 || view % 2 === 0);
  const geometry = selectViews(full, views);
  const volume = await reconstruct(geometry, ballIntegrals(geometry), 'ramp');
  expect(Math.abs(meanInside(geometry, volume, 4) / density - 1)).toBeLessThan(0.01);
});

it('the walnut comes out close to its reference', async () => {
  const { geometry, reference, sinogram } = openScan('walnut-mini');
  const measured = native.createArray(sinogram.length);
  measured.write(0, sinogram);
  const volume = await reconstruct(geometry, measured, 'ramp');
  let [squares, peak] = [0, 0];
  volume.forEach((value, n) => {
    squares += (value - reference[n]!) ** 2;
    peak = Math.max(peak, reference[n]!);
  });
  const psnr = 10 * Math.log10(peak ** 2 / (squares / volume.length));
  console.log(`FDK of walnut-mini, 120 views, ramp: PSNR ${psnr.toFixed(2)} dB`);
  expect(psnr).toBeGreaterThan(27);
});

it('weights of other views are refused', async () => {
  const { geometry } = openScan('walnut-tiny');
  const sinogram = native.createArray(viewCount(geometry) * 78 * 61);
  const target = native.createArray(40 ** 3);
  await expect(native.fdk(geometry, sinogram, new Float64Array(3), target, { filter: 'ramp' })).rejects.toMatchObject({
    code: 'bad_input',
  });
  await expect(native.fdk(geometry, sinogram, native.fdkWeights(geometry), target, { filter: 'cosine' as 'ramp' })).rejects.toThrow(
    'filter',
  );
});
