// Tiling as deepinv does it: every voxel once, the published counts, the edge rules.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchTiles, networkShape, planTiles, type Tiling, tilingCost, wholeVolume } from '../../../../src/engine/tiling/tiles';

/** How often each voxel is written. */
function writes(tiling: Tiling): Uint8Array {
  const [depth, height, width] = tiling.shape;
  const counts = new Uint8Array(depth * height * width);
  for (const { destination, keepSize } of tiling.tiles) {
    for (let z = 0; z < keepSize[0]; z++) {
      for (let y = 0; y < keepSize[1]; y++) {
        const row = ((destination[0] + z) * height + destination[1] + y) * width + destination[2];
        for (let x = 0; x < keepSize[2]; x++) counts[row + x] = (counts[row + x] ?? 0) + 1;
      }
    }
  }
  return counts;
}

const axis = fc.integer({ min: 1, max: 23 });
const shape = fc.tuple(axis, axis, axis);
const halo = fc.integer({ min: 0, max: 9 });

describe('planTiles', () => {
  it('writes every voxel exactly once, from inside the window and from the place it came from', () => {
    fc.assert(
      fc.property(shape, shape, fc.tuple(halo, halo, halo), (size, patch, overlap) => {
        const tiling = planTiles(size, patch, overlap);
        expect(writes(tiling).every((count) => count === 1)).toBe(true);
        for (const tile of tiling.tiles) {
          for (const a of [0, 1, 2] as const) {
            expect(tile.start[a]).toBeGreaterThanOrEqual(0);
            expect(tile.start[a] + tiling.window[a]).toBeLessThanOrEqual(size[a] + 2 * tiling.halo[a]);
            expect(tile.keepStart[a]).toBeGreaterThanOrEqual(tiling.halo[a]);
            expect(tile.keepStart[a] + tile.keepSize[a]).toBe(tiling.window[a] - tiling.halo[a]);
            expect(tile.start[a] + tile.keepStart[a] - tiling.halo[a]).toBe(tile.destination[a]);
          }
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('cuts 501^3 with [8,256,256] and [2,16,16] into 63 x 2 x 2 windows that the network pads to 16 x 288 x 288', () => {
    const tiling = planTiles([501, 501, 501], [8, 256, 256], [2, 16, 16]);
    expect(tiling.tiles).toHaveLength(252);
    expect(tiling.window).toEqual([12, 288, 288]);
    expect(tiling.networkShape).toEqual([16, 288, 288]);
    const [first] = tiling.tiles;
    expect(first).toEqual({ start: [0, 0, 0], keepStart: [2, 16, 16], keepSize: [8, 256, 256], destination: [0, 0, 0] });
    // The last start is moved back to 501 + 2 o - w; what the one before it wrote is left out.
    expect(tiling.tiles.at(-1)).toEqual({
      start: [493, 245, 245],
      keepStart: [5, 27, 27],
      keepSize: [5, 245, 245],
      destination: [496, 256, 256],
    });
  });

  it('counts 2.5 computed voxels for a useful one where the patches fit, as the reference does', () => {
    const cost = tilingCost(planTiles([512, 512, 512], [8, 256, 256], [2, 16, 16]));
    expect(cost.networkWaste).toBeCloseTo((16 * 288 * 288) / (8 * 256 * 256), 12);
    expect(cost.haloWaste).toBeCloseTo((12 * 288 * 288) / (8 * 256 * 256), 12);
    expect(cost.networkVoxels).toBe(256 * 16 * 288 * 288);
  });

  it('shrinks a patch larger than the axis to N - 2o, or to N with a halo of N/8', () => {
    expect(planTiles([40, 40, 40], 128, 8)).toMatchObject({ patch: [24, 24, 24], halo: [8, 8, 8], window: [40, 40, 40] });
    expect(planTiles([40, 40, 40], [8, 128, 128], [2, 32, 20])).toMatchObject({
      patch: [8, 40, 40],
      halo: [2, 5, 5],
      window: [12, 50, 50],
    });
    expect(planTiles([5, 5, 5], 9, 9)).toMatchObject({ patch: [5, 5, 5], halo: [0, 0, 0] });
  });

  it('refuses sizes that are none, and a flood of windows', () => {
    expect(() => planTiles([8, 8, 8], 0, 1)).toThrow('patch_size 0');
    expect(() => planTiles([8, 8, 8], 1.5, 1)).toThrow('patch_size 1.5');
    expect(() => planTiles([8, 8, 8], 4, -1)).toThrow('overlap -1');
    expect(() => planTiles([501, 501, 501], 1, 1)).toThrow('125,751,501 windows');
  });
});

describe('networkShape', () => {
  it.each([
    [
      [12, 288, 288],
      [16, 288, 288],
    ],
    [
      [16, 64, 64],
      [16, 64, 64],
    ],
    [
      [40, 40, 40],
      [40, 40, 40],
    ],
    [
      [24, 40, 40],
      [32, 48, 48],
    ],
    [
      [33, 40, 40],
      [48, 48, 48],
    ],
  ] as const)('%j runs as %j', (window, network) => {
    expect(networkShape(window)).toEqual(network);
    expect(wholeVolume(window).networkShape).toEqual(network);
  });
});

describe('batchTiles', () => {
  it('keeps the order, at most maxBatch together, all with 0', () => {
    const { tiles } = planTiles([10, 10, 10], 5, 1);
    expect(batchTiles(tiles, 3).map((batch) => batch.length)).toEqual([3, 3, 2]);
    expect(batchTiles(tiles, 3).flat()).toEqual(tiles);
    expect(batchTiles(tiles, 0)).toEqual([tiles]);
    expect(batchTiles([], 0)).toEqual([]);
  });
});
