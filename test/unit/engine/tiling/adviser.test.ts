// Windows that waste least: what they waste, that they fit, and that none of the usual ones is better.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateNetwork } from '../../../../src/engine/plan/networkEstimate';
import { advisePatch } from '../../../../src/engine/tiling/adviser';
import type { WindowShape } from '../../../../src/engine/tiling/drunetRegions';
import { planTiles, tilingCost } from '../../../../src/engine/tiling/tiles';
import type { VolumeShape } from '../../../../src/shared/geometry';
import { shippedNetwork } from '../plan/probes';

const walnut: VolumeShape = [501, 501, 501];
const overlap: VolumeShape = [2, 8, 8];
const volumeMiB = (4 * 501 ** 3) / 2 ** 20;

/** Of one window of the shipped network, MiB. */
function networkMiB(windows: WindowShape): number {
  return estimateNetwork(shippedNetwork, windows, 1)?.memoryMiB ?? Number.POSITIVE_INFINITY;
}

function voxels({ networkShape }: { networkShape: VolumeShape }): number {
  return networkShape[0] * networkShape[1] * networkShape[2];
}

describe('advisePatch', () => {
  it.each([1, 2])('wastes at most 1.3 on a volume of 501^3 with 8 GiB for each of %i workers, six volumes beside the network', (ranks) => {
    const roomMiB = 0.8 * 8 * 1024 - 6 * volumeMiB;
    const advice = advisePatch(walnut, overlap, (windows) => networkMiB(windows) <= roomMiB, { ranks });
    if (advice === null) throw new Error('no advice');
    expect(advice.networkWaste).toBeLessThanOrEqual(1.3);
    expect(networkMiB(advice.tiling)).toBeLessThanOrEqual(roomMiB);
    // The published windows of [8,256,256] + [2,16,16] compute half as much again.
    expect(tilingCost(planTiles(walnut, [8, 256, 256], [2, 16, 16])).networkWaste).toBeGreaterThan(1.5 * advice.networkWaste);
  });

  it('wastes more with less memory, and nothing fits into none', () => {
    const wastes = [1000, 2000, 4000].map(
      (roomMiB) => advisePatch(walnut, overlap, (windows) => networkMiB(windows) <= roomMiB)?.networkWaste,
    );
    expect(wastes).toEqual(wastes.toSorted((a = 0, b = 0) => b - a));
    expect(new Set(wastes).size).toBe(3);
    expect(advisePatch(walnut, overlap, () => false)).toBeNull();
  });

  it('tells the waste of the windows that planTiles then makes', () => {
    const size = fc.integer({ min: 20, max: 300 });
    const halo = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(
        fc.tuple(size, size, size),
        fc.tuple(halo, halo, halo),
        fc.integer({ min: 2 ** 16, max: 2 ** 22 }),
        (shape, around, limit) => {
          const advice = advisePatch(shape, around, (windows) => voxels(windows) <= limit);
          if (advice === null) return;
          const tiling = planTiles(shape, advice.patch, around);
          expect(tiling).toEqual(advice.tiling);
          expect(tilingCost(tiling).networkWaste).toBe(advice.networkWaste);
          expect(voxels(tiling)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not beaten by any other cube or flat window that fits', () => {
    const shape: VolumeShape = [100, 120, 140];
    const limit = 2 ** 19;
    const advice = advisePatch(shape, overlap, (windows) => voxels(windows) <= limit);
    for (let depth = 8; depth <= 100; depth += 4) {
      for (let edge = 8; edge <= 120; edge += 4) {
        const tiling = planTiles(shape, [depth, edge, edge], overlap);
        if (voxels(tiling) > limit) continue;
        expect(tilingCost(tiling).networkWaste).toBeGreaterThanOrEqual((advice?.networkWaste ?? 0) - 0.01);
      }
    }
  });

  it('widens the halo where the network would pad the window, and wastes no more for it', () => {
    const size = fc.integer({ min: 20, max: 300 });
    fc.assert(
      fc.property(fc.tuple(size, size, size), fc.integer({ min: 2 ** 16, max: 2 ** 22 }), (shape, limit) => {
        const [fixed, widened] = [false, true].map((mayWiden) =>
          advisePatch(shape, overlap, (windows) => voxels(windows) <= limit, { mayWiden }),
        );
        if (!fixed || !widened) return;
        expect(widened.networkWaste).toBeLessThanOrEqual(fixed.networkWaste + 0.005);
        for (const [axis, halo] of widened.tiling.halo.entries()) expect(halo).toBeGreaterThanOrEqual(overlap[axis] ?? 0);
        expect(voxels(widened.tiling)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 60 },
    );
    const mini = advisePatch([100, 100, 100], overlap, (windows) => voxels(windows) < 2 ** 20, { mayWiden: true });
    expect(mini?.tiling).toMatchObject({ patch: [50, 100, 100], halo: [3, 10, 10], networkShape: [56, 120, 120] });
  });

  it('takes windows that can be shared out evenly where a worker would wait for the others', () => {
    const shape: VolumeShape = [96, 96, 96];
    const leastVoxels = 48 ** 3;
    const tilesFor = (ranks: number) =>
      advisePatch(shape, [0, 0, 0], (windows) => voxels(windows) >= leastVoxels, { ranks })?.tiling.tiles.length;
    expect(tilesFor(1)).toBe(8);
    expect(tilesFor(3)).toBe(6);
  });
});
