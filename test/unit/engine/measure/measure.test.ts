/** Line profiles and region statistics against values known by hand. */
import { describe, expect, it } from 'vitest';
import { lineProfile } from '../../../../src/engine/measure/lineProfile';
import { regionStatistics } from '../../../../src/engine/measure/regionStatistics';

/** value = 10 row + column, which bilinear interpolation reproduces exactly. */
const ramp = Float32Array.from({ length: 5 * 7 }, (_, n) => 10 * Math.floor(n / 7) + (n % 7));

describe('lineProfile', () => {
  it('follows a plane exactly, whatever the direction', () => {
    const samples = lineProfile(ramp, [5, 7], { row: 0.5, column: 5.5 }, { row: 3.5, column: 1.5 }, 0.2);
    expect(samples[0]).toEqual({ distanceMm: 0, value: 10.5 });
    expect(samples.at(-1)?.distanceMm).toBeCloseTo(5 * 0.2, 12);
    for (const { distanceMm, value } of samples) {
      const part = distanceMm / 1;
      expect(value).toBeCloseTo(10 * (0.5 + 3 * part) + 5.5 - 4 * part, 4);
    }
  });

  it('takes the edge outside the slice and never a value that is not there', () => {
    const samples = lineProfile(ramp, [5, 7], { row: -3, column: 3 }, { row: 9, column: 3 }, 1);
    expect(samples[0]?.value).toBe(3);
    expect(samples.at(-1)?.value).toBe(43);
    expect(samples.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it('gives both ends of a line without length, and stays bounded for a very long one', () => {
    expect(lineProfile(ramp, [5, 7], { row: 2, column: 2 }, { row: 2, column: 2 }, 1).map(({ value }) => value)).toEqual([22, 22]);
    expect(lineProfile(ramp, [5, 7], { row: 0, column: 0 }, { row: 0, column: 1e6 }, 1).length).toBeLessThan(5000);
  });

  it('refuses values that do not fill the slice', () => {
    expect(() => lineProfile(ramp, [5, 8], { row: 0, column: 0 }, { row: 1, column: 1 }, 1)).toThrow(RangeError);
  });
});

describe('regionStatistics', () => {
  it('counts both corners, in any order', () => {
    const region = regionStatistics(ramp, [5, 7], { row: 2, column: 3 }, { row: 1, column: 1 });
    // Rows 1 and 2, columns 1 to 3: 11 12 13 21 22 23.
    expect(region).toMatchObject({ count: 6, mean: 17, minimum: 11, maximum: 23 });
    expect(region?.standardDeviation).toBeCloseTo(Math.sqrt((36 + 25 + 16 + 16 + 25 + 36) / 5), 12);
    expect(region?.signalToNoise).toBeCloseTo(17 / Math.sqrt(154 / 5), 12);
  });

  it('leaves out what lies outside, and says nothing of nothing', () => {
    expect(regionStatistics(ramp, [5, 7], { row: 3, column: 5 }, { row: 90, column: 90 })?.count).toBe(4);
    expect(regionStatistics(ramp, [5, 7], { row: 9, column: 9 }, { row: 12, column: 12 })).toBeNull();
  });

  it('has no ratio where there is no spread', () => {
    expect(regionStatistics(new Float32Array(9).fill(4), [3, 3], { row: 0, column: 0 }, { row: 2, column: 2 })).toMatchObject({
      mean: 4,
      standardDeviation: 0,
      signalToNoise: null,
    });
  });
});
