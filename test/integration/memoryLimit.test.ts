// Rows that run out of memory, by the limits of the operating system itself: an allocation the kernel refuses, and a process the kernel kills.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupMemory } from '../../src/main/processes/groupMemory';
import { ModelFinder } from '../../src/main/queue/planRuns';
import type { ForecastRequest } from '../../src/main/queue/rowNeeds';
import type { ExperimentRow } from '../../src/shared/experiment';
import type { Run, RunDetail } from '../../src/shared/runs';
import { pnpOf } from '../pnpOf';
import { closeProgramsAfterEach, startRows, startWatched, tinyRow, type Watched, type Watching } from './programs';
import { root, temporaryFolder, walnutTiny } from './rows';

const folder = temporaryFolder();
closeProgramsAfterEach();

const detail = ({ program }: Watched, run: Run | undefined): Promise<RunDetail> => program.store.call('getRun', { id: run?.id ?? '' });

/** 125 windows of 16 x 32 x 32: about 700 bytes a voxel in ONNX Runtime, so 64 at once need far more than 300 MiB. */
function manyWindows(index: number, batch: number): ExperimentRow {
  const row = tinyRow(index, 1);
  return { ...row, solver: { ...pnpOf(row), patch_size: [8, 8, 8], overlap: [4, 12, 12], max_batch_size: batch, provider: 'cpu' } };
}

/** One window of 120^3, which the program's own code needs about 150 MiB for. */
function largeWindows(index: number): ExperimentRow {
  const row = tinyRow(index, 1);
  return { ...row, solver: { ...pnpOf(row), patch_size: [40, 40, 40], overlap: [40, 40, 40], max_batch_size: 1, provider: 'native' } };
}

/** A control group of this test with a limit, where this machine lets us make one; null elsewhere. */
function makeGroup(limitMiB: number): { join(pid: number): void; remove(): void } | null {
  const version1 = existsSync('/sys/fs/cgroup/memory/memory.usage_in_bytes');
  const group = join(version1 ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', `tomobench-test-${process.pid}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, version1 ? 'memory.limit_in_bytes' : 'memory.max'), String(limitMiB * 2 ** 20));
    return {
      join: (pid) => writeFileSync(join(group, 'cgroup.procs'), String(pid)),
      remove: () => rmdirSync(group),
    };
  } catch {
    return null;
  }
}

