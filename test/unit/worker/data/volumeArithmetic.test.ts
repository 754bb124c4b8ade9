/** Planes, bricks and statistics of volumes whose every voxel is known, also with values that are no numbers. */
import { describe, expect, it } from 'vitest';
import { averageBrick, cutSlice } from '../../../../src/worker/data/slices';
import { describeValues, percentile } from '../../../../src/worker/data/statistics';
import { CachedVolume, type Shape } from '../../../../src/worker/data/volumeReader';

/** A reader of values in memory that counts what is read of it. */
function volumeOf(shape: Shape, valueAt: (k: number, j: number, i: number) => number): { volume: CachedVolume; slicesRead: () => number } {
  const [depth, height, width] = shape;
  const values = new Float32Array(depth * height * width);
  for (let k = 0; k < depth; k++)
    for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) values[(k * height + j) * width + i] = valueAt(k, j, i);
  let read = 0;
  const volume = new CachedVolume({
    shape,
    readSlices: async (first, count, target) => {
      read += count;
      target.set(values.subarray(first * height * width, (first + count) * height * width));
    },
    readPlane: async (axis, index, target) => {
      if (axis !== 0) throw new Error('Planes across the file come from memory.');
      read++;
      target.set(values.subarray(index * height * width, (index + 1) * height * width));
    },
  });
  return { volume, slicesRead: () => read };
}

const coordinates = (k: number, j: number, i: number): number => 100 * k + 10 * j + i;

describe('cutSlice', () => {
  const shape: Shape = [2, 3, 4];

  it.each([
    [0, 1, 3, 4, [100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123]],
    [1, 2, 2, 4, [20, 21, 22, 23, 120, 121, 122, 123]],
    [2, 3, 2, 3, [3, 13, 23, 103, 113, 123]],
  ] as const)('cuts axis %i at %i', async (axis, index, rows, columns, expected) => {
    const plane = await cutSlice(volumeOf(shape, coordinates).volume, axis, index);
    expect([plane.rows, plane.columns]).toEqual([rows, columns]);
    expect([...plane.values]).toEqual(expected);
  });

  it.each([
    [0, 2],
    [1, 3],
    [2, 4],
    [0, -1],
    [0, 0.5],
    [0, Number.NaN],
  ] as const)('refuses axis %i at %d in words', async (axis, index) => {
    await expect(cutSlice(volumeOf(shape, coordinates).volume, axis, index)).rejects.toThrow(/does not exist; the volume has/);
  });

  it('reads one slice for an axial plane, and the file once for all others', async () => {
    const { volume, slicesRead } = volumeOf([5, 3, 4], coordinates);
    await cutSlice(volume, 0, 2);
    expect(slicesRead()).toBe(1);
    for (let index = 0; index < 4; index++) await cutSlice(volume, 2, index);
    await cutSlice(volume, 0, 4);
    expect(slicesRead()).toBe(6);
    expect(volume.heldBytes).toBe(5 * 3 * 4 * 4);
    volume.release();
    expect(volume.heldBytes).toBe(0);
  });

  it('reads again after a read that failed', async () => {
    let failures = 1;
    const volume = new CachedVolume({
      shape: [1, 1, 2],
      readSlices: async (_first, _count, target) => {
        if (failures-- > 0) throw new Error('not yet complete');
        target.set([7, 8]);
      },
      readPlane: async () => {},
    });
    await expect(cutSlice(volume, 1, 0)).rejects.toThrow('not yet complete');
    expect([...(await cutSlice(volume, 1, 0)).values]).toEqual([7, 8]);
  });
});

describe('averageBrick', () => {
  it('is the volume itself where it fits', async () => {
    const brick = await averageBrick(volumeOf([2, 3, 4], coordinates).volume, 4);
    expect(brick).toMatchObject({ shape: [2, 3, 4], factor: 1 });
    expect([...brick.values.slice(0, 5)]).toEqual([0, 1, 2, 3, 10]);
  });

  it('averages blocks, smaller ones at the far edges', async () => {
    const brick = await averageBrick(volumeOf([3, 2, 5], coordinates).volume, 3);
    expect(brick).toMatchObject({ shape: [2, 1, 3], factor: 2 });
    // Means of k in {0,1} and {2}, j in {0,1}, i in {0,1}, {2,3} and {4}.
    expect([...brick.values]).toEqual([55.5, 57.5, 59, 205.5, 207.5, 209]);
  });

  it('leaves out values that are not finite', async () => {
    const { volume } = volumeOf([2, 2, 2], (k, j, i) => (k === 0 ? Number.NaN : j + i === 0 ? Number.POSITIVE_INFINITY : 6));
    expect([...(await averageBrick(volume, 1)).values]).toEqual([6]);
    expect([...(await averageBrick(volumeOf([1, 1, 1], () => Number.NaN).volume, 1)).values]).toEqual([0]);
  });
});

describe('describeValues', () => {
  it('counts every value of a small volume', async () => {
    const { volume } = volumeOf([10, 10, 10], coordinates);
    const statistics = await describeValues(volume);
    expect([statistics.minimum, statistics.maximum]).toEqual([0, 999]);
    const histogram = statistics.histogram(10);
    expect(histogram.counts).toEqual(new Array(10).fill(100));
    expect(histogram.percentiles.p1).toBeCloseTo(9.99);
    expect(histogram.percentiles.p999).toBeCloseTo(998.001);
  });

  it('ignores what is not finite', async () => {
    const { volume } = volumeOf([1, 1, 4], (_k, _j, i) => [Number.NaN, -2, Number.NEGATIVE_INFINITY, 3][i] ?? 0);
    const statistics = await describeValues(volume);
    expect([statistics.minimum, statistics.maximum]).toEqual([-2, 3]);
    expect(statistics.histogram(2).counts).toEqual([1, 1]);
  });

  it('answers something usable where no value is finite, or all are equal', async () => {
    const nothing = await describeValues(volumeOf([1, 2, 2], () => Number.NaN).volume);
    expect(nothing.histogram(3)).toEqual({ low: 0, high: 1, counts: [0, 0, 0], percentiles: { p01: 0, p1: 0, p99: 1, p999: 1 } });
    const flat = await describeValues(volumeOf([1, 2, 2], () => 5).volume);
    expect(flat.histogram(3)).toMatchObject({ low: 5, high: 5, counts: [4, 0, 0] });
  });

  it('represents a large volume by slices over its whole depth', async () => {
    const { volume, slicesRead } = volumeOf([40, 1000, 1000], (k) => k);
    const statistics = await describeValues(volume);
    expect(slicesRead()).toBeLessThan(40);
    expect([statistics.minimum, statistics.maximum]).toEqual([0, 38]);
    expect(percentile(statistics.sorted, 0.5, 0)).toBeGreaterThan(17);
    expect(percentile(statistics.sorted, 0.5, 0)).toBeLessThan(21);
  });

  it.each([0, -1, 2.5, 1e9])('refuses %d bins', async (bins) => {
    const statistics = await describeValues(volumeOf([1, 1, 1], () => 1).volume);
    expect(() => statistics.histogram(bins)).toThrow('bins');
  });
});
