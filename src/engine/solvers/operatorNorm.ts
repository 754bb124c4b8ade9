/** The squared norm of all operators together, by power iteration. */
import type { Ports, Volume } from '../ports/ports';

const MAXIMUM_ITERATIONS = 100;
/** Relative change at which the estimate counts as settled; a hundredth of what step_size_scale 0.99 leaves as room. */
const RELATIVE_TOLERANCE = 1e-4;
const SEED = 1;

/**
 * L = ||A||^2 = largest eigenvalue of A^T A, A stacking all operators:  v <- A^T A v / ||A^T A v||,  L = <v, A^T A v>.
 * A^T A has no negative entries, so a positive random start never misses its leading eigenvector (Perron-Frobenius).
 * Uses `v` and `w` as scratch. Unit: mm^2.
 */
export async function squaredOperatorNorm(ports: Ports, v: Volume, w: Volume): Promise<number> {
  const { projector, vectors } = ports;
  await vectors.fillRandom(v, SEED);
  await vectors.combine(v, [[1 / Math.sqrt(await vectors.dot(v, v)), v]]);
  let estimate = 0;
  for (let iteration = 0; iteration < MAXIMUM_ITERATIONS; iteration++) {
    await projector.normal(v, w);
    const previous = estimate;
    estimate = await vectors.dot(v, w);
    if (!(estimate > 0)) return 0;
    if (Math.abs(estimate - previous) <= RELATIVE_TOLERANCE * estimate) break;
    await vectors.combine(v, [[1 / Math.sqrt(await vectors.dot(w, w)), w]]);
  }
  return estimate;
}
