// Opening scans: the bundled samples, the voxel-size rule, and every shape the experiment cannot use.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { summariseGeometry } from '../../../../src/worker/formats/geometrySummary';
import { countNonFinite, hashScan, openScan } from '../../../../src/worker/formats/scanData';
import { quiet } from '../quiet';
import { scanFile, type TestScan } from './torchArchive';

const folder = mkdtempSync(join(tmpdir(), 'scan-'));
afterAll(() => rmSync(folder, { recursive: true }));
const tiny = 'resources/samples/walnut-tiny.pt';

/** Two views of a small circular scan: 66 mm to the axis, 199 mm to the detector. */
function vectorsOf(views: number): number[] {
  return Array.from({ length: views }, (_, view) => {
    const angle = (2 * Math.PI * view) / views;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [66 * s, -66 * c, 0, -133 * s, 133 * c, 0, 3 * c, 3 * s, 0, 0, 0, 3];
  }).flat();
}
const good: TestScan = {
  dense_reconstruction: { shape: [4, 5, 6] },
  sinogram: { shape: [2, 8, 7] },
  vecs: { shape: [2, 12], values: vectorsOf(2), type: 'Double' },
  voxel_size: 1,
};
function write(content: TestScan): string {
  const path = join(folder, 'scan.pt');
  writeFileSync(path, scanFile(content));
  return path;
}

describe('the bundled sample', () => {
  it('has the geometry that PyTorch reads', async () => {
    const scan = await openScan(tiny);
    expect(scan).toMatchObject({
      name: 'walnut-tiny.pt',
      views: 40,
      sinogramShape: [40, 78, 61],
      referenceShape: [40, 40, 40],
      problems: [],
    });
    expect(scan.geometry).toMatchObject({
      type: 'conebeam',
      volumeShape: [40, 40, 40],
      voxelSizeMm: [1.25, 1.25, 1.25],
      detectorRows: 78,
      detectorColumns: 61,
    });
    expect(scan.geometry.vectors).toHaveLength(480);
    expect(scan.geometry.vectors[1]).toBe(-66);
    const summary = summariseGeometry(scan.geometry);
    expect(summary.sourceToAxisMm).toBeCloseTo(66, 1);
    expect(summary.sourceToDetectorMm).toBeCloseTo(199, 0);
    expect(summary.pixelSizeMm[0]).toBeCloseTo(1.87, 2);
    expect(summary.arcDegrees).toBeCloseTo(360, 6);
    await scan.close();
  });

  it('hands out views, slices and planes that agree with each other', async () => {
    const scan = await openScan(tiny);
    const volume = new Float32Array(40 ** 3);
    await scan.readReferenceSlices(0, 40, volume);
    const coronal = new Float32Array(1600);
    const sagittal = new Float32Array(1600);
    await scan.readPlane('reference', 1, 17, coronal);
    await scan.readPlane('reference', 2, 23, sagittal);
    for (let z = 0; z < 40; z++) {
      for (let i = 0; i < 40; i++) {
        expect(coronal[z * 40 + i]).toBe(volume[(z * 40 + 17) * 40 + i]);
        expect(sagittal[z * 40 + i]).toBe(volume[(z * 40 + i) * 40 + 23]);
      }
    }
    const view = new Float32Array(78 * 61);
    const plane = new Float32Array(78 * 61);
    await scan.readSinogramView(39, view);
    await scan.readPlane('sinogram', 0, 39, plane);
    expect(plane).toEqual(view);
    expect(Math.max(...view)).toBeGreaterThan(0.1);
    expect(countNonFinite(view)).toBe(0);
    await scan.close();
  });

  it('has an id without reading and the SHA-256 of its bytes', async () => {
    const scan = await openScan(tiny);
    expect(scan.id).toMatch(/^[0-9a-f]{32}$/);
    const digest = createHash('sha256').update(readFileSync(tiny)).digest('hex');
    expect(await hashScan(tiny, quiet)).toBe(digest);
    await scan.close();
  });

  it('notices a changed file', async () => {
    const path = write(good);
    const first = await openScan(path);
    const before = [first.id, await hashScan(path, quiet)];
    await first.close();
    const bytes = scanFile({ ...good, voxel_size: 2 });
    writeFileSync(path, bytes);
    utimesSync(path, 1, 1);
    const second = await openScan(path);
    expect(second.id).not.toBe(before[0]);
    expect(await hashScan(path, quiet)).not.toBe(before[1]);
    await second.close();
  });
});

