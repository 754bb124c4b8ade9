/** Every solver of configs/baselines.yml in real workers: the number of workers changes no bit, and each improves on where it started. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/engine/plan/planConfig';
import { type ExperimentRow, usesNetwork } from '../../src/shared/experiment';
import { cliJson } from './cliProcess';
import { root, temporaryFolder, traceRow, walnutTiny } from './rows';

const { rows } = loadConfig(readFileSync(join(root, 'configs', 'baselines.yml'), 'utf8'), 'baselines.yml');
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Small enough for walnut-tiny (40^3), with windows that overlap. */
function tiny(row: ExperimentRow): ExperimentRow {
  const { solver } = row;
  return {
    ...row,
    max_runs: Math.min(row.max_runs, 4),
    dataset: { ...row.dataset, num_operators: 3, num_projections: 20 },
    solver: usesNetwork(solver) ? { ...solver, patch_size: [12, 16, 20], overlap: [2, 4, 6], max_batch_size: 3 } : solver,
  };
}

describe('the baselines', () => {
  const folder = temporaryFolder();

  it('are one row for each solver', () => {
    expect(rows.map(({ solver }) => solver.name)).toEqual(['FDK', 'SIRT', 'CGLS', 'FISTA-TV', 'PnP', 'PnP-fast']);
    expect(rows.map(({ target_psnr }) => target_psnr)).toEqual(rows.map(() => 30));
  });

  it.each(rows)('$solver.name improves, with the same bits on 1, 2 and 3 workers', async (row) => {
    const digests: string[] = [];
    for (const workers of [1, 2, 3]) {
      const trace = await traceRow({ row: tiny(row), workers, dataPath: walnutTiny, folder, name: `${row.solver.name}-${workers}` });
      digests.push(digest(trace.volumeFile));
      const curve = trace.iterations.map(({ psnr }) => psnr ?? Number.NaN);
      expect(curve.at(-1)).toBeGreaterThan(curve[0] ?? Number.POSITIVE_INFINITY);
      expect(trace.outcome.iterations).toBe(tiny(row).max_runs);
      expect(trace.iterations.at(-1)?.ranks.every(({ gradient_time_sec }) => gradient_time_sec > 0)).toBe(true);
    }
    expect(new Set(digests).size).toBe(1);
  });

  it.each(['sirt', 'cgls', 'fista-tv', 'pnp-fast'])('reconstruct --method %s has the same bits on 1 and 3 devices', async (method) => {
    const digests: string[] = [];
    for (const devices of ['cpu:1', 'cpu:3']) {
      const out = join(folder, `${method}-${devices.at(-1)}.npy`);
      const settings = method === 'pnp-fast' ? ['--set', 'patch_size=[20,20,20]', '--set', 'overlap=4'] : [];
      const json = await cliJson<{ psnr: number; ssim: number; seconds: number; iterations_done: number }>([
        ...['reconstruct', '--method', method, '--data', walnutTiny, '--views', '20', '--devices', devices, '--out', out],
        ...['--set', 'max_iter=2', ...settings],
      ]);
      expect(json).toMatchObject({ iterations_done: 2, psnr: expect.any(Number), ssim: expect.any(Number) });
      expect(json.seconds).toBeGreaterThan(0);
      digests.push(digest(out));
    }
    expect(new Set(digests).size).toBe(1);
  });
});
