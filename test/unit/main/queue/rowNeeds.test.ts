// What a row asks of the machine: its batches by rank, and memory and time put together from probes.
import { describe, expect, it } from 'vitest';
import type { NetworkProbe } from '../../../../src/engine/plan/networkEstimate';
import { besideWindowsMiB, predict, rowNeeds } from '../../../../src/main/queue/rowNeeds';
import type { NetworkParameters } from '../../../../src/shared/experiment';
import { askFor, formula, networkRow } from './probeRig';

const rowProbe = { ranksMiB: [500, 480], seconds: 0.5, gradientSeconds: 0.4, denoiseSeconds: 0.1 };
const needsOf = (change: Partial<NetworkParameters> = {}) => rowNeeds(networkRow(change), askFor([]));
const probeOf = (batch: number): NetworkProbe => {
  const windows = { batch, patch: [32, 32, 32], overlap: [0, 0, 0] } as const;
  return { ...windows, ...formula(windows) };
};

describe('rowNeeds', () => {
  it('shares the windows out among the ranks, or gives them all to the first', async () => {
    const shared = await needsOf({ max_batch_size: 5 });
    expect(shared.volumeMiB).toBe(8);
    expect(shared.network?.batches).toEqual([
      [5, 5, 5, 5, 5, 5, 2],
      [5, 5, 5, 5, 5, 5, 2],
    ]);
    expect(shared.network?.use.workers).toBe(2);
    const alone = await needsOf({ max_batch_size: 0, distribute_denoiser: false });
    expect(alone.network?.batches).toEqual([[64], []]);
    expect(alone.network?.largestBatch).toBe(64);
    expect(alone.network?.use.workers).toBe(1);
  });

  it('knows rows by what their other parts depend on: the network is not among it, the operators are', async () => {
    const subject = async (change: Partial<NetworkParameters>) => (await needsOf(change)).use.subject;
    const usual = await subject({});
    expect(await subject({ max_batch_size: 1, patch_size: [16, 16, 16], denoiser_sigma: 0.1 })).toBe(usual);
    expect(await subject({ distribute_physics: false })).not.toBe(usual);
    const row = networkRow();
    const more = await rowNeeds({ ...row, dataset: { ...row.dataset, num_operators: 4 } }, askFor([]));
    expect(more.use.subject).not.toBe(usual);
  });

  it('says which model is missing', async () => {
    await expect(needsOf({ denoiser: 'unknown' })).rejects.toThrow('The denoiser "unknown" is not known.');
  });
});

describe('predict', () => {
  it('adds the network to the rest of the row: memory by rank, time of the slower one', async () => {
    const needs = await needsOf({ max_batch_size: 5 });
    const needed = predict(needs, rowProbe, [probeOf(5), probeOf(2)]);
    const reached = 8;
    expect(needed?.prediction.peak_memory_mib).toEqual([500, 480].map((row) => row + reached + formula(probeOf(5)).memoryMiB));
    expect(besideWindowsMiB(needs, rowProbe)).toBe(500 + reached);
    const network = 6 * formula(probeOf(5)).seconds + formula(probeOf(2)).seconds;
    expect(needed?.prediction.seconds_per_iteration).toBeCloseTo(0.5 + network, 10);
    expect(needed?.prediction.denoise_sec).toBeCloseTo(0.1 + network, 10);
    expect(needed?.prediction.total_sec).toBeCloseTo(10 * (0.5 + network), 9);
    expect(needed?.prediction.basis).toBe('measured');
  });

  it('leaves out the second pair of arrays that a single batch never has', async () => {
    const single = predict(await needsOf({ max_batch_size: 0 }), rowProbe, [probeOf(32)]);
    const arrays = (3 * 4 * 32 * 32 ** 3) / 2 ** 20;
    expect(single?.prediction.peak_memory_mib[0]).toBeCloseTo(508 + formula(probeOf(32)).memoryMiB - arrays, 10);
  });

  it('counts the rank without windows as the row without network', async () => {
    const needs = await needsOf({ max_batch_size: 4, distribute_denoiser: false });
    expect(predict(needs, rowProbe, [probeOf(4)])?.prediction.peak_memory_mib[1]).toBe(480);
  });

  it('is as sure as its least sure part, and silent where probes are missing', async () => {
    const needs = await needsOf({ max_batch_size: 8 });
    expect(predict(needs, rowProbe, [probeOf(1), probeOf(16)])?.prediction.basis).toBe('interpolated');
    expect(predict(needs, rowProbe, [probeOf(1), probeOf(4)])?.prediction.basis).toBe('extrapolated');
    expect(predict(needs, rowProbe, [probeOf(1)])).toBeNull();
    expect(predict(needs, null, [probeOf(8)])).toBeNull();
  });
});
