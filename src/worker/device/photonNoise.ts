/** Photon noise for simulated projections, reproducible for any split of the views: every view has its own stream. */

import { uniformGenerator } from '../../engine/phantom/random';

/** Poisson sample: Knuth's product method below 30, above it the normal approximation (error of the mean below 0.1 %). */
function poisson(mean: number, uniform: () => number): number {
  if (mean < 30) {
    const limit = Math.exp(-mean);
    let product = uniform();
    let count = 0;
    while (product > limit) {
      product *= uniform();
      count++;
    }
    return count;
  }
  const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
}

/**
 * Replaces line integrals p by -ln(N / I0), N ~ Poisson(I0 exp(-p)) with I0 = `photons`; no photon counts as half a one.
 * `seed` and `view` choose the stream.
 */
export function addPhotonNoise(lineIntegrals: Float32Array, photons: number, seed: number, view: number): void {
  const uniform = uniformGenerator(Math.imul(seed ^ 0x9e3779b9, 2654435761) ^ Math.imul(view + 1, 0x85ebca6b));
  for (let pixel = 0; pixel < lineIntegrals.length; pixel++) {
    const expected = photons * Math.exp(-(lineIntegrals[pixel] ?? 0));
    lineIntegrals[pixel] = -Math.log(Math.max(poisson(expected, uniform), 0.5) / photons);
  }
}
