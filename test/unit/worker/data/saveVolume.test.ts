// Saving what the viewer shows: the same numbers in any format, cancelled without a trace, and never half of a file.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { saveVolume } from '../../../../src/worker/data/saveVolume';
import { npyHeader, openNpy } from '../../../../src/worker/formats/npy';
import { openTiff } from '../../../../src/worker/formats/tiffFile';
import { quiet } from '../quiet';

const folder = mkdtempSync(join(tmpdir(), 'save-'));
afterAll(() => rmSync(folder, { recursive: true }));

const values = Float32Array.from({ length: 60 }, (_, index) => index / 8);
const source = { kind: 'npy', path: join(folder, 'x.npy'), voxelSizeMm: 0.25, title: 'x' } as const;

beforeEach(() => {
  writeFileSync(source.path, Buffer.concat([npyHeader([3, 4, 5]), new Uint8Array(values.buffer)]));
});

it('writes an iterate with its voxel size', async () => {
  const out = join(folder, 'x.tif');
  const fractions: number[] = [];
  const { bytes } = await saveVolume(source, out, { progress: (fraction) => fractions.push(fraction), cancelled: () => false });
  expect(readFileSync(out).length).toBe(bytes);
  expect(fractions.at(-1)).toBe(1);
  const tiff = await openTiff(out);
  expect(tiff.spacingMm).toEqual({ z: 0.25, xy: 0.25 });
  const page = new Float32Array(20);
  await tiff.readPage(1, page);
  expect(page).toEqual(values.slice(20, 40));
  await tiff.close();
});

it('writes the reference and the projections of a scan, pixel sizes included', async () => {
  const path = 'resources/samples/walnut-tiny.pt';
  await saveVolume({ kind: 'scan', path, array: 'reference' }, join(folder, 'reference.nrrd'), quiet);
  expect(readFileSync(join(folder, 'reference.nrrd'), 'latin1')).toContain('sizes: 40 40 40');
  await saveVolume({ kind: 'scan', path, array: 'sinogram' }, join(folder, 'views.npy'), quiet);
  const file = await openNpy(join(folder, 'views.npy'));
  expect(file.shape).toEqual([40, 78, 61]);
  await file.close();
});

it('ends at once when it is cancelled and leaves nothing', async () => {
  for (const name of ['c.npy', 'c.nii', 'c.mhd', 'c.tif', 'c-slices/']) {
    let reads = 0;
    const watch = { progress: () => {}, cancelled: () => reads++ > 0 };
    const big = { ...source, path: join(folder, 'big.npy') };
    writeFileSync(big.path, Buffer.concat([npyHeader([2, 1100, 1100]), new Uint8Array(2 * 1100 * 1100 * 4)]));
    await expect(saveVolume(big, join(folder, name), watch), name).rejects.toMatchObject({ code: 'cancelled' });
  }
  expect(readdirSync(folder).filter((name) => name.startsWith('c'))).toEqual([]);
});

it('refuses what is no volume and tells when the source was cut off', async () => {
  writeFileSync(source.path, Buffer.concat([npyHeader([3, 4]), new Uint8Array(48)]));
  await expect(saveVolume(source, join(folder, 'n.npy'), quiet)).rejects.toThrow('three axes are needed');
  writeFileSync(source.path, Buffer.concat([npyHeader([3, 4, 5]), new Uint8Array(200)]));
  await expect(saveVolume(source, join(folder, 'n.npy'), quiet)).rejects.toThrow('ends before its data does');
  await expect(saveVolume(source, join(folder, 'n.vtk'), quiet)).rejects.toThrow();
  expect(readdirSync(folder).filter((name) => name.startsWith('n'))).toEqual([]);
});
