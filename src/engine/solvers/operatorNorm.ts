/** The squared norm of all operators together, by the Lanczos form of power iteration. */
import type { Ports, Volume } from '../ports/ports';

const MAXIMUM_ITERATIONS = 100;
/** Relative change at which the estimate counts as settled: a thousandth of the room that step_size_scale 0.99 leaves. */
const RELATIVE_TOLERANCE = 1e-5;
/** Of the random start vector. */
export const NORM_SEED = 1;

/**
 * L = ||A||^2 = largest eigenvalue of N = A^T A, A stacking all operators; unit mm^2. Where plain power iteration forgets its earlier
 * vectors, Lanczos keeps what they told, as a tridiagonal matrix whose largest eigenvalue converges from below in a third of the
 * products (Golub and Van Loan, Matrix Computations, section 10.1; the largest one needs no reorthogonalisation):
 *
 *     w = N v_j - b_{j-1} v_{j-1};  a_j = <v_j, w>;  w = w - a_j v_j;  b_j = ||w||;  v_{j+1} = w / b_j;  L_j = max eig T(a, b)
 *
 * N has no negative entries, so a positive random start never misses its leading eigenvector (Perron-Frobenius).
 * Uses the three volumes as scratch. Answers 0 where no ray meets the volume.
 */
export async function squaredOperatorNorm(ports: Ports, scratch: readonly [Volume, Volume, Volume]): Promise<number> {
  const { projector, vectors } = ports;
  let [current, previous, product] = scratch;
  await vectors.fillRandom(current, NORM_SEED);
  await vectors.combine(current, [[1 / Math.sqrt(await vectors.dot(current, current)), current]]);
  await vectors.combine(previous, []);
  const diagonal: number[] = [];
  const offDiagonal: number[] = [];
  let estimate = 0;
  for (let iteration = 0; iteration < MAXIMUM_ITERATIONS; iteration++) {
    await projector.normal(current, product);
    const lastOffDiagonal = offDiagonal.at(-1) ?? 0;
    await vectors.combine(product, [
      [1, product],
      [-lastOffDiagonal, previous],
    ]);
    const onDiagonal = await vectors.dot(current, product);
    diagonal.push(onDiagonal);
    const before = estimate;
    estimate = largestEigenvalue(diagonal, offDiagonal);
    if (!(estimate > 0)) return 0;
    if (estimate - before <= RELATIVE_TOLERANCE * estimate) break;
    await vectors.combine(product, [
      [1, product],
      [-onDiagonal, current],
    ]);
    const norm = Math.sqrt(await vectors.dot(product, product));
    // The vectors seen span everything the start can reach: the estimate is exact.
    if (!(norm > estimate * 1e-7)) break;
    offDiagonal.push(norm);
    await vectors.combine(product, [[1 / norm, product]]);
    [previous, current, product] = [current, product, previous];
  }
  return estimate;
}

/**
 * Largest eigenvalue of the symmetric tridiagonal matrix with `diagonal` a_1..a_n and `offDiagonal` b_1..b_{n-1}, by bisection on the
 * number of eigenvalues below a value (Sturm sequence; Golub and Van Loan, section 8.4).
 */
export function largestEigenvalue(diagonal: readonly number[], offDiagonal: readonly number[]): number {
  let low = Math.max(...diagonal);
  let high = low;
  diagonal.forEach((value, index) => {
    // Gershgorin: no eigenvalue lies above this.
    high = Math.max(high, value + Math.abs(offDiagonal[index - 1] ?? 0) + Math.abs(offDiagonal[index] ?? 0));
  });
  for (let step = 0; step < 200 && high - low > 1e-15 * Math.abs(high); step++) {
    const middle = (low + high) / 2;
    if (eigenvaluesBelow(middle, diagonal, offDiagonal) === diagonal.length) high = middle;
    else low = middle;
  }
  return high;
}

function eigenvaluesBelow(value: number, diagonal: readonly number[], offDiagonal: readonly number[]): number {
  let below = 0;
  let pivot = 1;
  diagonal.forEach((entry, index) => {
    const coupling = index === 0 ? 0 : (offDiagonal[index - 1] ?? 0);
    pivot = entry - value - (coupling * coupling) / pivot;
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) below++;
  });
  return below;
}
