/** The export's columns are benchopt's, one line a run, iteration and rank, and its CSV reads back as it was. */
import { expect, it } from 'vitest';
import { resultsCsv, resultsJson, resultsTable, tableCsv } from '../../../../src/engine/results/table';
import { runDetail as run } from '../../../fixtures/records';

const byName = (table: ReturnType<typeof resultsTable>, line: number): Record<string, unknown> =>
  Object.fromEntries(table.columns.map((column, index) => [column, table.rows[line]?.[index]]));

it('has one line for x0 and one for each rank of each later iteration', () => {
  const table = resultsTable([run('a', 3)]);
  expect(table.rows.map((_, line) => [byName(table, line).stop_val, byName(table, line).rank])).toEqual([
    [0, null],
    [1, 0],
    [1, 1],
    [2, 0],
    [2, 1],
  ]);
  expect(new Set(table.columns).size).toBe(table.columns.length);
  for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
});

it('uses the names of the reference', () => {
  const table = resultsTable([run('a', 2)]);
  expect(byName(table, 2)).toMatchObject({
    objective_name: 'reconstruction_objective',
    idx_rep: 0,
    stop_val: 1,
    time: 2,
    objective_psnr: 21,
    objective_gradient_time_sec: 1.25,
    objective_denoise_time_sec: 2.5,
    objective_denoise_memory_peak_mb: 204,
    objective_gpu_memory_max_allocated_mb: 311,
    objective_gpu_available_memory_mb: 4000,
    p_solver_patch_size: '[8, 64, 64]',
    p_solver_distribute_physics: true,
    p_dataset_num_projections: 50,
  });
  expect(byName(table, 0).solver_name).toMatch(/^PnP\[denoiser=drunet,.*distribute_physics=True.*step_size=None.*\]$/);
});

it('keeps a run that failed before its first iteration', () => {
  const table = resultsTable([run('a', 0, { status: 'out_of_memory', error: { message: 'Use a smaller batch, please.', details: null } })]);
  expect(table.rows).toHaveLength(1);
  expect(byName(table, 0)).toMatchObject({ status: 'out_of_memory', error: 'Use a smaller batch, please.', stop_val: null });
});

it('quotes what CSV cannot hold as it is', () => {
  const text = tableCsv({
    columns: ['a', 'b,c'],
    rows: [
      ['say "hi"', 'two\nlines'],
      [null, true],
      [0.1, -1e-7],
    ],
  });
  expect(text).toBe('a,"b,c"\n"say ""hi""","two\nlines"\n,True\n0.1,-1e-7\n');
});

it('has a header without runs, and keeps every digit', () => {
  expect(resultsCsv([])).toContain('objective_name,dataset_name,solver_name');
  const value = 0.1 + 0.2;
  const detail = run('a', 1);
  const csv = resultsCsv([{ ...detail, iterations: [{ ...detail.iterations[0]!, psnr: value }] }]);
  expect(csv).toContain(`,${value},`);
});

it('writes whole records as JSON', () => {
  const detail = run('a', 2);
  expect(JSON.parse(resultsJson([detail]))).toEqual({ runs: [{ ...detail, target_psnr: detail.psnr, time_to_psnr: null }] });
});
