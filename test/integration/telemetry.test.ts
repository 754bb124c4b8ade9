// Telemetry of real runs of walnut-tiny: what is read back of memory, processor, disk and steps, and that losing the reader of it costs no run.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepSpans } from '../../src/engine/results/telemetry';
import type { Run, Telemetry } from '../../src/shared/runs';
import { closeProgramsAfterEach, iterationOf, startRows, startWatched, type Watched } from './programs';
import { temporaryFolder } from './rows';

const folder = temporaryFolder();
closeProgramsAfterEach();

const telemetryOf = ({ program }: Watched, run: Run | undefined): Promise<Telemetry> =>
  program.store.call('getTelemetry', { id: run?.id ?? '' });
const known = ({ columns, values }: Telemetry, name: string): number[] =>
  values.map((line) => line[columns.indexOf(name)] ?? null).filter((value) => value !== null);

describe('the telemetry of a run', () => {
  it('has memory, processor and disk of each rank, and when each step of each iteration began', async () => {
    const watched = await startWatched(join(folder, 'two-ranks'));
    const [run] = await startRows(watched, [6], { devices: ['cpu', 'cpu'] });
    await (await watched.program.queue).idle();
    const telemetry = await telemetryOf(watched, run);

    expect([...telemetry.columns].sort()).toEqual([
      'disk_read_mib_per_sec',
      'disk_written_mib_per_sec',
      'other_cpu_percent',
      'rank0_cpu_percent',
      'rank0_memory_mib',
      'rank1_cpu_percent',
      'rank1_memory_mib',
    ]);
    for (const rank of [0, 1]) {
      // A worker with its network is never smaller than that, and this volume needs no GiB.
      const memory = known(telemetry, `rank${rank}_memory_mib`);
      expect(Math.max(...memory)).toBeGreaterThan(60);
      expect(Math.max(...memory)).toBeLessThan(4096);
      expect(Math.max(...known(telemetry, `rank${rank}_cpu_percent`))).toBeGreaterThan(10);
    }
    expect(telemetry.time_sec).toEqual([...telemetry.time_sec].sort((a, b) => a - b));

    const spans = stepSpans(telemetry);
    const steps = spans.map(({ step }) => step).filter((step) => step !== 'unfinished');
    expect(steps.slice(0, 4)).toEqual(['open', 'read', 'warm-up', 'norm']);
    const each = ['gradient', 'denoise', 'score'];
    expect(steps.slice(4)).toEqual(['score', ...Array.from({ length: 6 }, () => each).flat()]);
    expect(telemetry.steps.at(-1)?.step).toBe('unfinished');
    const began = telemetry.steps.map(({ time_sec }) => time_sec);
    expect(began).toEqual([...began].sort((a, b) => a - b));
    // Both are on one clock: readings were taken while the steps went on.
    const iterating = telemetry.time_sec.filter((time) => time > (began[5] ?? Number.NaN));
    expect(iterating.length).toBeGreaterThan(0);
    expect(Math.max(...began)).toBeLessThan((telemetry.time_sec.at(-1) ?? 0) + 1);
  });

  it('says on the run that the rest of the machine was busy', async () => {
    const watched = await startWatched(join(folder, 'shared'));
    const others = cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    try {
      const [run] = await startRows(watched, [30], { devices: ['cpu', 'cpu'] });
      await (await watched.program.queue).idle();
      const { status, provenance } = await watched.program.store.call('getRun', { id: run?.id ?? '' });
      expect(status).toBe('done');
      expect(provenance?.notes.at(-1)).toMatch(/^The rest of the machine kept \d+\.\d of \d+ cores busy while this ran/);
    } finally {
      for (const other of others) other.kill('SIGKILL');
    }
  });

  it('goes when the run is removed', async () => {
    const watched = await startWatched(join(folder, 'removed'));
    const [run] = await startRows(watched, [1]);
    await (await watched.program.queue).idle();
    expect((await telemetryOf(watched, run)).steps.length).toBeGreaterThan(0);
    await watched.program.store.call('removeRuns', { ids: [run?.id ?? ''] });
    await expect(telemetryOf(watched, run)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is not worth a run: the process that reads it may die', async () => {
    const watched = await startWatched(join(folder, 'killed'));
    const [run] = await startRows(watched, [8]);
    await watched.until(iterationOf(run, 2));
    process.kill(watched.pids.get('dataMain')?.at(-1) ?? 0, 'SIGKILL');
    await (await watched.program.queue).idle();
    expect(await watched.program.store.call('getRun', { id: run?.id ?? '' })).toMatchObject({ status: 'done', iterations_done: 8 });
    expect(stepSpans(await telemetryOf(watched, run)).filter(({ step }) => step === 'denoise')).toHaveLength(8);
  });
});
