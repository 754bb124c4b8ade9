// The raw scan folder: pairing of vectors and images, orientation, correction, reference slices, what is missing.
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { hashScan, openScan } from '../../../../src/worker/formats/scanData';
import { imageOfView, lineIntegrals } from '../../../../src/worker/formats/walnutFolder';
import { quiet } from '../quiet';
import { testTiff } from './testTiff';

const root = mkdtempSync(join(tmpdir(), 'walnut-'));
afterAll(() => rmSync(root, { recursive: true }));
const [height, width, scans, slices] = [3, 4, 7, 5];
const dark = 100;
const flat = 1100;
/** Raw value of stored pixel (row, column) of image `scan`; all different. */
const rawValue = (scan: number, row: number, column: number) => dark + 900 - scan * 60 - row * 13 - column * 3;
const image = (value: (row: number, column: number) => number) =>
  testTiff({
    width,
    height,
    values: Array.from({ length: width * height }, (_, index) => value(Math.floor(index / width), index % width)),
    bits: 16,
    format: 1,
    brokenField: true,
  });
const number = (value: number) => String(value).padStart(6, '0');
let folder = '';
let orbit = '';

beforeEach(() => {
  folder = mkdtempSync(join(root, 'Walnut-'));
  orbit = join(folder, 'Projections', 'tubeV2');
  mkdirSync(orbit, { recursive: true });
  mkdirSync(join(folder, 'Reconstructions'));
  for (let scan = 0; scan < scans; scan++)
    writeFileSync(
      join(orbit, `scan_${number(scan)}.tif`),
      image((r, c) => rawValue(scan, r, c)),
    );
  writeFileSync(
    join(orbit, 'di000000.tif'),
    image(() => dark),
  );
  writeFileSync(
    join(orbit, 'io000000.tif'),
    image(() => flat - 10),
  );
  writeFileSync(
    join(orbit, 'io000001.tif'),
    image(() => flat + 10),
  );
  const lines = Array.from({ length: scans }, (_, view) => {
    const angle = (2 * Math.PI * view) / (scans - 1);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [66 * s, -66 * c, 0, -133 * s, 133 * c, 0, 30 * c, 30 * s, 0, 0, 0, 30].map((value) => value.toExponential(18)).join(' ');
  });
  writeFileSync(join(orbit, 'scan_geom_corrected.geom'), `${lines.join('\n')}\n`);
  for (let slice = 0; slice < slices; slice++) {
    const values = Array.from({ length: 25 }, (_, index) => slice + index / 100);
    const bytes = testTiff({ width: 5, height: 5, values, bits: 32, format: 3 });
    writeFileSync(join(folder, 'Reconstructions', `full_AGD_50_${number(slice)}.tiff`), bytes);
  }
});

describe('the pairing', () => {
  it('gives vector 0 the last image and never uses the first, as the authors do since 2020', () => {
    expect([0, 1, 1199].map((view) => imageOfView(view, 1200))).toEqual([1200, 1199, 1]);
  });
});

describe('a folder', () => {
  it('becomes corrected, turned line integrals in the order of the vectors', async () => {
    const scan = await openScan(folder);
    expect(scan).toMatchObject({ views: scans - 1, sinogramShape: [scans - 1, width, height], referenceShape: [slices, 5, 5] });
    expect(scan.geometry).toMatchObject({ detectorRows: width, detectorColumns: height, volumeShape: [slices, 5, 5] });
    expect(scan.geometry.vectors).toHaveLength((scans - 1) * 12);
    expect(scan.geometry.voxelSizeMm[0]).toBeCloseTo(50.1 / slices, 12);
    const view = new Float32Array(width * height);
    for (let k = 0; k < scans - 1; k++) {
      await scan.readSinogramView(k, view);
      for (let r = 0; r < width; r++) {
        for (let c = 0; c < height; c++) {
          const raw = rawValue(scans - 1 - k, height - 1 - c, r);
          expect(view[r * height + c]).toBeCloseTo(-Math.log((raw - dark) / (flat - dark)), 5);
        }
      }
    }
    const row = new Float32Array((scans - 1) * height);
    await scan.readPlane('sinogram', 1, 2, row);
    expect(row.slice(-height)).toEqual(view.slice(2 * height, 3 * height));
    const reference = new Float32Array(2 * 25);
    await scan.readReferenceSlices(3, 2, reference);
    expect(reference[26]).toBeCloseTo(4.01, 6);
    const sagittal = new Float32Array(25);
    await scan.readPlane('reference', 2, 1, sagittal);
    expect(sagittal[slices * 3 + 2]).toBeCloseTo(3 + 11 / 100, 6);
    expect(await hashScan(folder, quiet)).toMatch(/^[0-9a-f]{64}$/);
    await scan.close();
  });

  it('opens by its orbit too, and takes a voxel size', async () => {
    const scan = await openScan(orbit, { voxelSizeMm: 7 });
    expect(scan.geometry.voxelSizeMm).toEqual([7, 7, 7]);
    expect(scan.referenceShape).toEqual([slices, 5, 5]);
    await scan.close();
  });

  it('prefers the middle orbit', async () => {
    cpSync(orbit, join(folder, 'Projections', 'tubeV1'), { recursive: true });
    const scan = await openScan(folder);
    expect(scan.problems.map((problem) => problem.message).join()).toContain('Orbit tubeV2');
    await scan.close();
  });
});

