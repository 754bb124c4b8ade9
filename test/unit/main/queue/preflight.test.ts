// What a grid is told before it starts: what fits, what would fit instead, and that both agree.
import type * as os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { Preflight } from '../../../../src/main/queue/preflight';
import type { NetworkParameters } from '../../../../src/shared/experiment';
import { askFor, formula, networkRow, probeRig } from './probeRig';

// 16 GiB are free, whatever else runs on this machine.
vi.mock('node:os', async (original) => ({ ...(await original<typeof os>()), freemem: () => 16 * 2 ** 30 }));
vi.mock('../../../../src/main/processes/groupMemory', () => ({ groupMemory: () => ({ limitMiB: null, freeMiB: null, kills: 0 }) }));

const window = { batch: 1, patch: [32, 32, 32], overlap: [0, 0, 0] } as const;

describe('Preflight', () => {
  it('knows nothing before it measured, and counts each missing probe once', async () => {
    const preflight = new Preflight(probeRig().options);
    const request = askFor([networkRow({ max_batch_size: 4 }, 0), networkRow({ max_batch_size: 2 }, 1)]);
    const forecast = await preflight.forecast(request);
    expect(forecast).toMatchObject({ missingProbes: 1, totalSec: null });
    expect(forecast.rows.map(({ prediction, fits }) => [prediction, fits])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(forecast.keptBytes).toBe(2 * 11 * 4 * 128 ** 3);
  });

  it('foretells all batches of the same windows from one measurement', async () => {
    const rig = probeRig();
    const preflight = new Preflight(rig.options);
    const request = askFor([1, 2, 4].map((max_batch_size, index) => ({ ...networkRow({ max_batch_size }, index), n_repetitions: 2 })));
    expect(await preflight.measure(request)).toEqual([]);
    expect([...new Set(rig.jobs.map(({ batch }) => batch))]).toEqual([1, 4]);
    const { rows, totalSec, missingProbes } = await preflight.forecast(request);
    expect(missingProbes).toBe(0);
    expect(rows.map(({ prediction }) => prediction?.basis)).toEqual(['measured', 'interpolated', 'measured']);
    expect(totalSec).toBeCloseTo(2 * rows.reduce((sum, { prediction }) => sum + (prediction?.total_sec ?? 0), 0), 9);
    // What both workers hold of the same memory counts once: three volumes, and half of each operator's part.
    expect(rows[0]?.devices).toMatchObject([{ device: 'cpu', ranks: [0, 1], neededMiB: 2 * (508 + formula(window).memoryMiB) - 32 }]);
  });

  it.each([800, 700, 658, 640, 634, 628, 615, 600])(
    'names a batch or windows that then do fit, or none (limit %i MiB)',
    async (memoryLimitMiB) => {
      const preflight = new Preflight(probeRig().options);
      const ask = (change: Partial<NetworkParameters>) => askFor([networkRow({ max_batch_size: 16, ...change })], { memoryLimitMiB });
      await preflight.measure({ ...ask({}), memoryLimitMiB: 4000 });
      const [row] = (await preflight.forecast(ask({}))).rows;
      expect(row?.fits).toBe(508 + 100 + 16 * 12.5 <= memoryLimitMiB);
      expect(row?.remedy === null).toBe(memoryLimitMiB < 610);
      if (!row?.remedy) return;
      const { max_batch_size, patch_size, sentence } = row.remedy;
      expect(sentence).toContain(`max_batch_size: ${max_batch_size}`);
      const change = { ...(max_batch_size === null ? {} : { max_batch_size }), ...(patch_size === null ? {} : { patch_size }) };
      const [remedied] = (await preflight.forecast(ask(change))).rows;
      expect(remedied?.fits).toBe(true);
    },
  );

  it('says that auto is chosen later, and shows the choice once it is measured', async () => {
    const preflight = new Preflight(probeRig().options);
    const request = askFor([networkRow({ max_batch_size: 'auto' })]);
    expect((await preflight.forecast(request)).rows[0]).toMatchObject({
      prediction: null,
      chosen: null,
      warnings: [expect.stringContaining('auto')],
    });
    await preflight.measure(request);
    expect((await preflight.forecast(request)).rows[0]).toMatchObject({ chosen: { max_batch_size: 8 }, fits: true });
    const elsewhere = await preflight.forecast({ ...request, memoryLimitMiB: 3000 });
    expect(elsewhere.rows[0]?.chosen).toBeNull();
  });

  it('keeps the reason of a row that cannot be laid out beside the rows that can', async () => {
    const preflight = new Preflight(probeRig().options);
    const request = askFor([networkRow({ denoiser: 'unknown' }, 0), networkRow({}, 1)]);
    expect(await preflight.measure(request)).toEqual([expect.stringContaining('The denoiser "unknown" is not known.')]);
    const { rows, totalSec } = await preflight.forecast(request);
    expect(rows[0]?.warnings).toEqual([expect.stringContaining('not known')]);
    expect(rows[1]?.prediction).not.toBeNull();
    expect(totalSec).toBeNull();
  });
});
