// What a row asks of the machine, for the published rows.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { predictRow } from '../../../../src/engine/plan/predict';
import { planTiles } from '../../../../src/engine/tiling/tiles';
import { pnpOf } from '../../../pnpOf';

const { rows } = loadConfig(readFileSync('configs/tomography_3d.yml', 'utf8'), 'a.yml');
const tiling = planTiles([501, 501, 501], [8, 256, 256], [2, 16, 16]);

describe('predictRow', () => {
  it('counts the published rows', () => {
    expect(rows.map((row) => predictRow(pnpOf(row), tiling))).toMatchObject(
      [
        [10, 13],
        [8, 16],
        [4, 32],
        [2, 63],
      ].map(([largestBatch, batchesPerRank]) => ({ patches: 252, patchesPerRank: 126, largestBatch, batchesPerRank })),
    );
  });

  it('takes all patches of a rank with max_batch_size 0, and all patches on each rank when they are not shared', () => {
    const [row] = rows;
    if (row === undefined) throw new Error('no row');
    const all = { ...pnpOf(row), max_batch_size: 0 };
    expect(predictRow(all, tiling)).toMatchObject({ largestBatch: 126, batchesPerRank: 1 });
    expect(predictRow(all, tiling, 3)).toMatchObject({ patchesPerRank: 84 });
    const alone = { ...pnpOf(row), distribute_denoiser: false };
    expect(predictRow(alone, tiling)).toMatchObject({ patchesPerRank: 252, batchesPerRank: 26 });
  });
});
