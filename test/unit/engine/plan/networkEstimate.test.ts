// What a network needs for batches that nobody has run, read off those that were.
import { describe, expect, it } from 'vitest';
import { estimateNetwork, windowShape } from '../../../../src/engine/plan/networkEstimate';
import { probe, shippedNetwork } from './probes';

const whole = { blocks: null };
const cube = (edge: number) => windowShape([edge, edge, edge], [0, 0, 0]);
/** 50 MiB for the model and 400 bytes a voxel; a microsecond a voxel. */
const linear = (batch: number, edge: number) => {
  const voxels = batch * edge ** 3;
  return { ...probe(batch, [edge, edge, edge], [0, 0, 0], 50 + (400 * voxels) / 2 ** 20, 1e-6 * voxels), ...whole };
};

describe('estimateNetwork', () => {
  it('answers a probe of the same windows and batch as it is', () => {
    const wanted = windowShape([20, 50, 50], [6, 7, 7]);
    expect(estimateNetwork(shippedNetwork, wanted, 6)).toMatchObject({
      memoryMiB: 485,
      reservedMiB: 505,
      seconds: 0.536,
      basis: 'measured',
    });
  });

  it('knows nothing from fewer than two probes of other windows', () => {
    expect(estimateNetwork([], cube(32), 1)).toBeNull();
    expect(estimateNetwork([linear(1, 64)], cube(32), 1)).toBeNull();
  });

  it('sees that a batch costs hardly more memory than a window where the network computes one after the other', () => {
    // 30 MiB, 200 bytes a voxel of one window and 20 a voxel of all.
    const own = (batch: number, edge: number) => {
      const memoryMiB = 30 + ((180 + 20 * batch) * edge ** 3) / 2 ** 20;
      return { ...probe(batch, [edge, edge, edge], [0, 0, 0], memoryMiB, 1e-6 * batch * edge ** 3), ...whole };
    };
    const probes = [own(1, 48), own(4, 48), own(1, 96), own(2, 96)];
    for (const [batch, edge] of [
      [8, 64],
      [1, 80],
      [6, 96],
    ] as const) {
      const estimate = estimateNetwork(probes, cube(edge), batch);
      expect(Math.abs((estimate?.memoryMiB ?? 0) / own(batch, edge).memoryMiB - 1)).toBeLessThan(0.03);
      expect(estimate?.seconds).toBeCloseTo(1e-6 * batch * edge ** 3, 6);
    }
  });

  it('finds the line that needs lie on, between the probes and beyond them, and says which', () => {
    const probes = [linear(1, 32), linear(1, 64), linear(2, 64)];
    const between = estimateNetwork(probes, cube(48), 1);
    expect(between?.basis).toBe('interpolated');
    expect(between?.memoryMiB).toBeCloseTo(linear(1, 48).memoryMiB, 6);
    expect(between?.seconds).toBeCloseTo(linear(1, 48).seconds, 6);
    const beyond = estimateNetwork(probes, cube(128), 2);
    expect(beyond?.basis).toBe('extrapolated');
    expect(beyond?.memoryMiB).toBeCloseTo(linear(2, 128).memoryMiB, 3);
  });

  it('follows probes of a like shape where shapes of the same size differ', () => {
    const flat = (batch: number) => ({ ...probe(batch, [32, 256, 256], [0, 0, 0], 1200 * batch, 4 * batch), ...whole });
    const cubes = [linear(4, 64), linear(8, 64), linear(16, 64)];
    const likeFlat = estimateNetwork([...cubes, flat(1)], windowShape([32, 256, 256], [0, 0, 0]), 2);
    const likeCubes = estimateNetwork([...cubes, flat(1)], cube(64), 12);
    expect(likeFlat?.memoryMiB).toBeGreaterThan(1.15 * linear(16, 64).memoryMiB);
    expect(likeCubes?.memoryMiB).toBeLessThan(1.15 * linear(12, 64).memoryMiB);
  });

  it('never needs less than nothing, and never less for more of the same windows', () => {
    const falling = [
      { ...probe(1, [32, 32, 32], [0, 0, 0], 300, 0.3), ...whole },
      { ...probe(4, [32, 32, 32], [0, 0, 0], 200, 0.2), ...whole },
    ];
    const [small, large] = [2, 64].map((batch) => estimateNetwork(falling, cube(32), batch)?.memoryMiB ?? 0);
    expect(small).toBeGreaterThan(0);
    expect(large).toBeGreaterThanOrEqual(200);
  });

  // The smallest lies outside of what the others tell.
  it.each(shippedNetwork.slice(1).map((left) => ({ left, others: shippedNetwork.filter((other) => other !== left) })))(
    'foretells the measured $left.batch x $left.patch from the other measurements within a third',
    ({ left, others }) => {
      const estimate = estimateNetwork(others, windowShape(left.patch, left.overlap), left.batch);
      expect(Math.abs(Math.log((estimate?.memoryMiB ?? 0) / left.memoryMiB))).toBeLessThan(Math.log(4 / 3));
      expect(Math.abs(Math.log((estimate?.seconds ?? 0) / left.seconds))).toBeLessThan(Math.log(4 / 3));
    },
  );
});
