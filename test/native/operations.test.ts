/** Arrays, vector operations, reductions and tiles of the addon against the same things written in JavaScript. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeArray, type TileLayout } from '../../src/native/binding';
import { UserError } from '../../src/shared/errors';

const native = loadNative();

function arrayOf(values: ArrayLike<number>): NativeArray {
  const array = native.createArray(values.length);
  array.write(0, Float32Array.from(values));
  return array;
}

function valuesOf(array: NativeArray): Float32Array {
  const values = new Float32Array(array.length);
  array.read(0, values);
  return values;
}

async function randomArray(length: number, seed: number): Promise<NativeArray> {
  const array = native.createArray(length);
  await native.fillRandom(array, seed, 'normal', 0, length);
  return array;
}

describe('arrays', () => {
  it('are zero at first, copy in and out, and check every range', () => {
    const array = native.createArray(10);
    expect([...valuesOf(array)]).toEqual(Array(10).fill(0));
    array.write(3, Float32Array.of(1, 2));
    const part = new Float32Array(3);
    array.read(2, part);
    expect([...part]).toEqual([0, 1, 2]);
    expect(() => array.read(8, part)).toThrow(UserError);
    expect(() => array.write(-1, part)).toThrow('offset');
    expect(() => array.write(0, [1, 2] as unknown as Float32Array)).toThrow('Float32Array');
    expect(() => native.createArray(0)).toThrow('length');
    expect(() => native.createArray(2 ** 39)).toThrow(expect.objectContaining({ code: 'out_of_memory' }));
  });

  it('can be closed twice and say so when used afterwards', async () => {
    const array = native.createArray(4);
    array.close();
    array.close();
    expect(array.closed).toBe(true);
    expect(array.length).toBe(4);
    expect(() => array.fill(1)).toThrow('closed');
    await expect(native.combine(array, [], [], 0, 0, 4)).rejects.toThrow('closed');
  });

  it('may be closed while a call uses them', async () => {
    const a = await randomArray(2_000_000, 1);
    const b = await randomArray(2_000_000, 2);
    const call = native.dotSlices(a, b, 1000, 0, 2000);
    a.close();
    b.close();
    expect((await call).length).toBe(2000);
  });

  it('in shared memory are seen by another process and leave when unlinked', () => {
    const name = `tomobench-test-${process.pid}-1`;
    const array = native.createSharedArray(name, 1000);
    expect(array.name).toBe(name);
    array.write(998, Float32Array.of(0.25, 7));
    const script = `const native = require(process.argv[1]);
      const array = native.openSharedArray(process.argv[2], 1000);
      const two = new Float32Array(2); array.read(998, two); array.write(0, Float32Array.of(two[0] + two[1]));`;
    execFileSync(process.execPath, ['-e', script, `${process.cwd()}/build/native/tomo_native.node`, name]);
    expect(valuesOf(array)[0]).toBe(7.25);
    expect(native.listSharedArrays('tomobench-test-')).toContain(name);
    expect(() => native.createSharedArray(name, 10)).toThrow('exists already');
    expect(() => native.openSharedArray(name, 2000)).toThrow('shorter');
    expect(native.unlinkSharedArray(name)).toBe(true);
    expect(native.unlinkSharedArray(name)).toBe(false);
    expect(() => native.openSharedArray(name, 1000)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(() => native.createSharedArray(name, 2 ** 40)).toThrow(expect.objectContaining({ code: 'no_space' }));
    expect(native.listSharedArrays('tomobench-test-')).not.toContain(name);
    expect(() => native.createSharedArray('../escape', 10)).toThrow('letters');
  });
});

describe('vector operations', () => {
  it('combine sums in double, in order, in place too, within its range only', async () => {
    const a = arrayOf([1, 2, 3, 4]);
    const b = arrayOf([10, 20, 30, 40]);
    await native.combine(a, [2, 0.5], [a, b], 100, 1, 3);
    expect([...valuesOf(a)]).toEqual([1, 114, 121, 4]);
    // 1e8 + 1 - 1e8 is 0 in single precision.
    await native.combine(a, [1, 1, -1], [arrayOf([1e8, 0, 0, 0]), arrayOf([1, 0, 0, 0]), arrayOf([1e8, 0, 0, 0])], 0, 0, 1);
    expect(valuesOf(a)[0]).toBe(1);
    await expect(native.combine(a, [1], [arrayOf([1])], 0, 0, 4)).rejects.toMatchObject({ code: 'bad_input' });
    await expect(native.combine(a, [1, 2], [b], 0, 0, 4)).rejects.toThrow('as many');
    await expect(native.combine(a, [Number.NaN], [b], 0, 0, 4)).rejects.toThrow('coefficient');
  });

  it('clamp keeps NaN, copy moves ranges', async () => {
    const a = arrayOf([-5, 0.5, 9, Number.NaN]);
    await native.clamp(a, 0, 1, 0, 4);
    expect([...valuesOf(a)]).toEqual([0, 0.5, 1, Number.NaN]);
    const b = native.createArray(6);
    await native.copy(b, 2, a, 1, 2);
    expect([...valuesOf(b)]).toEqual([0, 0, 0.5, 1, 0, 0]);
    await expect(native.copy(b, 0, b, 1, 3)).rejects.toThrow('overlap');
    await expect(native.copy(b, 5, a, 0, 2)).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('reductions give one number a slice, the same for any threads and split', async () => {
    const a = await randomArray(7 * 1001, 3);
    const b = await randomArray(7 * 1001, 4);
    const whole = await native.dotSlices(a, b, 1001, 0, 7, { threads: 1 });
    const split = [...(await native.dotSlices(a, b, 1001, 0, 3, { threads: 3 })), ...(await native.dotSlices(a, b, 1001, 3, 7))];
    expect([...whole]).toEqual(split);
    const [x, y] = [valuesOf(a), valuesOf(b)];
    let [product, error] = [0, 0];
    for (let n = 2002; n < 3003; n++) {
      product += x[n]! * y[n]!;
      error += (x[n]! - y[n]!) ** 2;
    }
    expect(whole[2]).toBeCloseTo(product, 9);
    expect((await native.squaredErrorSlices(a, b, 1001, 2, 3))[0]).toBeCloseTo(error, 8);
    const slice = x.subarray(2002, 3003);
    expect([...(await native.minMaxSlices(a, 1001, 2, 3))]).toEqual([Math.min(...slice), Math.max(...slice)]);
    expect([...(await native.countNonFiniteSlices(arrayOf([1, Number.NaN, Number.POSITIVE_INFINITY, 0]), 2, 0, 2))]).toEqual([1, 1]);
    await expect(native.dotSlices(a, b, 1001, 0, 8)).rejects.toMatchObject({ code: 'bad_input' });
  });

  it('percentiles interpolate as numpy does', async () => {
    expect([...(await native.percentiles(arrayOf([4, 1, 3, 2]), [0, 0.5, 0.25, 1]))]).toEqual([1, 2.5, 1.75, 4]);
    await expect(native.percentiles(arrayOf([1]), [1.5])).rejects.toThrow('fractions');
  });

  it('SSIM of a volume with itself is 1, and windows are counted', async () => {
    const x = await randomArray(15 * 14 * 13, 5);
    expect(native.ssimSliceCount([15, 14, 13])).toBe(5);
    const { sums, counts } = await native.ssimSlices(x, x, [15, 14, 13], 1, 0, 5);
    expect([...counts]).toEqual(Array(5).fill(4 * 3));
    for (const sum of sums) expect(sum).toBeCloseTo(12, 10);
    const noisy = await randomArray(15 * 14 * 13, 6);
    const other = await native.ssimSlices(x, noisy, [15, 14, 13], 1, 0, 5);
    expect(Math.abs(other.sums[0]! / 12)).toBeLessThan(0.2);
    await expect(native.ssimSlices(x, x, [15, 14, 13], 0, 0, 5)).rejects.toThrow('data range');
  });
});

describe('tiles', () => {
  const shape = [5, 7, 6] as const;
  const [Dn, Hn, Wn] = [6, 8, 8];
  const layout: TileLayout = {
    volumeShape: shape,
    window: [5, 8, 7],
    halo: [1, 3, 2],
    networkShape: [Dn, Hn, Wn],
    tileStride: Dn * 2 * Hn * Wn,
    sliceStride: 2 * Hn * Wn,
  };
  const reflect = (at: number, n: number): number => {
    const wrapped = ((at % (2 * n - 2)) + 2 * n - 2) % (2 * n - 2);
    return wrapped < n ? wrapped : 2 * n - 2 - wrapped;
  };

  it('are gathered with reflected border, repeated end and scale, into both layouts', async () => {
    const volume = await randomArray(5 * 7 * 6, 7);
    const values = valuesOf(volume);
    const starts = Int32Array.of(0, 0, 0, 2, 5, 3);
    for (const strides of [layout, { ...layout, sliceStride: Hn * Wn }]) {
      const target = new Float32Array(4 + 2 * layout.tileStride);
      await native.gatherTiles(volume, strides, starts, 0.5, 2, target, 4);
      for (let tile = 0; tile < 2; tile++)
        for (let z = 0; z < Dn; z++)
          for (let y = 0; y < Hn; y++)
            for (let x = 0; x < Wn; x++) {
              const [k, j, i] = [z, y, x].map((at, axis) =>
                reflect(starts[tile * 3 + axis]! + Math.min(at, layout.window[axis]! - 1) - layout.halo[axis]!, shape[axis]!),
              );
              const expected = Math.fround(Math.fround(values[(k! * 7 + j!) * 6 + i!]! - 0.5) * 2);
              expect(target[4 + tile * layout.tileStride + z * strides.sliceStride + y * Wn + x]).toBe(expected);
            }
    }
  });

  it('come back where they were, without touching the rest', async () => {
    const volume = await randomArray(5 * 7 * 6, 8);
    const before = valuesOf(volume);
    const target = new Float32Array(layout.tileStride);
    await native.gatherTiles(volume, layout, Int32Array.of(1, 3, 2), 0, 1, target, 0);
    volume.fill(-1);
    // The tile's corner is at (1,3,2) - halo = (0,0,0) of the volume.
    await native.scatterTiles(target, 0, layout, Int32Array.of(1, 2, 0, 3, 4, 5, 1, 2, 0), 1, 0, volume);
    valuesOf(volume).forEach((value, n) => {
      const [k, j, i] = [Math.floor(n / 42), Math.floor(n / 6) % 7, n % 6];
      const inside = k >= 1 && k < 4 && j >= 2 && j < 6 && i < 5;
      expect(value).toBe(inside ? before[n] : -1);
    });
  });

  it('that do not fit are refused', async () => {
    const volume = native.createArray(5 * 7 * 6);
    const target = new Float32Array(layout.tileStride);
    const gather = (starts: number[], offset = 0) => native.gatherTiles(volume, layout, Int32Array.from(starts), 0, 1, target, offset);
    await expect(gather([3, 0, 0])).rejects.toThrow('padded volume');
    await expect(gather([-1, 0, 0])).rejects.toThrow('padded volume');
    await expect(gather([0, 0, 0, 0, 0, 0])).rejects.toThrow('Float32Array');
    await expect(gather([0, 0, 0], 100)).rejects.toThrow('Float32Array');
    await expect(gather([0, 0])).rejects.toThrow('3 numbers');
    const scatter = (region: number[]) => native.scatterTiles(target, 0, layout, Int32Array.from(region), 1, 0, volume);
    await expect(scatter([0, 0, 0, 6, 1, 1, 0, 0, 0])).rejects.toThrow('region');
    await expect(scatter([0, 0, 0, 1, 1, 1, 0, 0, 6])).rejects.toThrow('region');
  });
});

it('the machine is described and memory is measured', () => {
  const info = native.deviceInfo();
  expect(info.logicalCores).toBeGreaterThan(0);
  expect(['baseline', 'avx2', 'avx512', 'neon']).toContain(info.simd);
  expect(info.cuda.length === 0).toBe(info.cudaReason !== null);
  const before = native.processMemory();
  const array = native.createArray(16 * 2 ** 20);
  array.fill(1);
  const after = native.processMemory();
  expect(after.residentMiB - before.residentMiB).toBeGreaterThan(50);
  expect(after.peakResidentMiB).toBeGreaterThanOrEqual(after.residentMiB);
});

it('options are checked', async () => {
  const a = native.createArray(4);
  await expect(native.clamp(a, 0, 1, 0, 4, { threads: 0 })).rejects.toThrow('threads');
  await expect(native.clamp(a, 0, 1, 0, 4, { cancel: {} as never })).rejects.toThrow('createCancelToken');
  await expect(native.clamp(a, 0, 1, 3, 2)).rejects.toBeInstanceOf(UserError);
});
