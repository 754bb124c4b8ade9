// HDF5 scans in three layouts, written by the HDF5 library itself, and files that are none.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { openHdf5 } from '../../../../src/worker/formats/hdf5File';
import { openScan } from '../../../../src/worker/formats/scanData';

const folder = mkdtempSync(join(tmpdir(), 'hdf5-'));
afterAll(() => rmSync(folder, { recursive: true }));
type Library = typeof import('h5wasm/node');
let library: Library;
const [views, rows, columns] = [4, 3, 5];
const values = (count: number, from = 0) => Float32Array.from({ length: count }, (_, index) => from + index * 0.25);

beforeAll(async () => {
  // The reader loads the library; the tests then share it.
  writeFileSync(join(folder, 'none.h5'), 'no HDF5 at all');
  await openHdf5(join(folder, 'none.h5')).catch(() => null);
  library = await import('h5wasm/node');
});

type Content = Record<
  string,
  { data: Float32Array | Float64Array | Uint16Array | Int32Array; shape: number[]; units?: string; packed?: boolean }
>;
function write(name: string, content: Content): string {
  const path = join(folder, name);
  const file = new library.File(path, 'w');
  for (const [key, { data, shape, units, packed }] of Object.entries(content)) {
    const parts = key.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const group = parts.slice(0, depth).join('/');
      if (!file.keys().includes(parts[0] ?? '') || file.get(group) === null) file.create_group(group);
    }
    file.create_dataset({
      name: key,
      data,
      shape,
      ...(packed === true ? { chunks: [1, ...shape.slice(1)], compression: 'gzip' as const } : {}),
    });
    if (units !== undefined) (file.get(key) as InstanceType<Library['Dataset']>).create_attribute('units', units);
  }
  file.close();
  return path;
}

const vecs = Float64Array.from(
  Array.from({ length: views }, (_, view) => {
    const [c, s] = [Math.cos(view), Math.sin(view)];
    return [66 * s, -66 * c, 0, -133 * s, 133 * c, 0, 9 * c, 9 * s, 0, 0, 0, 9];
  }).flat(),
);
const own: Content = {
  sinogram: { data: values(views * rows * columns), shape: [views, rows, columns], packed: true },
  vecs: { data: vecs, shape: [views, 12] },
  dense_reconstruction: { data: values(24, 3), shape: [2, 3, 4] },
  voxel_size: { data: Float64Array.of(1.5), shape: [1] },
};

describe('the names of a .pt file', () => {
  it('give the same scan', async () => {
    const scan = await openScan(write('own.h5', own));
    expect(scan).toMatchObject({ sinogramShape: [views, rows, columns], referenceShape: [2, 3, 4], kind: 'HDF5 scan' });
    expect(scan.geometry.voxelSizeMm).toEqual([1.5, 1.5, 1.5]);
    expect(scan.geometry.vectors).toEqual(vecs);
    const view = new Float32Array(rows * columns);
    await scan.readSinogramView(2, view);
    expect(view).toEqual(values(60).slice(30, 45));
    const line = new Float32Array(views * rows);
    await scan.readPlane('sinogram', 2, 4, line);
    expect(line[2 * rows + 1]).toBe(view[columns + 4]);
    const slice = new Float32Array(12);
    await scan.readReferenceSlices(1, 1, slice);
    expect(slice).toEqual(values(24, 3).slice(12));
    const plane = new Float32Array(6);
    await scan.readPlane('reference', 2, 3, plane);
    expect(plane[5]).toBe(slice[11]);
    await scan.close();
  });
});

const counts = (value: (index: number) => number, length: number) => Uint16Array.from({ length }, (_, index) => value(index));
const pixels = rows * columns;

