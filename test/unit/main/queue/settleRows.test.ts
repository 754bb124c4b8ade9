// Numbers in place of auto: chosen within the memory there is, once for rows that are alike.
import type * as os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { settleRows } from '../../../../src/main/queue/settleRows';
import { WindowProbes } from '../../../../src/main/queue/windowProbes';
import type { ExperimentRow } from '../../../../src/shared/experiment';
import { pnpOf } from '../../../pnpOf';
import { askFor, formula, networkRow, outOfMemory, probeRig } from './probeRig';

// 16 GiB are free, whatever else runs on this machine.
vi.mock('node:os', async (original) => ({ ...(await original<typeof os>()), freemem: () => 16 * 2 ** 30 }));
vi.mock('../../../../src/main/processes/groupMemory', () => ({ groupMemory: () => ({ limitMiB: null, freeMiB: null, kills: 0 }) }));

const settle = (rig: ReturnType<typeof probeRig>, rows: readonly ExperimentRow[], memoryLimitMiB = 4000) =>
  settleRows(new WindowProbes(rig.options), askFor(rows, { memoryLimitMiB }));

describe('settleRows', () => {
  it('passes rows without auto unchanged, and runs nothing for them', async () => {
    const rig = probeRig();
    const row = networkRow();
    expect(await settle(rig, [row])).toEqual([{ row, chosen: null }]);
    expect(rig.jobs).toEqual([]);
  });

  it('doubles the batch until the speed stands still', async () => {
    const rig = probeRig();
    const [settled] = await settle(rig, [networkRow({ max_batch_size: 'auto' })]);
    expect(settled?.chosen).toMatchObject({ patch_size: [32, 32, 32], overlap: [0, 0, 0], max_batch_size: 8 });
    expect(settled?.chosen?.reasons).toEqual(['max_batch_size 8: 16 windows at once are only 2 % faster.']);
    expect(rig.jobs.map(({ batch }) => batch)).toEqual([1, 2, 4, 8, 16].flatMap((batch) => [batch, batch]));
  });

  it('stops at the limit: by prediction where there is one, else by trying', async () => {
    // 508 MiB of the row, 100 of the model, 12.5 a window; 85 % of the limit may be used.
    const foretold = probeRig();
    expect((await settle(foretold, [networkRow({ max_batch_size: 'auto' })], 640 / 0.85))[0]?.chosen?.max_batch_size).toBe(2);
    expect(Math.max(...foretold.jobs.map(({ batch }) => batch))).toBe(2);
    const tried = probeRig((job) => (job.batch > 4 ? outOfMemory() : formula(job)));
    expect((await settle(tried, [networkRow({ max_batch_size: 'auto' })]))[0]?.chosen?.max_batch_size).toBe(4);
    await expect(settle(probeRig(), [networkRow({ max_batch_size: 'auto' })], 600)).rejects.toThrow(
      'Not even one window of patch_size [32, 32, 32] fits into 510 MiB. Use a smaller patch_size, or auto.',
    );
  });

  it('chooses windows that waste less than the usual ones, with the halo of chosen windows, and gives the reason', async () => {
    const rig = probeRig();
    const [settled] = await settle(rig, [networkRow({ patch_size: 'auto', overlap: 'auto', max_batch_size: 1 })]);
    const { patch_size, overlap, reasons } = settled?.chosen ?? { patch_size: [], overlap: [], reasons: [] };
    expect(overlap).toEqual([4, 8, 8]);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^patch_size \[.*\] with overlap \[4, 8, 8\]: 1\.\d\d voxels computed for each of the volume/);
    expect(pnpOf(settled?.row ?? networkRow()).patch_size).toEqual(patch_size);
  });

  it('chooses smaller windows where memory is short, and says when none fits', async () => {
    const row = networkRow({ patch_size: 'auto', overlap: [2, 8, 8], max_batch_size: 1 });
    const voxels = async (limitMiB: number): Promise<number> => {
      const [settled] = await settle(probeRig(), [row], limitMiB);
      return (settled?.chosen?.patch_size ?? []).reduce((product, edge) => product * edge, 1);
    };
    expect(await voxels(900)).toBeLessThan(await voxels(4000));
    await expect(settle(probeRig(), [row], 700)).rejects.toThrow(/^No window fits into 595 MiB: the row needs 508 MiB without the network/);
  });

  it('chooses once for rows that are alike, in the order of the rows', async () => {
    const rig = probeRig();
    const rows = [networkRow({ max_batch_size: 'auto' }, 0), networkRow({}, 1), networkRow({ max_batch_size: 'auto' }, 2)];
    const settled = await settle(rig, rows);
    expect(settled.map(({ row }) => row.index)).toEqual([0, 1, 2]);
    expect(settled[2]?.chosen).toBe(settled[0]?.chosen);
  });

  it('keeps what an earlier run of the same row chose, and runs nothing for it', async () => {
    const row = networkRow({ patch_size: 'auto', max_batch_size: 'auto' });
    const [earlier] = await settle(probeRig(), [row]);
    expect(earlier?.chosen?.max_batch_size).toBeGreaterThan(1);
    const again = async (wanted: ExperimentRow) => {
      const rig = probeRig();
      // So little memory is free today that another choice would be made.
      const request = askFor([wanted], { memoryLimitMiB: 900 });
      const [settled] = await settleRows(new WindowProbes(rig.options), request, {}, earlier ? [earlier] : []);
      return { settled, jobs: rig.jobs.length };
    };
    expect(await again(row)).toEqual({ settled: earlier, jobs: 0 });
    const other = await again(networkRow({ patch_size: 'auto', max_batch_size: 'auto', denoiser_sigma: 0.123 }));
    expect(other.settled?.chosen).not.toEqual(earlier?.chosen);
    expect(other.jobs).toBeGreaterThan(0);
  });

  it('counts the memory of the GPU where the row runs on one', async () => {
    const request = askFor([networkRow({ max_batch_size: 'auto' })], { devices: ['cuda:0', 'cuda:0'], memoryLimitMiB: null });
    // Twelve windows fill one worker's part of the GPU; the machine's own memory would take them all.
    const rig = probeRig((job) => ({ ...formula(job), deviceMiB: (job.batch * 8192) / 2 / 12 }), 7000);
    const [settled] = await settleRows(new WindowProbes(rig.options), request);
    expect(settled?.chosen?.max_batch_size).toBe(8);
    expect(settled?.chosen?.reasons[0]).toContain('16 windows at once do not fit');
  });
});
