// TIFF in tiles, packed and with differences, as tifffile writes it (test/fixtures/make_tiff_fixtures.py); what is not read is named; broken tiles are refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { openTiff } from '../../../../src/worker/formats/tiffFile';
import { testTiff } from './testTiff';

const folder = mkdtempSync(join(tmpdir(), 'tiff-variants-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function pages(path: string): Promise<{ type: string; pages: number[][] }> {
  const file = await openTiff(path);
  try {
    const read: number[][] = [];
    for (const [index, { width, height }] of file.pages.entries()) {
      const target = new Float32Array(width * height);
      await file.readPage(index, target);
      read.push([...target]);
    }
    return { type: file.pages[0]?.type ?? '', pages: read };
  } finally {
    await file.close();
  }
}
const fixture = (name: string) => `test/fixtures/tiff/${name}.tif`;
const expected = (value: (row: number, column: number) => number) =>
  Array.from({ length: 600 }, (_, at) => value(Math.floor(at / 30), at % 30));
const counts = (row: number, column: number) => row * 300 + column * 7;
const real = (row: number, column: number) => counts(row, column) / 8 - 100;

const whole: readonly [string, string, (row: number, column: number) => number][] = [
  ['tiles_uint16', 'uint16', counts],
  ['tiles_big_float32_zstd3', 'float32', real],
  ['tiles_mm_uint16_lzw2', 'uint16', counts],
  ['tiles_mm_float32_deflate3', 'float32', real],
  ['mm_float32_deflate3', 'float32', real],
  ['uint16_zstd2', 'uint16', counts],
  ['mm_big_int32_packbits', 'int32', (row, column) => row * 300 - column * 70000],
  ['float64_deflate3', 'float64', real],
  ['int64_deflate2', 'int64', (row, column) => row * 300 - column * 7],
  ['uint32_lzw2', 'uint32', (row, column) => Math.fround(row * 300000 + column * 7)],
  ['inverted', 'uint8', (row, column) => counts(row, column) % 256],
];

it.each(whole)('reads %s', async (name, type, value) => {
  expect(await pages(fixture(name))).toEqual({ type, pages: [expected(value)] });
});

it('reads half precision with differences', async () => {
  const { type, pages: read } = await pages(fixture('float16_deflate3'));
  expect(type).toBe('float16');
  for (const [at, value] of expected((row, column) => real(row, column) / 8).entries())
    expect(Math.abs(read[0]![at]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2048);
});

it('passes over previews between the pages', async () => {
  const { pages: read } = await pages(fixture('thumbnails'));
  expect(read.map((page) => page[599])).toEqual([5903, 5904, 5905]);
});

it.each([
  ['colour_planar', 'has 3 values for each pixel, so it is in colour'],
  ['jpeg_tiles', 'is compressed with JPEG, which is not read'],
  ['lerc', 'is compressed with LERC, which is not read'],
  ['palette', 'has a colour table'],
])('refuses %s', async (name, message) => {
  await expect(openTiff(fixture(name))).rejects.toThrow(message);
});

describe('hostile', () => {
  const write = (bytes: Uint8Array): string => {
    const path = join(folder, 'image.tif');
    writeFileSync(path, bytes);
    return path;
  };
  /** The fixture of four plain tiles with the value of one field changed. */
  function withField(tag: number, value: number): Uint8Array {
    const bytes = Buffer.from(readFileSync(fixture('tiles_uint16')));
    const directory = bytes.readUInt32LE(4);
    for (let at = directory + 2; at < directory + 2 + 12 * bytes.readUInt16LE(directory); at += 12) {
      if (bytes.readUInt16LE(at) !== tag) continue;
      if (bytes.readUInt32LE(at + 4) > 1) bytes.writeUInt32LE(value, bytes.readUInt32LE(at + 8));
      else if (bytes.readUInt16LE(at + 2) === 3) bytes.writeUInt16LE(value, at + 8);
      else bytes.writeUInt32LE(value, at + 8);
      return bytes;
    }
    throw new Error(`no field ${tag}`);
  }

  it.each([
    ['tiles of no width', 322, 0, 'its tiles have 0 x 16 pixels'],
    ['tiles of absurd size', 323, 2 ** 25, 'its tiles have 16 x 33554432 pixels'],
    ['tiles that are too few', 256, 300, 'a page has 4 tiles where'],
    ['a tile beyond the end', 324, 100_000_000, 'ends before its pixels do'],
    ['a tile that was never written', 324, 0, 'a part of its pixels was never written'],
  ])('refuses %s', async (_name, tag, value, message) => {
    await expect(openTiff(write(withField(tag, value)))).rejects.toThrow(message);
  });

  it('refuses reversed bits, and strips never written', async () => {
    const image = { width: 2, height: 2, values: [1, 2, 3, 4], bits: 16, format: 1 };
    const bytes = testTiff(image);
    const directory = bytes.readUInt32LE(4);
    // The description becomes a field FillOrder = 2.
    const field = [...Array(bytes.readUInt16LE(directory)).keys()].map((index) => directory + 2 + index * 12);
    const description = field.find((at) => bytes.readUInt16LE(at) === 270) ?? 0;
    const reversed = Buffer.from(bytes);
    for (const [offset, value] of [
      [0, 266],
      [2, 3],
      [4, 1],
      [6, 0],
      [8, 2],
      [10, 0],
    ] as const)
      reversed.writeUInt16LE(value, description + offset);
    await expect(openTiff(write(reversed))).rejects.toThrow('has the bits of its bytes in reverse');
    const empty = Buffer.from(bytes);
    empty.writeUInt32LE(0, (field.find((at) => bytes.readUInt16LE(at) === 273) ?? 0) + 8);
    await expect(openTiff(write(empty))).rejects.toThrow('a part of its pixels was never written');
  });

  it.each([...whole.map(([name]) => name), 'thumbnails'])(
    '%s: every cut and random changes end with a sentence or numbers',
    async (name) => {
      const bytes = readFileSync(fixture(name));
      let state = 3;
      const random = (below: number) => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      for (let trial = 0; trial < 60; trial++) {
        const changed = Buffer.from(trial % 2 === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
        if (trial % 2 === 1) for (let change = 0; change < 3; change++) changed[random(bytes.length)] = random(256);
        await pages(write(changed)).catch((error: unknown) => {
          if (!(error instanceof UserError)) throw error;
        });
      }
    },
  );
});
