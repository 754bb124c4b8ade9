// Metrics from slice sums against their definitions, and independence of how slices are shared out.
import { describe, expect, it } from 'vitest';
import { psnr, totalScore } from '../../../../src/engine/metrics/score';

const part = (errors: number[], sums: number[], counts: number[]) => ({
  squaredError: Float64Array.from(errors),
  ssimSum: Float64Array.from(sums),
  ssimCount: Float64Array.from(counts),
});

describe('totalScore', () => {
  it('is the definition', () => {
    const score = totalScore([part([2, 3], [4, 5], [6, 7])], 50, 3);
    expect(score.mse).toBeCloseTo(0.1, 15);
    expect(score.psnr).toBeCloseTo(10 * Math.log10(9 / 0.1), 12);
    expect(score.ssim).toBeCloseTo(9 / 13, 15);
  });

  it('has the same bits however the slices are shared out', () => {
    const errors = Array.from({ length: 9 }, (_, index) => Math.sqrt(index + 0.1) * 10 ** (index % 5));
    const whole = totalScore([part(errors, errors, errors)], 1e4, 1);
    const shared = totalScore(
      [part(errors.slice(0, 4), errors.slice(0, 2), errors.slice(0, 1)), part(errors.slice(4), errors.slice(2), errors.slice(1))],
      1e4,
      1,
    );
    expect(shared).toEqual(whole);
  });

  it('has no PSNR for a perfect match or an empty reference, and passes no NaN on', () => {
    expect(totalScore([part([0], [8], [8])], 8, 1)).toEqual({ psnr: null, ssim: 1, mse: 0 });
    expect(psnr(1, 0)).toBeNull();
    expect(totalScore([part([Number.NaN], [Number.NaN], [1])], 8, 1)).toEqual({ psnr: null, ssim: null, mse: null });
  });
});
