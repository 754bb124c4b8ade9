// .npy files as NumPy writes and reads them, partial reads in every direction, and damaged files.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { NpyWriter, npyHeader, openNpy, writeNpyVolume } from '../../../../src/worker/formats/npy';

const folder = mkdtempSync(join(tmpdir(), 'npy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const shape = [3, 4, 5];
const values = Float32Array.from({ length: 60 }, (_, index) => index * 0.5 - 7);

function file(name: string, header: string, data: Uint8Array, version = 1): string {
  const path = join(folder, name);
  const head = Buffer.alloc(version === 1 ? 10 : 12);
  Buffer.from('\x93NUMPY', 'latin1').copy(head);
  head[6] = version;
  if (version === 1) head.writeUInt16LE(header.length, 8);
  else head.writeUInt32LE(header.length, 8);
  writeFileSync(path, Buffer.concat([head, Buffer.from(header), data]));
  return path;
}

async function planes(path: string): Promise<number[][][]> {
  const npy = await openNpy(path);
  const result: number[][][] = [];
  for (const axis of [0, 1, 2] as const) {
    const size = shape[axis] ?? 0;
    const list: number[][] = [];
    for (let index = 0; index < size; index++) {
      const plane = new Float32Array(60 / size);
      await npy.readPlane(axis, index, plane);
      list.push([...plane]);
    }
    result.push(list);
  }
  await npy.close();
  return result;
}

function expectedPlanes(): number[][][] {
  const at = (z: number, y: number, x: number) => values[(z * 4 + y) * 5 + x] ?? Number.NaN;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return [
    range(3).map((z) => range(4).flatMap((y) => range(5).map((x) => at(z, y, x)))),
    range(4).map((y) => range(3).flatMap((z) => range(5).map((x) => at(z, y, x)))),
    range(5).map((x) => range(3).flatMap((z) => range(4).map((y) => at(z, y, x)))),
  ];
}

describe('reading', () => {
  it('reads planes of every axis, in C and in Fortran order, little and big endian', async () => {
    const plain = join(folder, 'c.npy');
    writeFileSync(plain, Buffer.concat([npyHeader(shape), new Uint8Array(values.buffer)]));
    expect(await planes(plain)).toEqual(expectedPlanes());
    const columns = new Float32Array(60);
    const big = Buffer.alloc(480);
    for (let z = 0; z < 3; z++) {
      for (let y = 0; y < 4; y++) {
        for (let x = 0; x < 5; x++) {
          const value = values[(z * 4 + y) * 5 + x] ?? 0;
          columns[z + 3 * (y + 4 * x)] = value;
          big.writeDoubleBE(value, 8 * ((z * 4 + y) * 5 + x));
        }
      }
    }
    const fortran = file('f.npy', "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4, 5), }\n", new Uint8Array(columns.buffer));
    expect(await planes(fortran)).toEqual(expectedPlanes());
    const doubles = file('d.npy', "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 4, 5), }\n", big, 2);
    expect(await planes(doubles)).toEqual(expectedPlanes());
  });

  it('reads integers, and any range', async () => {
    const path = file(
      'i.npy',
      "{'descr': '<i2', 'fortran_order': False, 'shape': (4,), }\n",
      new Uint8Array(Int16Array.of(-5, 6, 7, -32768).buffer),
    );
    const npy = await openNpy(path);
    const target = new Float64Array(2);
    await npy.read(target, 2, 2);
    expect([...target]).toEqual([7, -32768]);
    await expect(npy.read(target, 3, 2)).rejects.toThrow(RangeError);
    await npy.close();
  });

  it('picks a plane out of an array of columns larger than one reading', async () => {
    const [depth, height, width] = [400, 100, 80];
    const columns = Float32Array.from({ length: depth * height * width }, (_, index) => index);
    const path = file('large.npy', "{'descr': '<f4', 'fortran_order': True, 'shape': (400, 100, 80), }", new Uint8Array(columns.buffer));
    const npy = await openNpy(path);
    const plane = new Float32Array(height * width);
    await npy.readPlane(0, 7, plane);
    // Element (z,y,x) of a Fortran array lies at z + depth * (y + height * x).
    expect(plane.every((value, index) => value === 7 + depth * (Math.floor(index / width) + height * (index % width)))).toBe(true);
    await npy.close();
  });

  it.each([
    ['cut off', "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, 5), }", Buffer.alloc(239), 'ends before its data does'],
    ['objects', "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(8), "elements of type '|O'"],
    ['complex', "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(8), "elements of type '<c8'"],
    ['no shape', "{'descr': '<f4', 'fortran_order': False}", Buffer.alloc(8), 'header is not readable'],
    ['absurd shape', "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 99999999, 99999999), }", Buffer.alloc(8), 'too large'],
    ['many axes', "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }", Buffer.alloc(8), '9 axes'],
    ['code', '__import__("os").system("true")', Buffer.alloc(8), 'elements of type unknown'],
  ])('says what is wrong: %s', async (_name, header, data, message) => {
    await expect(openNpy(file('bad.npy', header, data))).rejects.toThrow(UserError);
    await expect(openNpy(file('bad.npy', header, data))).rejects.toThrow(message);
  });

  it('says what is wrong with every truncation', async () => {
    const path = join(folder, 'whole.npy');
    writeFileSync(path, Buffer.concat([npyHeader([7]), Buffer.alloc(28)]));
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      await expect(openNpy(path)).rejects.toThrow(UserError);
    }
  });
});

describe('writing', () => {
  it('writes in any order, under its name only once it is complete', async () => {
    const path = join(folder, 'w.npy');
    const writer = await NpyWriter.create(path, shape);
    for (const slice of [2, 0, 1]) await writer.write(values.subarray(slice * 20, slice * 20 + 20), slice * 20);
    expect(existsSync(path)).toBe(false);
    expect(await writer.finish()).toBe(128 + 240);
    expect(await planes(path)).toEqual(expectedPlanes());
    await expect(NpyWriter.create(join(folder, 'none', 'x.npy'), shape)).rejects.toThrow('ENOENT');
  });

  it('leaves nothing behind when the source fails', async () => {
    const path = join(folder, 'failed.npy');
    const failing = writeNpyVolume(path, shape, () => {
      throw new UserError('The source failed.');
    });
    await expect(failing).rejects.toThrow('The source failed.');
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });

  const numpy = (() => {
    try {
      execFileSync('/usr/bin/python3', ['-c', 'import numpy'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!numpy) console.log('Not run: the comparison with NumPy (python3-numpy is not installed).');
  it.runIf(numpy)('writes what NumPy reads', async () => {
    const path = join(folder, 'n.npy');
    await writeNpyVolume(path, shape, (start, target) => target.set(values.subarray(start, start + target.length)));
    const script = `import numpy as np; a = np.load(${JSON.stringify(path)}); print(a.shape, a.dtype, a.flags.c_contiguous, float(a[1, 2, 3]), float(a.sum()))`;
    const printed = execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
    expect(printed.trim()).toBe('(3, 4, 5) float32 True 9.5 465.0');
  });
});