describe('voxel size', () => {
  it.each([
    ['asked for wins', 0.9, 1, 0.9, false],
    ['the file says', null, 1, 1, false],
    ['the published 0.1 mm, doubted', null, undefined, 0.1, true],
    ['too large, doubted', 4, 1, 4, true],
  ])('%s', async (_name, wanted, inFile, used, doubted) => {
    const { voxel_size: _, ...rest } = good;
    const path = write(inFile === undefined ? rest : { ...rest, voxel_size: inFile });
    const scan = await openScan(path, { voxelSizeMm: wanted });
    expect(scan.geometry.voxelSizeMm).toEqual([used, used, used]);
    expect(scan.problems.some((problem) => problem.severity === 'warning' && problem.message.includes('what the detector sees'))).toBe(
      doubted,
    );
    expect(scan.problems.some((problem) => problem.message.includes('does not say its voxel size'))).toBe(
      wanted === null && inFile === undefined,
    );
    await scan.close();
  });

  it('may be a tensor of one number', async () => {
    const sized = (value: TestScan[string]) => openScan(write({ ...good, voxel_size: value }));
    const scan = await sized({ shape: [], values: [1.25] });
    expect(scan.geometry.voxelSizeMm).toEqual([1.25, 1.25, 1.25]);
    await scan.close();
    await expect(sized({ shape: [3], values: [1, 1, 1] })).rejects.toThrow('voxel_size is "3 numbers"');
  });

  it('refuses sizes that are none', async () => {
    await expect(openScan(tiny, { voxelSizeMm: 0 })).rejects.toThrow('The voxel size is 0 mm');
    await expect(openScan(tiny, { voxelSizeMm: Number.NaN })).rejects.toThrow('The voxel size is NaN mm');
    await expect(openScan(write({ ...good, voxel_size: -1 }))).rejects.toThrow('voxel_size is -1');
  });
});

describe('what the experiment cannot use', () => {
  const vecs = (change: (values: number[]) => void) => {
    const values = vectorsOf(2);
    change(values);
    return { ...good, vecs: { shape: [2, 12], values, type: 'Double' as const } };
  };
  const { sinogram: _s, ...withoutSinogram } = good;
  const { vecs: _v, ...withoutVecs } = good;
  it.each<[string, TestScan, string]>([
    ['no sinogram', withoutSinogram, 'the key sinogram (views, rows, columns) is missing (found: dense_reconstruction, vecs)'],
    ['no vecs', withoutVecs, 'the key vecs (views, 12) is missing'],
    ['flat sinogram', { ...good, sinogram: { shape: [2, 56] } }, 'sinogram has shape (2, 56); it must have three axes'],
    ['empty sinogram', { ...good, sinogram: { shape: [0, 8, 7] } }, 'sinogram has shape (0, 8, 7)'],
    ['four axes', { ...good, dense_reconstruction: { shape: [1, 4, 5, 6] } }, 'dense_reconstruction has shape (1, 4, 5, 6)'],
    ['vecs of 9', { ...good, vecs: { shape: [2, 9], type: 'Double' } }, 'vecs has shape (2, 9); it must be (views, 12)'],
    ['views that differ', { ...good, vecs: { shape: [3, 12], type: 'Double' } }, 'vecs has 3 rows, but sinogram has 2 views'],
    ['NaN in vecs', vecs((values) => values.splice(15, 1, Number.NaN)), 'vecs, row 1: number 4 of 12 is NaN'],
    ['detector without area', vecs((values) => values.splice(6, 3, 0, 0, 0)), 'vecs, row 0: the detector has no area'],
    ['parallel steps', vecs((values) => values.splice(21, 3, ...values.slice(18, 21))), 'vecs, row 1: the detector has no area'],
    [
      'source in the detector',
      vecs((values) => values.splice(0, 3, 0, 133, 0)),
      'vecs, row 0: the source lies in the plane of the detector',
    ],
  ])('%s', async (_name, content, message) => {
    const path = write(content);
    await expect(openScan(path)).rejects.toThrow(UserError);
    await expect(openScan(path)).rejects.toThrow(message);
  });

  it('opens without a reference, with the volume that the detector sees', async () => {
    const { dense_reconstruction: _, ...rest } = good;
    const scan = await openScan(write(rest));
    expect(scan.referenceShape).toBeNull();
    expect(scan.geometry.volumeShape).toEqual([7, 6, 6]);
    expect(scan.problems[0]?.message).toContain('has no dense_reconstruction, so there is no PSNR and SSIM');
    await expect(scan.readReferenceSlices(0, 1, new Float32Array(36))).rejects.toThrow('has no dense_reconstruction');
    await scan.close();
  });

  it('counts values that are not finite when they are read', async () => {
    const values = new Array<number>(112).fill(0.5);
    values[60] = Number.NaN;
    values[61] = Number.POSITIVE_INFINITY;
    const scan = await openScan(write({ ...good, sinogram: { shape: [2, 8, 7], values } }));
    const view = new Float32Array(56);
    await scan.readSinogramView(0, view);
    expect(countNonFinite(view)).toBe(0);
    await scan.readSinogramView(1, view);
    expect(countNonFinite(view)).toBe(2);
    await scan.close();
  });

  it('says so for what is no scan at all', async () => {
    await expect(openScan('test/fixtures/torch/types.pt')).rejects.toThrow('types.pt is not a scan: the key sinogram');
    await expect(openScan(join(folder, 'none.pt'))).rejects.toThrow('ENOENT');
  });
});