describe('memory of a worker', () => {
  it.runIf(process.platform === 'linux')(
    'limited: the row is out_of_memory with what was asked for, its linked retry and the next row are done',
    async () => {
      const watched = await startWatched(join(folder, 'limited'));
      const rows = [manyWindows(0, 64), manyWindows(1, 2)];
      const change = { rows, devices: ['cpu'], memoryLimitMiB: 300, retryOutOfMemory: true };
      const [large, small] = await startRows(watched, [1, 1], change);
      await (await watched.program.queue).idle();

      const failed = await detail(watched, large);
      expect(failed.status).toBe('out_of_memory');
      expect(failed.error?.message).toMatch(/memory/);
      expect(failed.memory_failure).toMatchObject({ rank: 0, how: 'refused', limit_mib: 300 });
      expect(['warmUp', 'denoise']).toContain(failed.memory_failure?.step);
      // What was asked for was more than what was left.
      expect(failed.memory_failure?.peak_mib).toBeGreaterThan(50);
      expect(failed.memory_failure?.peak_mib).toBeLessThan(330);
      // Told where the allocation that failed was the network's own; a thread's stack has no size in what the system says.
      expect(failed.memory_failure?.requested_mib ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1);

      expect(await detail(watched, small)).toMatchObject({ status: 'done', memory_failure: null });
      const runs = await watched.program.store.call('listRuns', {});
      const retry = runs.find(({ retry_of }) => retry_of === large?.id);
      expect(retry).toMatchObject({ status: 'done', experiment_id: failed.experiment_id, iterations_done: 1 });
      expect(retry && pnpOf(retry.row).max_batch_size).toBe(32);
      expect(runs).toHaveLength(3);
    },
  );

  it.runIf(process.platform === 'linux')("limited: the program's own network says what it asked for; the next row is done", async () => {
    const watched = await startWatched(join(folder, 'own'));
    const rows = [largeWindows(0), tinyRow(1, 1)];
    const [large, small] = await startRows(watched, [1, 1], { rows, devices: ['cpu'], memoryLimitMiB: 200 });
    await (await watched.program.queue).idle();
    const failed = await detail(watched, large);
    expect(failed).toMatchObject({ status: 'out_of_memory', memory_failure: { rank: 0, how: 'refused', limit_mib: 200, step: 'warmUp' } });
    expect(failed.error?.message).toContain('Not enough memory to denoise 1 windows of 120 x 120 x 120 at once.');
    expect(failed.memory_failure?.requested_mib).toBeGreaterThan(100);
    expect(await detail(watched, small)).toMatchObject({ status: 'done', memory_failure: null });
  });

  it.runIf(process.platform === 'linux')('limited: holds probes too; what does not fit is said, kept and not tried again', async () => {
    const asked: string[] = [];
    const onRequest: Watching['onRequest'] = (entry, { method }) => {
      if (entry === 'deviceMain') asked.push(method);
    };
    const watched = await startWatched(join(folder, 'probes'), { onRequest });
    const { program } = watched;
    const preflight = await program.preflight;
    const request: ForecastRequest = {
      rows: [tinyRow(0, 2)],
      machine: await program.machine,
      models: new ModelFinder(join(root, 'resources', 'models')),
      scan: await program.data.call('inspect', { path: walnutTiny, voxelSizeMm: null }),
      ...{ dataPath: walnutTiny, voxelSizeMm: null, modelPath: null, devices: ['cpu'], workspace: folder, saveEvery: 1 },
      // Less than the runtime itself takes.
      memoryLimitMiB: 40,
    };
    const sentence = expect.stringContaining('Row 0 (PnP) does not fit into 40 MiB a worker, even without its network.');
    expect(await preflight.measure(request)).toEqual([sentence]);
    expect(asked).toContain('limitMemory');
    expect(asked).not.toContain('probeNetwork');
    const forecast = await preflight.forecast(request);
    expect(forecast).toMatchObject({ missingProbes: 0, rows: [{ fits: false, prediction: null, limitMiB: 40, warnings: [sentence] }] });

    asked.length = 0;
    expect(await preflight.measure(request)).toEqual([sentence]);
    expect(asked).toEqual([]);
    // With more it is measured.
    expect(await preflight.measure({ ...request, memoryLimitMiB: 1500 })).toEqual([]);
    expect((await preflight.forecast({ ...request, memoryLimitMiB: 1500 })).rows[0]).toMatchObject({ fits: true });
  });

  const probe = makeGroup(512);
  probe?.remove();
  it.runIf(probe !== null)(
    `taken by the kernel${probe === null ? ' (not tried: control groups cannot be made here)' : ''}: out_of_memory, not crashed`,
    async () => {
      const group = makeGroup(400);
      try {
        const before = groupMemory().kills;
        const watched = await startWatched(join(folder, 'killed'), {
          onRequest: (entry, request, pid) => {
            if (entry === 'deviceMain' && request.method === 'warmUp') group?.join(pid);
          },
        });
        const [run] = await startRows(watched, [1], { rows: [manyWindows(0, 64)], devices: ['cpu'] });
        await (await watched.program.queue).idle();
        const failed = await detail(watched, run);
        expect(groupMemory().kills).toBeGreaterThan(before);
        expect(failed).toMatchObject({ status: 'out_of_memory', memory_failure: { how: 'killed', rank: 0 } });
        expect(failed.error?.message).toContain('The system killed Worker 0 because memory ran out');
      } finally {
        group?.remove();
      }
    },
  );

  it('is not blamed when somebody kills a worker', async () => {
    const watched = await startWatched(join(folder, 'shot'), {
      onRequest: (entry, request, pid) => {
        if (entry === 'deviceMain' && request.method === 'warmUp') process.kill(pid, 'SIGKILL');
      },
    });
    const [run] = await startRows(watched, [1], { devices: ['cpu'] });
    await (await watched.program.queue).idle();
    const failed = await detail(watched, run);
    expect(failed).toMatchObject({ status: 'failed', memory_failure: null });
    expect(failed.error?.message).toContain('was killed (signal SIGKILL)');
    expect(failed.error?.worker_killed).toBe(true);
  });
});
