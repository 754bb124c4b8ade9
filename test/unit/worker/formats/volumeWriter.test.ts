// Volumes in the formats of other programs: header, order of the axes, place of the first voxel, nothing left behind by a failure.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { volumeFormatOf } from '../../../../src/shared/volumeFormats';
import { openNpy } from '../../../../src/worker/formats/npy';
import { writeVolume } from '../../../../src/worker/formats/volumeWriter';

const folder = mkdtempSync(join(tmpdir(), 'volume-'));
afterAll(() => rmSync(folder, { recursive: true }));
const values = Float32Array.from({ length: 24 }, (_, index) => index * 0.25 - 1);
const read = (start: number, target: Float32Array) => target.set(values.subarray(start, start + target.length));
/** D 2, H 3, W 4; voxels of 3 x 2 x 1 mm (z,y,x). */
const place = { shape: [2, 3, 4], voxelSizeMm: [3, 2, 1], centreMm: [10, 0, 0] } as const;
const numbers = (bytes: Buffer) => new Float32Array(Uint8Array.from(bytes).buffer);
/** The first voxel is at x 10 - 1.5 * 1, y -1 * 2, z -0.5 * 3. */
const first = [8.5, -2, -1.5];

describe('writeVolume', () => {
  it('MetaImage: text beside raw numbers', async () => {
    await writeVolume(join(folder, 'v.mhd'), place, read);
    const fields = Object.fromEntries(
      readFileSync(join(folder, 'v.mhd'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' = ')),
    );
    expect(fields).toMatchObject({
      NDims: '3',
      DimSize: '4 3 2',
      ElementSpacing: '1 2 3',
      Offset: first.join(' '),
      ElementType: 'MET_FLOAT',
      ElementDataFile: 'v.raw',
    });
    expect(Object.keys(fields).at(-1)).toBe('ElementDataFile');
    expect(numbers(readFileSync(join(folder, 'v.raw')))).toEqual(values);
  });

  it('NRRD: header, an empty line, numbers', async () => {
    await writeVolume(join(folder, 'v.nrrd'), place, read);
    const bytes = readFileSync(join(folder, 'v.nrrd'));
    const end = bytes.indexOf('\n\n') + 2;
    const lines = bytes.subarray(0, end).toString().split('\n');
    expect(lines[0]).toBe('NRRD0004');
    expect(lines).toContain('sizes: 4 3 2');
    expect(lines).toContain('space directions: (1,0,0) (0,2,0) (0,0,3)');
    expect(lines).toContain(`space origin: (${first.join(',')})`);
    expect(numbers(bytes.subarray(end))).toEqual(values);
  });

  it('NIfTI: fields where the standard has them', async () => {
    await writeVolume(join(folder, 'v.nii'), place, read);
    const bytes = readFileSync(join(folder, 'v.nii'));
    expect(bytes.readInt32LE(0)).toBe(348);
    expect(bytes.subarray(344, 348).toString('latin1')).toBe('n+1\0');
    expect([0, 1, 2, 3].map((index) => bytes.readInt16LE(40 + index * 2))).toEqual([3, 4, 3, 2]);
    expect([bytes.readInt16LE(70), bytes.readInt16LE(72), bytes.readUInt8(123), bytes.readFloatLE(108)]).toEqual([16, 32, 2, 352]);
    expect([1, 2, 3].map((index) => bytes.readFloatLE(76 + index * 4))).toEqual([1, 2, 3]);
    expect([0, 1, 2].map((axis) => bytes.readFloatLE(280 + axis * 16 + 12))).toEqual(first);
    expect(numbers(bytes.subarray(352))).toEqual(values);
    await expect(writeVolume(join(folder, 'long.nii'), { ...place, shape: [1, 1, 40000] }, () => {})).rejects.toThrow(
      'at most 32767 voxels',
    );
  });

  it('.npy, .tif and a folder of slices', async () => {
    await writeVolume(join(folder, 'v.npy'), place, read);
    const npy = await openNpy(join(folder, 'v.npy'));
    expect(npy.shape).toEqual([2, 3, 4]);
    await npy.close();
    await writeVolume(join(folder, 'v.tif'), place, read);
    expect(readFileSync(join(folder, 'v.tif')).length).toBeGreaterThan(96);
    await writeVolume(`${join(folder, 'slices')}/`, place, read);
    expect(readdirSync(join(folder, 'slices'))).toEqual(['slice_0000.tif', 'slice_0001.tif']);
  });

  it('refuses endings it does not know and leaves nothing behind when reading fails', async () => {
    expect(() => volumeFormatOf(join(folder, 'v.vtk'))).toThrow('Use .npy, .tif, .tiff, .mhd, .nrrd, .nii');
    for (const ending of ['.npy', '.tif', '.mhd', '.nrrd', '.nii', '/']) {
      const path = join(folder, `failed${ending}`);
      const failing = writeVolume(path, place, () => {
        throw new UserError('No more.');
      });
      await expect(failing, ending).rejects.toThrow('No more.');
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('failed'))).toEqual([]);
    expect(existsSync(join(folder, 'v.vtk'))).toBe(false);
  });
});
