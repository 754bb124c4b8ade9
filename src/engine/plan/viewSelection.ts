/** Which views of a scan an experiment uses and how they are split into operators; reading them is left to the worker. */
import { UserError } from '../../shared/errors';

/**
 * Positions of `count` of `total` views: floor(linspace(0, total - 1, count)), all of them where count >= total (design reference).
 * Written as NumPy computes it in float64, i * ((total-1)/(count-1)) with the last one exact: where the spacing is no binary fraction,
 * i * spacing may fall just below a whole number (view 51 of 120 becomes 50 with count 50), and files, scripts and we must pick the same.
 */
export function selectViews(total: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 1) throw new UserError(`num_projections is ${count}; it must be a whole number from 1.`);
  if (count >= total) return Array.from({ length: total }, (_, index) => index);
  const spacing = (total - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return 0;
    return index === count - 1 ? total - 1 : Math.floor(index * spacing);
  });
}

/** Splits positions 0..viewCount-1 into contiguous parts of nearly equal size: the first (viewCount % operators) get one more. */
export function splitOperators(viewCount: number, operators: number): number[][] {
  if (!Number.isInteger(operators) || operators < 1 || operators > viewCount) {
    throw new UserError(`num_operators is ${operators}; with ${viewCount} views it must be a whole number from 1 to ${viewCount}.`);
  }
  const size = Math.floor(viewCount / operators);
  const longer = viewCount % operators;
  let next = 0;
  return Array.from({ length: operators }, (_, part) => Array.from({ length: size + (part < longer ? 1 : 0) }, () => next++));
}
