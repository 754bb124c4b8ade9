/** A Nikon scan made the way its machine works (the object turns before a fixed source, images begin upper right) must reconstruct to the object that was put in. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadNative } from '../../src/native/binding';
import { openScan } from '../../src/worker/formats/scanData';
import { blobDensity, writeNikonScan } from '../unit/worker/formats/testNikon';
import { type Blob, relativeDistance, sampleBlobs } from './scans';

const native = loadNative();
const root = mkdtempSync(join(tmpdir(), 'nikon-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Nothing here looks the same from another side, upside down, turned or mirrored. */
const blobs: readonly Blob[] = [
  { centreMm: [4, -1.5, 2.5], sigmaMm: 1.6 },
  { centreMm: [-2, 3.5, -4], sigmaMm: 1.2 },
  { centreMm: [-1, -4.5, 0.5], sigmaMm: 2 },
];

/** Of the whole volume, relative L2; 1.4 to 1.6 % are measured. */
const bound = 0.025;

async function fdk(settingsPath: string): Promise<{ volume: Float32Array; exact: Float32Array }> {
  const scan = await openScan(settingsPath, { voxelSizeMm: 0.5 });
  const geometry = { ...scan.geometry, volumeShape: [40, 40, 40] as const };
  const perView = geometry.detectorRows * geometry.detectorColumns;
  const sinogram = native.createArray(scan.views * perView);
  const view = new Float32Array(perView);
  for (let index = 0; index < scan.views; index++) {
    await scan.readSinogramView(index, view);
    sinogram.write(index * perView, view);
  }
  await scan.close();
  const target = native.createArray(40 ** 3);
  await native.fdk(geometry, sinogram, native.fdkWeights(geometry), target, { filter: 'ramp' });
  const volume = new Float32Array(40 ** 3);
  target.read(0, volume);
  return { volume, exact: sampleBlobs(geometry, blobs).map((value) => blobDensity * value) };
}

it.each([
  ['a centred axis', {}],
  ['an axis aside', { ObjectOffsetX: 0.9 }],
  ['a detector aside', { DetectorOffsetX: 3, DetectorOffsetY: -2.5 }],
  ['an axis that rolls', { ObjectRoll: 2 }],
  ['an axis that tilts', { ObjectTilt: -2 }],
  ['an axis as older files give it', { CentreOfRotationTop: 2.6, CentreOfRotationBottom: 1.2, older: true }],
  ['another first angle and a stage that turns the other way', { InitialAngle: 35, AngularStep: -3 }],
])('%s', async (_name, changes) => {
  const path = await writeNikonScan(mkdtempSync(join(root, 'scan-')), blobs, changes);
  const { volume, exact } = await fdk(path);
  const error = relativeDistance(volume, exact);
  console.log(`Nikon, ${_name}: ${(100 * error).toFixed(2)} %`);
  expect(error).toBeLessThan(bound);
});

it('angles measured beside uneven steps are needed', async () => {
  const folder = mkdtempSync(join(root, 'scan-'));
  const uneven = Array.from({ length: 120 }, (_, view) => 3 * view + 2.5 * Math.sin(view / 9));
  const path = await writeNikonScan(folder, blobs, {}, uneven);
  const without = await fdk(path);
  // In .ang files angles run the other way.
  writeFileSync(join(folder, 'blobs.ang'), `Proj:Angle\n${uneven.map((angle, view) => `${view + 1}: ${-angle}`).join('\r\n')}\n`);
  const withTable = await fdk(path);
  expect(relativeDistance(withTable.volume, withTable.exact)).toBeLessThan(bound);
  expect(relativeDistance(without.volume, without.exact)).toBeGreaterThan(1.5 * bound);
});
