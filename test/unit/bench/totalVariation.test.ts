/** Proves the benchmark's total-variation denoiser on problems whose minimiser is known, so that it is a fair peer. */
import { expect, test } from 'vitest';
import { bestTotalVariation, TotalVariationDenoiser } from '../../../bench/denoising/totalVariation';
import type { VolumeShape } from '../../../src/shared/geometry';

/** 1 in the upper half along `axis`, 0 in the lower half. */
function step(shape: VolumeShape, axis: 0 | 1 | 2): Float32Array {
  const [depth, height, width] = shape;
  const values = new Float32Array(depth * height * width);
  for (let i = 0; i < values.length; i++) {
    const index = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width][axis]!;
    values[i] = index >= shape[axis] / 2 ? 1 : 0;
  }
  return values;
}

test.each([0, 1, 2] as const)('a step along axis %i loses weight / length on both sides', (axis) => {
  const shape: VolumeShape = [8, 8, 8];
  const values = step(shape, axis);
  const denoised = new TotalVariationDenoiser(values, shape).denoise(0.4, 400);
  // Each side is 4 voxels long and gives up one unit of slope: 0.4 / 4.
  denoised.forEach((value, i) => {
    expect(value).toBeCloseTo(values[i] === 1 ? 0.9 : 0.1, 4);
  });
});

test('a large weight leaves the mean', () => {
  const shape: VolumeShape = [4, 6, 8];
  const values = Float32Array.from({ length: 192 }, (_, i) => ((i * 37) % 101) / 101);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const denoised = new TotalVariationDenoiser(values, shape).denoise(50, 3000);
  expect(Math.max(...denoised.map((value) => Math.abs(value - mean)))).toBeLessThan(1e-3);
});

test('the search beats weights half and twice as large', () => {
  const shape: VolumeShape = [16, 16, 16];
  const clean = step(shape, 2);
  // A fixed pattern of zero mean and standard deviation 0.1 stands for the noise.
  const noisy = clean.map((value, i) => value + 0.1 * Math.SQRT2 * Math.sin(12.9898 * i * i + 78.233 * i));
  const error = (volume: Float32Array) => volume.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0) / volume.length;
  const best = bestTotalVariation(clean, noisy, shape, 0.1);
  for (const factor of [0.5, 2]) {
    const other = new TotalVariationDenoiser(noisy, shape).denoise(best.weight * factor, 400);
    expect(best.meanSquaredError).toBeLessThan(error(other));
  }
});
