// What the window stands on, without a window: workers, store and data reader are killed and disks fill up in the middle of real runs.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/main/processes/storeClient';
import { closeProgramsAfterEach, iterationOf, readIterates, startRows, startWatched, type Watched } from './programs';
import { launcher, root, temporaryFolder, walnutTiny } from './rows';

const folder = temporaryFolder();
const mounts: string[] = [];
let workspaces = 0;
const start = (workspace = join(folder, `workspace-${workspaces++}`)): Promise<Watched> => startWatched(workspace);

closeProgramsAfterEach();
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount]);
});

describe('a program whose parts die', () => {
  it('marks the row of a killed device worker, keeps its iterates, and goes on with the next row', async () => {
    const watched = await start();
    const [first, second] = await startRows(watched, [1000, 2]);
    await watched.until(iterationOf(first, 2));
    process.kill(watched.pids.get('deviceMain')?.at(-1) ?? 0, 'SIGKILL');
    await (await watched.program.queue).idle();
    const [failed, done] = await watched.program.store.call('listRuns', {});
    expect(failed).toMatchObject({ id: first?.id, status: 'failed' });
    expect(failed?.error?.message).toMatch(/was killed/);
    expect(failed?.iterations_done).toBeGreaterThanOrEqual(2);
    expect((await readIterates(watched, first?.id ?? '')).length).toBeGreaterThanOrEqual(3);
    expect(done).toMatchObject({ id: second?.id, status: 'done', iterations_done: 2, error: null });
  });

  it('gives up a device worker that stands still, and goes on with the next row', async () => {
    process.env.TOMOBENCH_HANG_SECONDS = '4';
    try {
      const watched = await start();
      const [first, second] = await startRows(watched, [1000, 2]);
      await watched.until(iterationOf(first, 2));
      process.kill(watched.pids.get('deviceMain')?.at(-1) ?? 0, 'SIGSTOP');
      await (await watched.program.queue).idle();
      const [silent, done] = await watched.program.store.call('listRuns', {});
      expect(silent).toMatchObject({ id: first?.id, status: 'timed_out' });
      expect(silent?.error?.message).toMatch(/Worker 1 did not answer for \d+ seconds and was ended/);
      expect((await readIterates(watched, first?.id ?? '')).length).toBeGreaterThanOrEqual(3);
      expect(done).toMatchObject({ id: second?.id, status: 'done', iterations_done: 2, error: null });
    } finally {
      delete process.env.TOMOBENCH_HANG_SECONDS;
    }
  });

  it('finishes the row with a complete record when the store is killed under it', async () => {
    const watched = await start();
    const [run] = await startRows(watched, [12]);
    await watched.until(iterationOf(run, 2));
    process.kill((await watched.program.store.pid()) ?? 0, 'SIGKILL');
    await (await watched.program.queue).idle();
    const detail = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(detail.status).toBe('done');
    expect(detail.iterations.map((iteration) => iteration.iteration)).toEqual(Array.from({ length: 13 }, (_, index) => index));
    expect(watched.notices).toEqual(['The record keeper ended unexpectedly and was started again.']);
  });

  it('goes on showing volumes when the data reader is killed', async () => {
    const watched = await start();
    const source = { kind: 'scan', path: walnutTiny, array: 'reference' } as const;
    const before = await watched.program.data.call('slice', { source, axis: 1, index: 7 });
    process.kill((await watched.program.data.pid()) ?? 0, 'SIGKILL');
    expect(await watched.program.data.call('slice', { source, axis: 1, index: 7 })).toEqual(before);
    await expect.poll(() => watched.notices).toEqual(['The data reader ended unexpectedly and was started again.']);
  });

  it('records the running row as cancelled, and the waiting one, when the program is closed', async () => {
    const watched = await start();
    const [running] = await startRows(watched, [1000, 2]);
    await watched.until(iterationOf(running, 1));
    await watched.program.close();
    const { store, interruptedRunIds } = await openStore(launcher, watched.program.workspace);
    const statuses = (await store.call('listRuns', {})).map((run) => run.status);
    await store.close();
    expect(interruptedRunIds).toEqual([]);
    expect(statuses).toEqual(['cancelled', 'cancelled']);
  });

  it('leaves readable records and no process behind when the whole program is killed', async () => {
    const workspace = join(folder, 'killed');
    const config = join(root, 'configs', 'quickstart.yml');
    const argv = [join(root, 'out', 'main', 'cli.js'), 'run', config, '--data', walnutTiny, '--workspace', workspace, '--max-runs', '1000'];
    const program = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    program.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const kept = (): boolean => existsSync(join(workspace, 'runs')) && /iteration\D+2\b|2\/1000/.test(said);
    await expect.poll(() => kept() || program.exitCode, { timeout: 120_000 }).toBe(true);
    const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8').trim().split(' ').map(Number);
    expect(children.length).toBeGreaterThanOrEqual(3);
    program.kill('SIGKILL');
    const watched = await start(workspace);
    const runs = await watched.program.store.call('listRuns', {});
    expect(watched.program.interruptedRunIds).toEqual(runs.map((run) => run.id));
    expect(runs.map((run) => run.status)).toEqual(['failed', 'cancelled', 'cancelled', 'cancelled']);
    expect(runs[0]?.error?.message).toBe('The program ended before this run did. Its kept iterates are still here.');
    expect((await readIterates(watched, runs[0]?.id ?? '')).length).toBeGreaterThanOrEqual(1);
    await expect.poll(() => children.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 20_000 }).toEqual([]);
  });
});

describe('a disk that fills up in the middle of a run', () => {
  it('ends the row with a sentence that names the disk, and what was kept is readable', async (context) => {
    const mount = join(folder, 'small-disk');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount], { stdio: 'pipe' });
    } catch (error) {
      context.skip(`a small disk cannot be mounted here: ${String(error).split('\n')[0]}`);
    }
    mounts.push(mount);
    const watched = await start(mount);
    const [run] = await startRows(watched, [1000]);
    await (await watched.program.queue).idle();
    const told = watched.events.flatMap((event) => (event.kind === 'runs' ? event.runs : [])).at(-1);
    expect(told).toMatchObject({ id: run?.id, status: 'failed' });
    expect(told?.error?.message).toMatch(/disk/);
    expect((await readIterates(watched, run?.id ?? '')).length).toBeGreaterThanOrEqual(3);
  });
});
