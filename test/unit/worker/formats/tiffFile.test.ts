// TIFF: what is written is read back and by others, scanners' odd files are taken, broken ones refused.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { describeGaps, naturalOrder, openFileSequence, openPageSequence } from '../../../../src/worker/formats/imageSequence';
import { openTiff } from '../../../../src/worker/formats/tiffFile';
import { writeTiffFiles, writeTiffPages } from '../../../../src/worker/formats/tiffWriter';
import { testTiff } from './testTiff';

const folder = mkdtempSync(join(tmpdir(), 'tiff-'));
afterAll(() => rmSync(folder, { recursive: true }));
const shape = [3, 4, 5] as const;
const values = Float32Array.from({ length: 60 }, (_, index) => Math.sin(index));
const read = (start: number, target: Float32Array) => target.set(values.subarray(start, start + target.length));
const spacing = { voxelSizeMm: [0.3, 0.2, 0.1] as const };

function write(bytes: Uint8Array): string {
  const path = join(folder, 'image.tif');
  writeFileSync(path, bytes);
  return path;
}
async function pixels(path: string): Promise<number[]> {
  const file = await openTiff(path);
  try {
    const [page] = file.pages;
    const target = new Float32Array((page?.width ?? 0) * (page?.height ?? 0));
    await file.readPage(0, target);
    return [...target];
  } finally {
    await file.close();
  }
}

