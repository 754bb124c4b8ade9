// Rows that were interrupted go on where they stopped, with the bits of a run that never was; rows that are done are not run again.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/shared/runs';
import { closeProgramsAfterEach, iterationOf, lastIterates, startRows, startWatched, type Watched } from './programs';
import { temporaryFolder } from './rows';

const folder = temporaryFolder();
let workspaces = 0;
const start = (): Promise<Watched> => startWatched(join(folder, `workspace-${workspaces++}`));
closeProgramsAfterEach();

const iterationsOf = async ({ program }: Watched, run: Run | undefined): Promise<number[]> =>
  (await program.store.call('getRun', { id: run?.id ?? '' })).iterations.map(({ iteration }) => iteration);
const idle = async ({ program }: Watched): Promise<void> => (await program.queue).idle();

describe('rows that go on', () => {
  it('end with the bits of a run in one go, on 1 and on 2 workers, wherever they were interrupted', async () => {
    const whole = await start();
    const once = await startRows(whole, [6], { devices: ['cpu'] });
    await idle(whole);
    const [expected] = await lastIterates(whole, once);

    for (const devices of [['cpu'], ['cpu', 'cpu']]) {
      const watched = await start();
      const [run] = await startRows(watched, [6], { devices, saveEvery: 2 });
      // The worker dies after iteration 3, of which only iteration 2 was kept.
      await watched.until(iterationOf(run, 3));
      process.kill(watched.pids.get('deviceMain')?.at(-1) ?? 0, 'SIGKILL');
      await idle(watched);
      expect((await watched.program.store.call('getRun', { id: run?.id ?? '' })).status).toBe('failed');
      const [again] = await startRows(watched, [6], { devices, saveEvery: 2, resume: true });
      expect(again).toMatchObject({ id: run?.id, status: 'queued', iterations_done: 2 });
      await idle(watched);
      const detail = await watched.program.store.call('getRun', { id: run?.id ?? '' });
      expect(detail).toMatchObject({ status: 'done', stop_reason: 'max_runs', iterations_done: 6, error: null });
      expect(detail.iterations.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(detail.log.join('\n')).toContain('Goes on after iteration 2');
      expect(await lastIterates(watched, [detail])).toEqual([expected]);
    }
  });

  it('are only those that are not done; a run that was finished early goes on too', async () => {
    const watched = await start();
    const queue = await watched.program.queue;
    const [first, second, third] = await startRows(watched, [1, 4, 3]);
    await watched.until(iterationOf(second, 1));
    queue.finishNow(second?.id ?? '');
    await queue.cancel(third?.id ?? '');
    await idle(watched);
    const started = watched.events.length;
    const runs = await startRows(watched, [1, 4, 3], { resume: true });
    expect(runs.map(({ id }) => id)).toEqual([first?.id, second?.id, third?.id]);
    expect(runs.map(({ status }) => status)).toEqual(['done', 'queued', 'queued']);
    await idle(watched);
    const statuses = (await watched.program.store.call('listRuns', {})).map(({ status, iterations_done }) => [status, iterations_done]);
    expect(statuses).toEqual([
      ['done', 1],
      ['done', 4],
      ['done', 3],
    ]);
    const ran = new Set(watched.events.slice(started).flatMap((event) => (event.kind === 'iteration' ? [event.runId] : [])));
    expect([...ran]).toEqual([second?.id, third?.id]);
  });

  it('start from the beginning where the kept iterate is gone, and half-written files are cleared away', async () => {
    const watched = await start();
    const queue = await watched.program.queue;
    const [run] = await startRows(watched, [3]);
    await watched.until(iterationOf(run, 1));
    queue.finishNow(run?.id ?? '');
    await idle(watched);
    const runFolder = join(watched.program.workspace, 'runs', run?.id ?? '');
    for (const name of readdirSync(runFolder)) rmSync(join(runFolder, name));
    writeFileSync(join(runFolder, 'iterate-0002.npy.part'), 'half');
    await queue.retry([run?.id ?? '']);
    await idle(watched);
    expect(await iterationsOf(watched, run)).toEqual([0, 1, 2, 3]);
    expect(readdirSync(runFolder).sort()).toEqual([0, 1, 2, 3].map((iteration) => `iterate-000${iteration}.npy`));
    await expect(queue.retry([run?.id ?? ''])).rejects.toThrow(/is done/);
  });
});

describe('the queue', () => {
  it('waits while paused, takes a row out that is cancelled before its turn, and goes on', async () => {
    const watched = await start();
    const queue = await watched.program.queue;
    queue.setPaused(true);
    const [first, second] = await startRows(watched, [1, 1]);
    expect(queue.state()).toMatchObject({ paused: true, runningRunId: null, queued: 2 });
    await queue.idle();
    await queue.cancel(first?.id ?? '');
    expect(queue.state().queued).toBe(1);
    queue.setPaused(false);
    await queue.idle();
    const runs = await watched.program.store.call('listRuns', {});
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      [first?.id, 'cancelled'],
      [second?.id, 'done'],
    ]);
  });

  it('refuses to remove what still runs, and keeps the iterate of a run that was cancelled', async () => {
    const watched = await start();
    const queue = await watched.program.queue;
    const [run] = await startRows(watched, [1000]);
    await watched.until(iterationOf(run, 2));
    await expect(watched.program.store.call('removeRuns', { ids: [run?.id ?? ''] })).rejects.toThrow(/still running/);
    await queue.cancel(run?.id ?? '');
    const detail = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(detail.status).toBe('cancelled');
    expect(detail.iterations_done).toBeGreaterThanOrEqual(2);
    expect(await lastIterates(watched, [detail])).toHaveLength(1);
    expect(await watched.program.store.call('removeRuns', { ids: [detail.id] })).toEqual({ folders: [`runs/${detail.id}`] });
  });
});
