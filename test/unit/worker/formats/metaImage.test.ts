// MetaImage: what we write comes back, what others write is read, and headers that lie or lead elsewhere are refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { openMetaImage } from '../../../../src/worker/formats/metaImage';
import { writeVolume } from '../../../../src/worker/formats/volumeWriter';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meta-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const values = Float32Array.from({ length: 24 }, (_, index) => index * 0.5 - 3);
const fields = {
  ObjectType: 'Image',
  NDims: '3',
  ElementSpacing: '1 2 3',
  Offset: '8.5 -2 -1.5',
  DimSize: '4 3 2',
  ElementType: 'MET_FLOAT',
  ElementDataFile: 'v.raw',
};
function header(change: Record<string, string | undefined> = {}): string {
  const { ElementDataFile, ...rest } = { ...fields, ...change };
  const lines = Object.entries({ ...rest, ElementDataFile }).flatMap(([key, value]) => (value === undefined ? [] : [`${key} = ${value}`]));
  return `${lines.join('\n')}\n`;
}
async function planes(path: string): Promise<number[][]> {
  const file = await openMetaImage(path);
  const plane = new Float32Array(12);
  const all: number[][] = [];
  for (let z = 0; z < file.shape[0]; z++) {
    await file.readPlane(z, plane);
    all.push([...plane]);
  }
  await file.close();
  return all;
}

describe('MetaImage', () => {
  it('gives back what we write, places included', async () => {
    const place = { shape: [2, 3, 4], voxelSizeMm: [3, 2, 1], centreMm: [10, 0, 0] } as const;
    await writeVolume(join(folder, 'v.mhd'), place, (start, target) => target.set(values.subarray(start, start + target.length)));
    const file = await openMetaImage(join(folder, 'v.mhd'));
    expect(file).toMatchObject({ shape: [2, 3, 4], spacingMm: [3, 2, 1], firstMm: [8.5, -2, -1.5], type: 'float32' });
    await file.close();
    expect((await planes(join(folder, 'v.mhd'))).flat()).toEqual([...values]);
  });

  it('reads .mha, big-endian numbers and two axes', async () => {
    const swapped = Buffer.from(values.slice().buffer).swap32();
    const text = header({ ElementDataFile: 'LOCAL', BinaryDataByteOrderMSB: 'True' });
    writeFileSync(join(folder, 'v.mha'), Buffer.concat([Buffer.from(text), swapped]));
    expect((await planes(join(folder, 'v.mha'))).flat()).toEqual([...values]);
    writeFileSync(join(folder, 'v.raw'), new Uint8Array(values.buffer));
    writeFileSync(join(folder, 'v.mhd'), header({ NDims: '2', DimSize: '4 3', ElementSpacing: '1 2', Offset: '0 0' }));
    expect(await planes(join(folder, 'v.mhd'))).toEqual([[...values.slice(0, 12)]]);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['a data file in another folder', { ElementDataFile: '../secret.raw' }, 'only files in the same folder are read'],
    ['an absolute data file', { ElementDataFile: '/etc/passwd' }, 'only files in the same folder are read'],
    ['a Windows path', { ElementDataFile: 'C:\\data.raw' }, 'only files in the same folder are read'],
    ['the folder itself', { ElementDataFile: '..' }, 'only files in the same folder are read'],
    ['a list of files', { ElementDataFile: 'LIST' }, 'each slice in its own file'],
    ['a missing data file', { ElementDataFile: 'other.raw' }, 'other.raw is missing'],
    ['no data file', { ElementDataFile: undefined }, 'ElementDataFile is missing'],
    ['compressed data', { CompressedData: 'True' }, 'is compressed'],
    ['numbers as text', { BinaryData: 'False' }, 'numbers as text'],
    ['vectors', { ElementNumberOfChannels: '3' }, 'several numbers for each pixel'],
    ['an unknown type', { ElementType: 'MET_STRING' }, 'elements of type MET_STRING'],
    ['a type named like a property', { ElementType: 'constructor' }, 'elements of type constructor'],
    ['four axes', { NDims: '4' }, 'NDims = 4'],
    ['a negative size', { DimSize: '4 3 -2' }, 'DimSize is 4 3 -2'],
    ['a broken size', { DimSize: '4.5 3 2' }, 'whole numbers'],
    ['too few sizes', { DimSize: '4 3' }, 'needs 3 numbers'],
    ['a huge size', { DimSize: '90000000 90000000 90000000' }, 'DimSize'],
    ['a size beyond the file', { DimSize: '4000 3000 2000' }, 'has 96 bytes where'],
    ['a spacing of zero', { ElementSpacing: '0 1 1' }, 'must be greater than 0'],
    ['a spacing of NaN', { ElementSpacing: 'nan 1 1' }, 'needs 3 numbers'],
    ['a turned image', { TransformMatrix: '0 1 0 1 0 0 0 0 1' }, 'turned or mirrored'],
  ])('refuses %s', async (_name, change, message) => {
    writeFileSync(join(folder, 'v.raw'), new Uint8Array(values.buffer));
    writeFileSync(join(folder, 'v.mhd'), header(change));
    await expect(openMetaImage(join(folder, 'v.mhd'))).rejects.toThrow(UserError);
    await expect(openMetaImage(join(folder, 'v.mhd'))).rejects.toThrow(message);
  });

  it('answers any damage of the header with numbers or a sentence', async () => {
    writeFileSync(join(folder, 'v.raw'), new Uint8Array(values.buffer));
    const bytes = Buffer.from(header());
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 5 }), async (at, put) => {
        const damaged = Buffer.from(bytes);
        damaged.set(put.subarray(0, damaged.length - at), at);
        writeFileSync(join(folder, 'v.mhd'), damaged);
        try {
          await (await openMetaImage(join(folder, 'v.mhd'))).close();
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
