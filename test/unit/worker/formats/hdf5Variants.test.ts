// The layouts and filters that beam lines use: files of the reference library (test/fixtures/make_hdf5_fixtures.py) and files written here; what is not read is named.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { openHdf5 } from '../../../../src/worker/formats/hdf5File';
import { openScan } from '../../../../src/worker/formats/scanData';

const folder = mkdtempSync(join(tmpdir(), 'hdf5-variants-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixtures = 'test/fixtures/hdf5';
type Library = typeof import('h5wasm/node');
type Data = Float32Array | Float64Array | Uint16Array | Int32Array;
interface Dataset {
  readonly data: Data;
  readonly shape: number[];
  readonly units?: string;
  readonly filter?: { readonly id: number; readonly options: number[]; readonly chunks: number[] };
}
let library: Library;
beforeAll(async () => {
  // The reader loads the library and its plugins; the tests then share it.
  (await openHdf5(join(fixtures, 'part.h5'))).close();
  library = await import('h5wasm/node');
});

function write(name: string, content: Record<string, Dataset>): string {
  const path = join(folder, name);
  const file = new library.File(path, 'w');
  const groups = new Set<string>();
  for (const [key, { data, shape, units, filter }] of Object.entries(content)) {
    const parts = key.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const group = parts.slice(0, depth).join('/');
      if (!groups.has(group)) file.create_group(group);
      groups.add(group);
    }
    const packed = filter === undefined ? {} : { chunks: filter.chunks, compression: filter.id, compression_opts: filter.options };
    file.create_dataset({ name: key, data, shape, ...packed });
    if (units !== undefined) (file.get(key) as InstanceType<Library['Dataset']>).create_attribute('units', units);
  }
  file.close();
  return path;
}

const [views, rows, columns] = [12, 6, 10];
const pixels = rows * columns;
const frames = Uint16Array.from({ length: views * pixels }, (_, index) => 1000 + 10 * Math.floor(index / pixels));
const white: Dataset = { data: new Uint16Array(pixels).fill(4000), shape: [1, rows, columns] };
const dark: Dataset = { data: new Uint16Array(pixels), shape: [1, rows, columns] };
const theta: Dataset = { data: Float64Array.from({ length: views }, (_, view) => view * 15), shape: [views] };
const exchange = {
  'exchange/data': { data: frames, shape: [views, rows, columns] },
  'exchange/data_white': white,
  'exchange/data_dark': dark,
  'exchange/theta': theta,
};

/** Every view of the scan above, in an order that leaves packed blocks and comes back. */
async function checkViews(path: string): Promise<void> {
  const scan = await openScan(path);
  const target = new Float32Array(pixels);
  for (const view of [0, 11, 5, 6, 1]) {
    await scan.readSinogramView(view, target);
    for (const value of target) expect(value).toBeCloseTo(-Math.log((1000 + 10 * view) / 4000), 5);
  }
  // Angles of 15 degrees: the ray of view 6 runs along x.
  expect(scan.geometry.vectors[6 * 12]).toBeCloseTo(1, 12);
  await scan.close();
}

describe('filters', () => {
  it.each(['lzf', 'gzip_shuffle_fletcher', 'szip', 'scaleoffset', 'latest'])('of the reference library: %s', async (name) => {
    await checkViews(join(fixtures, `${name}.h5`));
  });

  it.each([
    ['bitshuffle with LZ4', 32008, [0, 2]],
    ['Zstandard', 32015, [3]],
    ['LZ4', 32004, [0]],
    ['Blosc', 32001, [0, 0, 0, 0, 5, 1, 0]],
    ['bzip2', 307, [9]],
  ])('of the plugins: %s, a block of all views', async (name, id, options) => {
    const filter = { id, options, chunks: [views, rows, columns] };
    const path = write(`${id}.h5`, { ...exchange, 'exchange/data': { ...exchange['exchange/data'], filter } });
    expect(readFileSync(path).includes(Buffer.from(frames.buffer)), `${name} packs`).toBe(false);
    await checkViews(path);
  });

  it('names one that is not read', async () => {
    await expect(openScan(join(fixtures, 'unknown_filter.h5'))).rejects.toThrow(
      '/exchange/data is packed by HDF5 filter 32700, which is not read',
    );
  });
});

describe('Data Exchange', () => {
  const stage = {
    'process/acquisition/rotation/rotation_start': { data: Float64Array.of(0), shape: [1] },
    'process/acquisition/rotation/rotation_step': { data: Float64Array.of(15), shape: [1] },
  };
  const { 'exchange/theta': _theta, ...without } = exchange;

  it('takes radians where the file says so, and even steps of the stage where there is no theta', async () => {
    const radians = { data: Float64Array.from({ length: views }, (_, view) => (view * Math.PI) / 12), shape: [views], units: 'rad' };
    await checkViews(write('radians.h5', { ...exchange, 'exchange/theta': radians }));
    const path = write('stage.h5', { ...without, ...stage });
    await checkViews(path);
    const scan = await openScan(path);
    expect(scan.problems.map(({ message }) => message).join(' ')).toContain('has no theta; angles are even steps of 15 degrees from 0');
    await scan.close();
  });

  it('takes flat fields of the stage for a frame of zeros, and a single frame without its axis', async () => {
    await checkViews(
      write('fields.h5', {
        ...exchange,
        'exchange/data_white': { ...white, data: new Uint16Array(pixels) },
        'process/acquisition/flat_fields/flat_field_value': { ...white, shape: [rows, columns] },
      }),
    );
  });

  it('takes the first of several detectors, and says so', async () => {
    const named = (group: string) =>
      Object.fromEntries(Object.entries(exchange).map(([key, value]) => [key.replace('exchange', group), value]));
    const path = write('several.h5', { ...named('exchange1'), ...named('exchange2') });
    await checkViews(path);
    const scan = await openScan(path);
    expect(scan.problems.map(({ message }) => message).join(' ')).toContain('several scans (exchange1, exchange2); /exchange1 is used');
    await scan.close();
  });

  it.each<[string, Record<string, Dataset>, string]>([
    ['angles in other units', { ...exchange, 'exchange/theta': { ...theta, units: 'turns' } }, '/exchange/theta is in "turns"'],
    ['no flat frames', { 'exchange/data': exchange['exchange/data'], 'exchange/theta': theta }, 'has no flat frames'],
    [
      'flat frames of another size',
      { ...exchange, 'exchange/data_white': { data: new Uint16Array(pixels), shape: [1, columns, rows] } },
      '/exchange/data_white has shape (1, 10, 6), but its frames must be (6, 10)',
    ],
    [
      'a stage that stands',
      { ...without, 'process/acquisition/rotation/rotation_step': { data: Float64Array.of(0), shape: [1] } },
      'theta is missing',
    ],
  ])('refuses %s', async (_name, content, message) => {
    const path = write('bad.h5', content);
    await expect(openScan(path)).rejects.toThrow(UserError);
    await expect(openScan(path)).rejects.toThrow(message);
  });
});

it('FXI', async () => {
  await checkViews(
    write('fxi.h5', {
      img_tomo: exchange['exchange/data'],
      img_bkg_avg: { ...white, shape: [rows, columns] },
      img_dark_avg: dark,
      angle: theta,
    }),
  );
});

describe('NXtomo', () => {
  it('of ESRF: virtual frames, control keys, magnified pixels, axis beside the middle', async () => {
    for (const name of ['virtual.nx', 'part.h5'])
      copyFileSync(join(fixtures, name), join(folder, name === 'part.h5' ? name : 'virtual.nxs'));
    const path = join(folder, 'virtual.nxs');
    const scan = await openScan(path);
    // The last frame is for alignment only.
    expect(scan.sinogramShape).toEqual([4, rows, columns]);
    expect(scan.geometry.voxelSizeMm[0]).toBeCloseTo(0.003, 9);
    const target = new Float32Array(pixels);
    await scan.readSinogramView(3, target);
    // dark 100, flats 900 and 1300
    expect(target[7]).toBeCloseTo(-Math.log((500 - 100) / 1000), 5);
    // The axis, at the origin, is seen 1.5 columns right of the middle: the middle lies 1.5 columns of 3 um before it.
    const [, , , x, , , u, , , , , v] = scan.geometry.vectors;
    expect(x! / u!).toBeCloseTo(-1.5, 9);
    expect(v).toBeCloseTo(0.004, 9);
    await scan.close();
    rmSync(join(folder, 'part.h5'));
    await expect(openScan(path)).rejects.toThrow('is put together from other files, and part.h5 is missing');
  });

  it('of Diamond: entries below an entry, keys beside the instrument', async () => {
    const content = {
      'entry1/tomo_entry/data/data': {
        data: Uint16Array.from([100, 900, 500].flatMap((value) => Array(pixels).fill(value))),
        shape: [3, rows, columns],
      },
      'entry1/tomo_entry/data/rotation_angle': { data: Float64Array.of(7, 7, 90), shape: [3] },
      'entry1/instrument/image_key/image_key': { data: Int32Array.of(2, 1, 0), shape: [3] },
    };
    const scan = await openScan(write('diamond.nxs', content));
    const target = new Float32Array(pixels);
    await scan.readSinogramView(0, target);
    expect(target[0]).toBeCloseTo(-Math.log(400 / 800), 5);
    expect(scan.geometry.vectors[0]).toBeCloseTo(1, 12);
    await scan.close();
    const keys = 'entry1/instrument/image_key/image_key';
    const short = write('short.nxs', { ...content, [keys]: { data: Int32Array.of(2, 1), shape: [2] } });
    await expect(openScan(short)).rejects.toThrow('has 2 entries for 3 frames');
    const none = write('none.nxs', { ...content, [keys]: { data: Int32Array.of(2, 1, 3), shape: [3] } });
    await expect(openScan(none)).rejects.toThrow('marks no frame as a projection');
  });
});

it('a file of the Core Imaging Library is named', async () => {
  const path = write('cil.nxs', { 'entry1/other': theta });
  const file = new library.File(path, 'a');
  file.create_attribute('creator', 'NEXUSDataWriter');
  file.close();
  await expect(openScan(path)).rejects.toThrow('was written by the Core Imaging Library, whose own layout is not read');
});

it.each(['lzf', 'gzip_shuffle_fletcher', 'latest'])('%s: cuts and random changes end with a sentence or numbers', async (name) => {
  const whole = readFileSync(join(fixtures, `${name}.h5`));
  const path = join(folder, 'changed.h5');
  let state = 21;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let trial = 0; trial < 60; trial++) {
    const bytes = Buffer.from(trial % 3 === 0 ? whole.subarray(0, random(whole.length)) : whole);
    for (let change = 0; trial % 3 !== 0 && change < 4; change++) bytes[random(bytes.length)] = random(256);
    writeFileSync(path, bytes);
    try {
      const scan = await openScan(path);
      const [, height, width] = scan.sinogramShape;
      if (height * width < 1e6) await scan.readSinogramView(0, new Float32Array(height * width)).finally(() => scan.close());
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
});
