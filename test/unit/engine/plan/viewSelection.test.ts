// View selection against values NumPy gave, and the operator split.
import { describe, expect, it } from 'vitest';
import { selectViews, splitOperators } from '../../../../src/engine/plan/viewSelection';

describe('selectViews', () => {
  it('gives what numpy.floor(numpy.linspace(0, 119, 50)) gives, rounding of the spacing included', () => {
    // python3 -c "import numpy as np; print(np.floor(np.linspace(0, 119, 50)).astype(int).tolist())"
    const expected = [
      0, 2, 4, 7, 9, 12, 14, 17, 19, 21, 24, 26, 29, 31, 34, 36, 38, 41, 43, 46, 48, 50, 53, 55, 58, 60, 63, 65, 68, 70, 72, 75, 77, 80, 82,
      85, 87, 89, 92, 94, 97, 99, 101, 104, 106, 109, 111, 114, 116, 119,
    ];
    expect(selectViews(120, 50)).toEqual(expected);
  });

  it('keeps both ends, ascends without repeats, and keeps all where asked for as many', () => {
    for (let total = 2; total < 60; total++) {
      for (let count = 2; count < total; count++) {
        const views = selectViews(total, count);
        expect([views.length, views[0], views.at(-1)]).toEqual([count, 0, total - 1]);
        expect(new Set(views).size).toBe(count);
      }
    }
    expect(selectViews(5, 1)).toEqual([0]);
    expect(selectViews(4, 4)).toEqual([0, 1, 2, 3]);
    expect(selectViews(4, 9)).toEqual([0, 1, 2, 3]);
    expect(() => selectViews(4, 0)).toThrow('num_projections is 0');
  });
});

describe('splitOperators', () => {
  it('is contiguous and balanced, the first parts one longer', () => {
    expect(splitOperators(7, 3)).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(splitOperators(50, 2).map((part) => part.length)).toEqual([25, 25]);
    expect(splitOperators(3, 3)).toEqual([[0], [1], [2]]);
    expect(() => splitOperators(3, 4)).toThrow('num_operators is 4; with 3 views it must be a whole number from 1 to 3');
  });
});
