/** Which views of a scan a row uses and how they are split into operators; both as in the reference experiment. */

/**
 * Positions floor(linspace(0, total - 1, count)), both ends included; count >= total keeps all views.
 * Whole-number arithmetic, so that no position is lost to rounding.
 */
export function selectViewPositions(total: number, count: number): number[] {
  if (count >= total) return Array.from({ length: total }, (_, view) => view);
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.floor((index * (total - 1)) / (count - 1)));
}

/** Contiguous, balanced blocks of 0..views-1: the first (views % operators) get one more. Blocks may be empty when there are fewer views. */
export function splitOperators(views: number, operators: number): number[][] {
  const smallest = Math.floor(views / operators);
  const larger = views % operators;
  let next = 0;
  return Array.from({ length: operators }, (_, operator) => {
    const size = smallest + (operator < larger ? 1 : 0);
    const first = next;
    next += size;
    return Array.from({ length: size }, (_, index) => first + index);
  });
}