describe('writing', () => {
  it('gives pages back with spacing', async () => {
    const path = join(folder, 'pages.tif');
    const bytes = await writeTiffPages(path, shape, spacing, read);
    expect(readFileSync(path).length).toBe(bytes);
    const sequence = await openPageSequence(path);
    expect(sequence).toMatchObject({ count: 3, height: 4, width: 5, dtype: 'float32', spacingMm: { z: 0.3, xy: 0.1 } });
    const slice = new Float32Array(20);
    for (const index of [2, 0, 1]) {
      await sequence.read(index, slice);
      expect(slice).toEqual(values.slice(index * 20, index * 20 + 20));
    }
    await sequence.close();
  });

  it('gives single files back', async () => {
    await writeTiffFiles(join(folder, 'stack'), 'slice', shape, spacing, read);
    const names = ['slice_0000.tif', 'slice_0001.tif', 'slice_0002.tif'];
    expect(readdirSync(join(folder, 'stack'))).toEqual(names);
    await expect(writeTiffFiles(join(folder, 'stack'), 'slice', shape, spacing, read)).rejects.toThrow('not empty');
    const sequence = await openFileSequence(join(folder, 'stack'), names);
    const slice = new Float32Array(20);
    await sequence.read(1, slice);
    expect(slice).toEqual(values.slice(20, 40));
    await expect(sequence.read(3, slice)).rejects.toThrow(RangeError);
  });

  const pillow = (() => {
    try {
      execFileSync('/usr/bin/python3', ['-c', 'import PIL, numpy'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!pillow) console.log('Not run: the comparison with Pillow (python3-pil is not installed).');
  it.runIf(pillow)('writes what Pillow reads', async () => {
    const path = join(folder, 'pil.tif');
    await writeTiffPages(path, shape, spacing, read);
    const script = `import numpy as np; from PIL import Image, ImageSequence; im = Image.open(${JSON.stringify(path)}); a = np.stack([np.array(p) for p in ImageSequence.Iterator(im)]); print(a.shape, a.dtype, repr(float(a[2, 3, 4])))`;
    expect(execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).trim()).toBe(`(3, 4, 5) float32 ${values[59]}`);
  });
});

describe('reading', () => {
  const grey = Array.from({ length: 12 }, (_, index) => index * 20);
  it.each([
    ['8 bits', { bits: 8, format: 1 }],
    ['16 bits', { bits: 16, format: 1 }],
    ['32 bits', { bits: 32, format: 1 }],
    ['16 bits with sign', { bits: 16, format: 2 }],
    ['double', { bits: 64, format: 3 }],
    ['big endian', { bits: 16, format: 1, bigEndian: true }],
    ['several strips', { bits: 16, format: 1, rowsPerStrip: 2 }],
    ['BigTIFF', { bits: 32, format: 3, bigTiff: true }],
    ['BigTIFF, big endian, strips', { bits: 32, format: 3, bigTiff: true, bigEndian: true, rowsPerStrip: 1 }],
    ['a field of a type that does not exist', { bits: 16, format: 1, brokenField: true }],
  ])('%s', async (_name, options) => {
    expect(await pixels(write(testTiff({ width: 4, height: 3, values: grey, ...options })))).toEqual(grey);
  });

  it.each([
    ['uint16_lzw', 'uint16', (row: number, column: number) => row * 300 + column * 7],
    ['uint16_deflate', 'uint16', (row: number, column: number) => row * 300 + column * 7],
    ['float32_deflate', 'float32', (row: number, column: number) => (row * 300 + column * 7) / 8 - 100],
    ['uint16_lzw2', 'uint16', (row: number, column: number) => row * 300 + column * 7],
    ['float32_lzw3', 'float32', (row: number, column: number) => (row * 300 + column * 7) / 8 - 100],
    ['float32_deflate3', 'float32', (row: number, column: number) => (row * 300 + column * 7) / 8 - 100],
    ['uint8_packbits', 'uint8', (row: number, column: number) => (row * 300 + column * 7) % 256],
  ] as const)('compressed by Pillow: %s', async (name, type, value) => {
    const path = `test/fixtures/tiff/${name}.tif`;
    const sequence = await openPageSequence(path);
    expect(sequence).toMatchObject({ count: 1, height: 20, width: 30, dtype: type });
    await sequence.close();
    expect(await pixels(path)).toEqual(Array.from({ length: 600 }, (_, index) => value(Math.floor(index / 30), index % 30)));
  });

  it('reads LZW that fills its table and begins again', async () => {
    const expected = Array.from({ length: 6400 }, (_, index) => Number(((BigInt(index) ** 2n * 7919n) / 13n) % 65536n));
    expect(await pixels('test/fixtures/tiff/noise_lzw.tif')).toEqual(expected);
  });

  it('reads any page of a compressed stack, and says no to JPEG', async () => {
    const sequence = await openPageSequence('test/fixtures/tiff/pages_lzw.tif');
    const page = new Float32Array(600);
    for (const index of [2, 0, 1]) {
      await sequence.read(index, page);
      expect([page[0], page[599]]).toEqual([index, 19 * 300 + 29 * 7 + index]);
    }
    await sequence.close();
    await expect(openTiff('test/fixtures/tiff/jpeg.tif')).rejects.toThrow('is compressed with JPEG, which is not read');
  });

  it('finds the pages that ImageJ does not describe', async () => {
    const extra = new Uint8Array(Float32Array.of(5, 6, 7, 8).buffer);
    const path = write(
      testTiff({
        width: 2,
        height: 2,
        values: [1, 2, 3, 4],
        bits: 32,
        format: 3,
        description: 'ImageJ=1.53\nimages=2\nslices=2\nunit=um\nspacing=4\n',
        following: extra,
      }),
    );
    const file = await openTiff(path);
    expect(file.pages).toHaveLength(2);
    expect(file.spacingMm.z).toBeCloseTo(0.004, 12);
    const target = new Float32Array(4);
    await file.readPage(1, target);
    expect([...target]).toEqual([5, 6, 7, 8]);
    await file.close();
  });

  it.each([
    ['packed by a method of others', { compression: 34925 }, 'is compressed with LZMA'],
    ['pixels that are no Zstandard', { compression: 50000 }, 'the packed pixels cannot be unpacked'],
    ['pixels that are not what the compression says', { compression: 8 }, 'the packed pixels cannot be unpacked'],
    ['pixels that are no LZW', { compression: 5 }, 'the packed pixels'],
    ['pixels that are too few for PackBits', { compression: 32773 }, 'the packed pixels end too early'],
    ['colour', { samples: 3 }, 'has 3 values for each pixel, so it is in colour'],
    ['12 bits', { bits: 12 }, '12 bits'],
    ['complex', { format: 6, bits: 64 }, '64 bits in format 6'],
  ])('refuses %s', async (_name, options, message) => {
    await expect(pixels(write(testTiff({ width: 4, height: 3, values: grey, bits: 16, format: 1, ...options })))).rejects.toThrow(message);
  });

  it('says what is wrong with every truncation and with random changes', async () => {
    const whole = testTiff({ width: 4, height: 3, values: grey, bits: 16, format: 1, rowsPerStrip: 1, brokenField: true });
    for (let length = 0; length < whole.length; length++)
      await expect(openTiff(write(whole.subarray(0, length)))).rejects.toThrow(UserError);
    let state = 9;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let trial = 0; trial < 400; trial++) {
      const bytes = Buffer.from(whole);
      for (let change = 0; change < 3; change++) bytes[random(bytes.length)] = random(256);
      await pixels(write(bytes)).catch((error: unknown) => {
        if (!(error instanceof UserError)) throw error;
      });
    }
  });

  it('says what is wrong with packed files changed at random', async () => {
    let state = 5;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (const name of ['uint16_lzw', 'uint16_deflate', 'float32_deflate', 'uint8_packbits', 'float32_lzw3', 'uint16_lzw2']) {
      const whole = readFileSync(`test/fixtures/tiff/${name}.tif`);
      for (let trial = 0; trial < 60; trial++) {
        const bytes = Buffer.from(whole);
        for (let change = 0; change < 3; change++) bytes[random(bytes.length)] = random(256);
        await pixels(write(bytes)).catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
        });
      }
    }
  });

  it('refuses pages that go round in a circle', async () => {
    const bytes = testTiff({ width: 4, height: 3, values: grey, bits: 16, format: 1 });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const directory = view.getUint32(4, true);
    view.setUint32(directory + 2 + view.getUint16(directory, true) * 12, directory, true);
    await expect(openTiff(write(bytes))).rejects.toThrow('go round in a circle');
  });
});

describe('sequences', () => {
  it('counts as people do and tells of gaps', () => {
    expect(naturalOrder(['a_10.tif', 'a_9.tif', 'a_1.tif'])).toEqual(['a_1.tif', 'a_9.tif', 'a_10.tif']);
    expect(describeGaps(['s_000001.tif', 's_000002.tif'])).toBeNull();
    expect(describeGaps(['s_1.tif', 's_3.tif', 's_9.tif'])).toBe('The numbers of the images have gaps: 2, 4 to 8.');
  });

  it('names the image that differs', async () => {
    writeFileSync(join(folder, 'a.tif'), testTiff({ width: 2, height: 2, values: [1, 2, 3, 4], bits: 16, format: 1 }));
    writeFileSync(join(folder, 'b.tif'), testTiff({ width: 2, height: 1, values: [1, 2], bits: 16, format: 1 }));
    const sequence = await openFileSequence(folder, ['a.tif', 'b.tif']);
    await expect(sequence.read(1, new Float32Array(4))).rejects.toThrow('b.tif has 2 x 1 pixels, but a.tif has 2 x 2');
  });
});