describe('Data Exchange', () => {
  const exchange: Content = {
    'exchange/data': { data: counts((index) => 200 + index, views * pixels), shape: [views, rows, columns] },
    'exchange/data_white': { data: counts((index) => (index < pixels ? 900 : 1300), 2 * pixels), shape: [2, rows, columns] },
    'exchange/data_dark': { data: counts(() => 100, pixels), shape: [1, rows, columns] },
    'exchange/theta': { data: Float32Array.of(0, 45, 90, 135), shape: [views] },
  };
  it('is corrected and gets parallel vectors from degrees', async () => {
    const scan = await openScan(write('dx.h5', exchange), { voxelSizeMm: 0.5 });
    expect(scan).toMatchObject({ fixedType: 'parallel3d', referenceShape: null });
    const view = new Float32Array(pixels);
    await scan.readSinogramView(1, view);
    expect(view[2]).toBeCloseTo(-Math.log((200 + pixels + 2 - 100) / 1000), 5);
    const ray = [...scan.geometry.vectors.subarray(24, 36)].map((value) => Number(value.toFixed(12)) + 0);
    expect(ray).toEqual([1, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, 0, 0.5]);
    await scan.close();
  });

  it.each<[string, Content, string]>([
    [
      'no angles',
      { 'exchange/data': exchange['exchange/data'] as Content[string] },
      '/exchange/theta is missing, and /process/acquisition/rotation too',
    ],
    [
      'too few angles',
      { ...exchange, 'exchange/theta': { data: Float32Array.of(1, 2), shape: [2] } },
      '/exchange/theta has shape (2) for 4 frames',
    ],
    ['flat data', { ...exchange, 'exchange/data': { data: counts(() => 1, 20), shape: [4, 5] } }, '/exchange/data has shape (4, 5)'],
  ])('refuses %s', async (_name, content, message) => {
    await expect(openScan(write('bad.h5', content))).rejects.toThrow(message);
  });
});

describe('NXtomo', () => {
  it('tells frames apart by image_key, takes radians and pixel sizes with units', async () => {
    const path = write('scan.nxs', {
      'entry/instrument/detector/data': {
        data: counts((index) => 100 + Math.floor(index / pixels) * 100, 6 * pixels),
        shape: [6, rows, columns],
      },
      'entry/instrument/detector/image_key': { data: Int32Array.of(2, 1, 0, 3, 0, 1), shape: [6] },
      'entry/instrument/detector/x_pixel_size': { data: Float64Array.of(20), shape: [1], units: 'um' },
      'entry/instrument/detector/y_pixel_size': { data: Float64Array.of(0.03), shape: [1], units: 'mm' },
      'entry/sample/rotation_angle': { data: Float64Array.of(9, 9, 0, 9, Math.PI / 2, 9), shape: [6], units: 'rad' },
    });
    const scan = await openScan(path);
    expect(scan.views).toBe(2);
    expect(scan.geometry.voxelSizeMm[0]).toBeCloseTo(0.02, 12);
    const v = [...scan.geometry.vectors.subarray(12, 24)].map((value) => Number(value.toFixed(12)) + 0);
    expect(v).toEqual([1, 0, 0, 0, 0, 0, 0, 0.02, 0, 0, 0, 0.03]);
    const view = new Float32Array(pixels);
    await scan.readSinogramView(1, view);
    // dark 100, flats 200 and 600, the second projection 500
    expect(view[0]).toBeCloseTo(-Math.log((500 - 100) / 300), 5);
    await scan.close();
  });
});

describe('what is no scan', () => {
  it('is named', async () => {
    await expect(openScan(join(folder, 'none.h5'))).rejects.toThrow('none.h5 is no HDF5 file, or it is damaged');
    await expect(openScan(write('other.h5', { 'a/b': { data: values(2), shape: [2] } }))).rejects.toThrow('other.h5 is not a scan');
    await expect(openScan(write('bad.h5', { ...own, vecs: { data: vecs.slice(12), shape: [views - 1, 12] } }))).rejects.toThrow(
      'vecs has shape (3, 12)',
    );
  });

  it('says so for every truncation, when it is opened or when it is read', async () => {
    const whole = readFileSync(write('cut.h5', own));
    for (let length = 0; length < whole.length; length += 97) {
      writeFileSync(join(folder, 'cut.h5'), whole.subarray(0, length));
      await expect(openScan(join(folder, 'cut.h5')), `${length} bytes`).rejects.toThrow(UserError);
    }
  });

  it('answers with a sentence or the data for files changed at random', async () => {
    const whole = readFileSync(write('fuzz.h5', own));
    let state = 77;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const view = new Float32Array(pixels);
    for (let trial = 0; trial < 150; trial++) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change < 4; change++) bytes[random(bytes.length)] = random(256);
      writeFileSync(join(folder, 'fuzz.h5'), bytes);
      try {
        const scan = await openScan(join(folder, 'fuzz.h5'));
        if (view.length === scan.sinogramShape[1] * scan.sinogramShape[2]) await scan.readSinogramView(0, view).finally(() => scan.close());
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
  });

  it('leaves navigator as it was', () => {
    expect(typeof globalThis.navigator).toBe('object');
  });
});
