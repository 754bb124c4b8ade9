// Projections as TIFF beside a table of vectors: one file or many, vectors as text or .npy, and what does not fit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { npyHeader } from '../../../../src/worker/formats/npy';
import { hashScan, openScan } from '../../../../src/worker/formats/scanData';
import { writeTiffFiles, writeTiffPages } from '../../../../src/worker/formats/tiffWriter';
import { writeVolume } from '../../../../src/worker/formats/volumeWriter';
import { quiet } from '../quiet';
import { testTiff } from './testTiff';

const root = mkdtempSync(join(tmpdir(), 'stack-'));
afterAll(() => rmSync(root, { recursive: true }));
const shape = [4, 6, 5] as const;
const values = Float32Array.from({ length: 120 }, (_, index) => Math.cos(index));
const read = (start: number, target: Float32Array) => target.set(values.subarray(start, start + target.length));
const spacing = { voxelSizeMm: [2, 2, 2] as const };
const vectors = Float64Array.from(
  Array.from({ length: 4 }, (_, view) => {
    const [c, s] = [Math.cos(view + 0.1), Math.sin(view + 0.1)];
    return [66 * s, -66 * c, 0, -133 * s, 133 * c, 0, 9 * c, 9 * s, 0, 0, 0, 9];
  }).flat(),
);
const text = Array.from({ length: 4 }, (_, view) => [...vectors.subarray(view * 12, view * 12 + 12)].join(', ')).join('\r\n');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'scan-'));
});

async function check(path: string): Promise<void> {
  const scan = await openScan(path);
  expect(scan.geometry).toMatchObject({ detectorRows: 6, detectorColumns: 5, voxelSizeMm: [2, 2, 2] });
  expect(scan.geometry.vectors).toEqual(vectors);
  expect(scan.referenceShape).toEqual([4, 6, 5]);
  const view = new Float32Array(30);
  await scan.readSinogramView(2, view);
  expect(view).toEqual(values.slice(60, 90));
  const slices = new Float32Array(60);
  await scan.readReferenceSlices(1, 2, slices);
  expect(slices).toEqual(values.slice(30, 90));
  await scan.close();
}

describe('a stack with vectors', () => {
  it('of files, vectors as text, reference in a folder', async () => {
    await writeTiffFiles(folder, 'view', shape, spacing, read);
    await writeTiffFiles(join(folder, 'reference'), 'slice', shape, spacing, read);
    writeFileSync(join(folder, 'vecs.txt'), `# source detector u v\n${text}\n`);
    await check(folder);
  });

  it('of pages, vectors as .npy, reference in one file', async () => {
    await writeTiffPages(join(folder, 'views.tif'), shape, spacing, read);
    await writeTiffPages(join(folder, 'reference.tif'), shape, spacing, read);
    writeFileSync(join(folder, 'vectors.npy'), Buffer.concat([npyHeader([4, 12], 'float64'), new Uint8Array(vectors.buffer)]));
    await check(folder);
    await check(join(folder, 'views.tif'));
  });

  it.each<[string, () => Promise<void>, string]>([
    ['no vectors beside a file', () => Promise.resolve(), 'There is no geometry beside views.tif'],
    [
      'vectors for other views',
      async () => writeFileSync(join(folder, 'vecs.txt'), text.split('\r\n').slice(1).join('\n')),
      'has 4 projections, but vecs.txt has 3 views',
    ],
    ['an empty table', async () => writeFileSync(join(folder, 'vecs.txt'), '# nothing\n'), 'vecs.txt holds no vectors'],
    [
      'a table of other shape',
      async () => writeFileSync(join(folder, 'vecs.npy'), Buffer.concat([npyHeader([12, 4], 'float64'), new Uint8Array(vectors.buffer)])),
      'vecs.npy has shape (12, 4)',
    ],
    [
      'counts',
      async () => {
        writeFileSync(join(folder, 'vecs.txt'), text);
        writeFileSync(join(folder, 'views.tif'), testTiff({ width: 2, height: 2, values: [1, 2, 3, 4], bits: 16, format: 1 }));
      },
      'holds uint16 counts, but line integrals are needed',
    ],
  ])('refuses %s', async (_name, prepare, message) => {
    await writeTiffPages(join(folder, 'views.tif'), shape, spacing, read);
    await prepare();
    await expect(openScan(join(folder, 'views.tif'))).rejects.toThrow(UserError);
    await expect(openScan(join(folder, 'views.tif'))).rejects.toThrow(message);
  });

  it('takes whole numbers with the note of how they were packed: (stored - offset)/scale', async () => {
    writeFileSync(join(folder, 'vecs.txt'), text.split('\r\n')[0] ?? '');
    writeFileSync(join(folder, 'views.tif'), testTiff({ width: 2, height: 2, values: [1, 2, 300, 40000], bits: 16, format: 1 }));
    writeFileSync(join(folder, 'scaleoffset.json'), JSON.stringify({ scale: 100, offset: 50 }));
    const scan = await openScan(join(folder, 'views.tif'));
    const view = new Float32Array(4);
    await scan.readSinogramView(0, view);
    for (const [pixel, value] of [-0.49, -0.48, 2.5, 399.5].entries()) expect(view[pixel]).toBeCloseTo(value, 4);
    await scan.close();
    for (const note of ['', '{', 'null', '[]', '{"scale":0,"offset":1}', '{"scale":"1","offset":0}', '{"scale":1}', ' '.repeat(5000)]) {
      writeFileSync(join(folder, 'scaleoffset.json'), note);
      await expect(openScan(join(folder, 'views.tif')), note.slice(0, 40)).rejects.toThrow('scaleoffset.json must hold the numbers');
    }
  });

  it.each(['vecs.txt', 'vecs.npy'])('answers any damage of %s with a scan or a sentence', async (name) => {
    await writeTiffPages(join(folder, 'views.tif'), shape, spacing, read);
    const whole = name.endsWith('.npy')
      ? Buffer.concat([npyHeader([4, 12], 'float64'), new Uint8Array(vectors.buffer)])
      : Buffer.from(text);
    let state = 17;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let trial = 0; trial < 120; trial++) {
      const bytes = Buffer.from(trial % 4 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      for (let change = 0; trial % 4 !== 0 && change < 3; change++) bytes[random(bytes.length)] = random(256);
      writeFileSync(join(folder, name), bytes);
      try {
        await (await openScan(folder)).close();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
  });

  it('is another scan when its vectors or the numbers beside its header change', async () => {
    const hashes = new Set<string>();
    const path = join(folder, 'views.mhd');
    await writeVolume(path, { shape, voxelSizeMm: [2, 2, 2], centreMm: [0, 0, 0] }, read);
    writeFileSync(join(folder, 'vecs.txt'), text);
    hashes.add(await hashScan(path, quiet));
    hashes.add(await hashScan(path, quiet));
    expect(hashes.size).toBe(1);
    writeFileSync(join(folder, 'vecs.txt'), `${text}\n# measured again\n`);
    hashes.add(await hashScan(path, quiet));
    writeFileSync(join(folder, 'views.raw'), Buffer.alloc(480, 1));
    hashes.add(await hashScan(path, quiet));
    expect(hashes.size).toBe(3);
  });

  it('says that a folder of anything else is no scan', async () => {
    mkdirSync(join(folder, 'empty'));
    await expect(openScan(join(folder, 'empty'))).rejects.toThrow('is a folder without a scan in it');
  });
});
