/** Probes of the shipped network as a quiet machine measured them (docs/benchmarks.md, Predictions), for tests of what is made of them. */
import type { NetworkProbe } from '../../../../src/engine/plan/networkEstimate';

type Triple = readonly [number, number, number];

export function probe(batch: number, patch: Triple, overlap: Triple, memoryMiB: number, seconds: number): NetworkProbe {
  return { batch, patch, overlap, memoryMiB, reservedMiB: memoryMiB + 20, deviceMiB: 0, seconds, provider: 'cpu', blocks: 2 };
}

export const shippedNetwork: readonly NetworkProbe[] = [
  probe(1, [20, 50, 50], [6, 7, 7], 107, 0.086),
  probe(6, [20, 50, 50], [6, 7, 7], 485, 0.536),
  probe(2, [16, 96, 96], [4, 16, 16], 471, 0.511),
  probe(1, [52, 64, 64], [2, 8, 8], 265, 0.278),
  probe(3, [8, 100, 100], [2, 14, 14], 360, 0.436),
  probe(2, [28, 100, 100], [2, 8, 8], 575, 0.877),
  probe(1, [8, 256, 256], [2, 16, 16], 544, 0.786),
];
