// How many iterates a grid keeps, and how many fit.
import { describe, expect, it } from 'vitest';
import { fittingSaveEvery, keptVolumes } from '../../../../src/engine/plan/diskUse';

describe('disk use', () => {
  it('counts the first, every n-th and the last iterate of each repetition', () => {
    expect(keptVolumes([{ max_runs: 10, n_repetitions: 2 }], 1)).toBe(22);
    expect(keptVolumes([{ max_runs: 10, n_repetitions: 1 }], 4)).toBe(4);
    expect(keptVolumes([{ max_runs: 3, n_repetitions: 1 }], 1000)).toBe(2);
  });

  it('takes the smallest usual step that fits, and says so where none does', () => {
    const rows = [{ max_runs: 100, n_repetitions: 1 }];
    expect(fittingSaveEvery(rows, 10, 1010)).toBe(1);
    expect(fittingSaveEvery(rows, 10, 1009)).toBe(2);
    expect(fittingSaveEvery(rows, 10, 1010, 10)).toBe(10);
    expect(fittingSaveEvery(rows, 10, 20)).toBe(100);
    expect(fittingSaveEvery(rows, 10, 19)).toBeNull();
  });
});
