// The experiment itself on real workers, the real network and the bundled walnuts: quality, same bits for any number of workers, every option, cancelling.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/engine/plan/planConfig';
import { RowControl } from '../../src/main/coordinator/executeRow';
import type { ExperimentRow, PnpParameters } from '../../src/shared/experiment';
import { pnpOf } from '../pnpOf';
import { root, temporaryFolder, traceRow, walnutMini, walnutTiny } from './rows';

function rowOf(
  config: string,
  change: { solver?: Partial<PnpParameters>; dataset?: Partial<ExperimentRow['dataset']>; max_runs?: number },
): ExperimentRow {
  const row = loadConfig(readFileSync(join(root, 'configs', config), 'utf8'), config).rows[0];
  if (!row) throw new Error(`${config} has no row`);
  return {
    ...row,
    max_runs: change.max_runs ?? row.max_runs,
    dataset: { ...row.dataset, ...change.dataset },
    solver: { ...pnpOf(row), ...change.solver },
  };
}
const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
/** Small windows on walnut-tiny (40^3) that overlap, so that tiles, batches and ranks all matter. */
const tinyTiles: Partial<PnpParameters> = {
  patch_size: [12, 16, 20],
  overlap: [2, 4, 6],
  max_batch_size: 3,
  denoiser_lambda_relaxation: 1000,
};

describe('the walnut experiment', () => {
  const folder = temporaryFolder();

  it('ends at least 2 dB above the FDK of the same views with the settings of quickstart', async () => {
    const row = rowOf('quickstart.yml', {});
    const trace = await traceRow({ row, workers: 2, dataPath: walnutMini, folder, name: 'quickstart' });
    expect(trace.information.views).toBe(50);
    expect(trace.outcome).toEqual({ iterations: row.max_runs, stopReason: 'max_runs' });
    const [fdk, last] = [trace.iterations[0]?.psnr ?? Number.NaN, trace.iterations.at(-1)?.psnr ?? Number.NaN];
    process.stdout.write(`quickstart on walnut-mini: FDK ${fdk.toFixed(2)} dB, after ${row.max_runs} iterations ${last.toFixed(2)} dB\n`);
    expect(last - fdk).toBeGreaterThanOrEqual(2);
    for (const iteration of trace.iterations.slice(1)) {
      expect(iteration.ranks).toHaveLength(2);
      expect(iteration.ssim).toBeGreaterThan(0);
      expect(iteration.mse).toBeGreaterThan(0);
      for (const rank of iteration.ranks) for (const value of Object.values(rank)) expect(Number.isFinite(value)).toBe(true);
      const busy = iteration.ranks.map((rank) => rank.gradient_time_sec + rank.denoise_time_sec);
      expect(Math.max(...busy)).toBeLessThanOrEqual(iteration.iteration_time_sec);
    }
  });

  it('gives the same bits on 1, 2 and 3 workers', async () => {
    const row = rowOf('quickstart.yml', { solver: tinyTiles, dataset: { num_operators: 3, num_projections: 20 }, max_runs: 3 });
    const digests: string[] = [];
    for (const workers of [1, 2, 3]) {
      const trace = await traceRow({ row, workers, dataPath: walnutTiny, folder, name: `workers-${workers}` });
      digests.push(digest(trace.volumeFile));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it('does not depend on the batch size or on how work is distributed', async () => {
    const digests: string[] = [];
    const variants: Partial<PnpParameters>[] = [
      { max_batch_size: 1 },
      { max_batch_size: 0 },
      { distribute_denoiser: false },
      { distribute_physics: false, distribute_denoiser: false },
    ];
    for (const [index, variant] of variants.entries()) {
      const row = rowOf('quickstart.yml', { solver: { ...tinyTiles, ...variant }, dataset: { num_projections: 20 }, max_runs: 2 });
      const trace = await traceRow({ row, workers: 2, dataPath: walnutTiny, folder, name: `variant-${index}` });
      digests.push(digest(trace.volumeFile));
    }
    expect(new Set(digests).size).toBe(1);
  });

  it.each<Partial<PnpParameters>>([
    { init_method: 'zeros', norm_strategy: 'dynamic' },
    { init_method: 'adjoint', norm_strategy: 'initial' },
    // clip: the network sees x itself, so its noise level is in 1/mm.
    { init_method: 'pseudo_inverse', norm_strategy: 'clip', denoiser_lambda_relaxation: null, denoiser_sigma: 0.002 },
    { init_method: 'zeros', norm_strategy: 'clip', step_size: 1e-4, denoiser_sigma: 0.002 },
  ])('runs and improves with %o', async (solver) => {
    const row = rowOf('quickstart.yml', { solver: { ...tinyTiles, ...solver }, dataset: { num_projections: null }, max_runs: 4 });
    const { iterations } = await traceRow({ row, workers: 2, dataPath: walnutTiny, folder, name: 'options' });
    expect(iterations.at(-1)?.psnr).toBeGreaterThan(iterations[0]?.psnr ?? Number.POSITIVE_INFINITY);
  });

  it('simulates projections with noise where the dataset sinogram is not to be used, the same for any number of workers', async () => {
    const dataset = { use_dataset_sinogram: false, noise_photons: 20_000, seed: 5, num_projections: 20 };
    const row = rowOf('quickstart.yml', { solver: tinyTiles, dataset, max_runs: 2 });
    const one = await traceRow({ row, workers: 1, dataPath: walnutTiny, folder, name: 'simulated-1' });
    const two = await traceRow({ row, workers: 2, dataPath: walnutTiny, folder, name: 'simulated-2' });
    expect(digest(one.volumeFile)).toBe(digest(two.volumeFile));
    expect(one.iterations.at(-1)?.psnr).toBeGreaterThan(15);
    const other = await traceRow({
      row: { ...row, dataset: { ...row.dataset, seed: 6 } },
      workers: 1,
      dataPath: walnutTiny,
      folder,
      name: 'seed-6',
    });
    expect(digest(other.volumeFile)).not.toBe(digest(one.volumeFile));
  });

  it('finishes the iteration when asked to finish now, and stops within it when cancelled', async () => {
    const row = rowOf('quickstart.yml', { solver: tinyTiles, max_runs: 500 });
    const finishing = new RowControl();
    const finished = await traceRow({
      row,
      workers: 2,
      dataPath: walnutTiny,
      folder,
      name: 'finished',
      control: finishing,
      onIteration: (iteration) => iteration.iteration === 2 && finishing.finishNow(),
    });
    expect(finished.outcome.stopReason).toBe('finished_early');
    expect(finished.outcome.iterations).toBeLessThan(5);

    const cancelling = new RowControl();
    const cancelled = traceRow({
      row,
      workers: 2,
      dataPath: walnutTiny,
      folder,
      name: 'cancelled',
      control: cancelling,
      onIteration: (iteration) => iteration.iteration === 2 && setTimeout(() => cancelling.cancel(), 5),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('leaves no shared memory behind', () => {
    const left = execFileSync('ls', ['/dev/shm'])
      .toString()
      .split('\n')
      .filter((name) => name.startsWith(`tomobench-${process.pid}-`));
    expect(left).toEqual([]);
  });

  it('names the model file that is missing', async () => {
    const row = rowOf('quickstart.yml', { solver: tinyTiles, max_runs: 1 });
    const missing = join(folder, 'no-such-model.onnx');
    await expect(traceRow({ row, workers: 1, dataPath: walnutTiny, folder, name: 'missing', modelPath: missing })).rejects.toThrow(
      `The model file ${missing} does not exist.`,
    );
  });
});
