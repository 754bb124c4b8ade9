/** The grid as the editor shows it: labels, tiling costs, and what is said about rows that are too many or do not fit. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labelRows, planRows } from '../../../../src/engine/plan/planRows';
import { planSchema } from '../../../../src/shared/contract';

const quickstart = readFileSync('configs/quickstart.yml', 'utf8');

function sweep(parameters: string): string {
  return `objective: [reconstruction_objective]\ndataset:\n  - tomography_3d:\n      num_operators: 2\nsolver:\n  - PnP:\n${parameters
    .split(';')
    .map((line) => `      ${line.trim()}\n`)
    .join('')}`;
}

it('costs the rows of quickstart on the volume they are for', () => {
  const plan = planRows(quickstart, [100, 100, 100]);
  expect(planSchema.parse(plan)).toEqual(plan);
  expect(plan.problems).toEqual([]);
  expect(plan.sweptKeys).toEqual(['max_batch_size']);
  // 5 x 2 x 2 patches, 10 for each of two ranks; windows of 32 x 64 x 64 for 20 x 50 x 50 voxels of use.
  expect(plan.rows.map((row) => [row.label, row.patches, row.batchesPerRank])).toEqual([
    ['max_batch_size 10', 20, 1],
    ['max_batch_size 8', 20, 2],
    ['max_batch_size 4', 20, 3],
    ['max_batch_size 2', 20, 5],
  ]);
  expect(plan.rows[0]?.haloWaste).toBeCloseTo((32 * 64 * 64) / (20 * 50 * 50), 6);
});

it('has no costs without data', () => {
  const plan = planRows(quickstart, null);
  expect(plan.rows).toHaveLength(4);
  expect(plan.rows[0]).toMatchObject({ patches: null, batchesPerRank: null, haloWaste: null, notes: [] });
});

it('counts all patches for each rank where they are not distributed, and one batch for 0', () => {
  const text = sweep(
    'slurm_ntasks_per_node: 2; patch_size: [[20,50,50]]; overlap: [[6,7,7]]; max_batch_size: [3, 0]; distribute_denoiser: false',
  );
  expect(planRows(text, [100, 100, 100]).rows.map((row) => row.batchesPerRank)).toEqual([7, 1]);
});

it('says where a patch does not fit the volume', () => {
  const [row] = planRows(sweep('patch_size: 64; overlap: 4'), [40, 40, 40]).rows;
  expect(row?.notes).toEqual([expect.stringMatching(/patch_size \[64,64,64\] does not fit the volume; \[32,32,32\] is used/)]);
});

it('shows the first thousand rows of a larger grid and counts all', () => {
  const values = Array.from({ length: 60 }, (_, index) => index + 1).join(',');
  const plan = planRows(sweep(`max_batch_size: [${values}]; denoiser_sigma: [${values}]`), [40, 40, 40]);
  expect([plan.rows.length, plan.totalRuns]).toEqual([1000, 3600]);
  expect(plan.problems.at(-1)?.message).toContain('first 1000 of 3600 rows');
});

it.each(['', '[', 'solver: [', '- a', '\0', 'objective: {a: &a [*a]}'])('never throws for %j', (text) => {
  const plan = planRows(text, [40, 40, 40]);
  expect(plan.rows).toEqual([]);
  expect(plan.problems.some((problem) => problem.severity === 'error')).toBe(true);
});

it('labels rows by what differs', () => {
  const rows = planRows(sweep('max_batch_size: [1, 2]; denoiser_sigma: 0.1'), null).rows.map(({ row }) => row);
  expect(labelRows(rows)).toEqual(['max_batch_size 1', 'max_batch_size 2']);
});
