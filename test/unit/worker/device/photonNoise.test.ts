// Simulated photon noise: right mean and spread, and the same for any split of the views.
import { describe, expect, it } from 'vitest';
import { addPhotonNoise } from '../../../../src/worker/device/photonNoise';

function statistics(lineIntegral: number, photons: number): { mean: number; deviation: number } {
  const values = new Float32Array(100_000).fill(lineIntegral);
  addPhotonNoise(values, photons, 1, 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('addPhotonNoise', () => {
  it('has the mean and spread of Poisson counts', () => {
    // The variance of -ln(N/I0) is 1/E[N] for large counts.
    const { mean, deviation } = statistics(1.5, 50_000);
    expect(mean).toBeCloseTo(1.5, 3);
    expect(deviation * Math.sqrt(50_000 * Math.exp(-1.5))).toBeCloseTo(1, 1);
  });

  it('counts few photons one by one, and stays finite when none arrives', () => {
    const values = new Float32Array(10_000).fill(12);
    addPhotonNoise(values, 1000, 3, 0);
    expect(values.every((value) => Number.isFinite(value))).toBe(true);
    expect(Math.max(...values)).toBeCloseTo(Math.log(2000), 4);
  });

  it('depends on seed and view only', () => {
    const noise = (seed: number, view: number): Float32Array => {
      const values = new Float32Array(64).fill(1);
      addPhotonNoise(values, 1000, seed, view);
      return values;
    };
    expect(noise(1, 7)).toEqual(noise(1, 7));
    expect(noise(1, 7)).not.toEqual(noise(1, 8));
    expect(noise(1, 7)).not.toEqual(noise(2, 7));
  });
});