describe('pixels that saw nothing', () => {
  it('are clipped and counted, bright noise is not', () => {
    const correction = { dark: Float32Array.of(1, 1, 1, 1), range: Float32Array.of(10, 10, 0, 10) };
    const target = new Float32Array(4);
    expect(lineIntegrals(Float32Array.of(0, 21, 5, Number.NaN), correction, 2, 2, target)).toBe(3);
    const least = -Math.log(1e-6);
    expect([...target].map((value) => Number(value.toFixed(4)))).toEqual([
      Number(least.toFixed(4)),
      Number(least.toFixed(4)),
      Number(least.toFixed(4)),
      Number((-Math.log(2)).toFixed(4)),
    ]);
  });

  it('are told of when the scan is opened', async () => {
    writeFileSync(
      join(orbit, `scan_${number(scans - 1)}.tif`),
      image((r) => (r === 0 ? 0 : 500)),
    );
    const scan = await openScan(folder);
    expect(scan.problems.map((problem) => problem.message).join()).toContain('4 of 12 pixels of the first view');
    await scan.close();
  });
});

describe('what is missing or wrong', () => {
  it.each<[string, () => void, string]>([
    ['no dark image', () => rmSync(join(orbit, 'di000000.tif')), 'has no dark image di000000.tif'],
    ['no flat image', () => void ['io000000.tif', 'io000001.tif'].map((name) => rmSync(join(orbit, name))), 'has no flat images'],
    ['an image', () => rmSync(join(orbit, 'scan_000003.tif')), 'gaps: 3'],
    ['no geometry', () => rmSync(join(orbit, 'scan_geom_corrected.geom')), 'has no scan_geom_corrected.geom'],
    [
      'a word in the geometry',
      () => writeFileSync(join(orbit, 'scan_geom_corrected.geom'), '1 2 3 4 5 6 7 8 9 10 11 x\n'),
      'line 1: "x" is not a finite number',
    ],
    ['11 numbers', () => writeFileSync(join(orbit, 'scan_geom_corrected.geom'), '\n1 2 3 4 5 6 7 8 9 10 11\n'), 'line 2: 11 numbers'],
    [
      'a flat image of another size',
      () => writeFileSync(join(orbit, 'io000000.tif'), testTiff({ width: 2, height: 2, values: [1, 2, 3, 4], bits: 16, format: 1 })),
      'io000000.tif has 2 x 2 pixels',
    ],
    [
      'a slice',
      () => rmSync(join(folder, 'Reconstructions', 'full_AGD_50_000002.tiff')),
      'not complete. The numbers of the images have gaps: 2',
    ],
    ['everything', () => rmSync(join(folder, 'Projections'), { recursive: true }), 'is a folder without a scan in it'],
  ])('%s', async (_name, damage, message) => {
    damage();
    await expect(openScan(folder)).rejects.toThrow(UserError);
    await expect(openScan(folder)).rejects.toThrow(message);
  });

  it('an image cut off is named when it is read; a missing reference and original geometry are told', async () => {
    writeFileSync(join(orbit, 'scan_000002.tif'), image((r, c) => rawValue(2, r, c)).subarray(0, 150));
    rmSync(join(folder, 'Reconstructions'), { recursive: true });
    renameSync(join(orbit, 'scan_geom_corrected.geom'), join(orbit, 'scan_geom_original.geom'));
    const scan = await openScan(folder);
    expect(scan.referenceShape).toBeNull();
    const told = scan.problems.filter((problem) => problem.severity === 'warning').map((problem) => problem.message);
    expect(told.join()).toContain('no reference slices');
    expect(told.join()).toContain('scan_geom_original.geom is used');
    const view = new Float32Array(width * height);
    await expect(scan.readSinogramView(scans - 1 - 2, view)).rejects.toThrow('scan_000002.tif');
    await expect(scan.readReferenceSlices(0, 1, view)).rejects.toThrow('has no reference slices');
    await scan.close();
  });
});
