/** The store as a real process: what it acknowledged survives kill -9, it is started anew, and folders that cannot be written are refused in words. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { type OpenedStore, openStore } from '../../src/main/processes/storeClient';
import { UserError } from '../../src/shared/errors';
import { experimentRecord, iterationRecord, newRun } from '../fixtures/records';
import { launcher, root } from './rows';

let folder: string;
const opened: OpenedStore[] = [];
const mounts: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-store-'));
});
afterEach(async () => {
  for (const { store } of opened.splice(0)) await store.close();
  for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount]);
  rmSync(folder, { recursive: true, force: true });
});

async function open(workspace = folder): Promise<OpenedStore> {
  const result = await openStore(launcher, workspace);
  opened.push(result);
  return result;
}

/** A small file system of its own; skips the test, with the reason, where this user may not mount one. */
function mountSmallDisk(context: TestContext, options: string): string {
  const mount = join(folder, 'disk');
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount], { stdio: 'pipe' });
  } catch (error) {
    context.skip(`a small disk cannot be mounted here: ${String(error).split('\n')[0]}`);
  }
  mounts.push(mount);
  return mount;
}

async function refusal(attempt: Promise<unknown>): Promise<UserError> {
  const error = await attempt.then(
    () => new Error('It was accepted.'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof UserError)) throw error;
  return error;
}

describe('the store process', () => {
  it('keeps everything it acknowledged when it is killed in the middle of writing', async () => {
    const first = await open();
    await first.store.call('createExperiment', { experiment: experimentRecord('e'), runs: [newRun('a')] });
    await first.store.call('updateRun', { id: 'a', patch: { status: 'running' } });
    const pid = await first.store.pid();
    let acknowledged = -1;
    let sent = 0;
    const writing = (async () => {
      for (; sent < 100_000; sent++) {
        await first.store.call('addIteration', { runId: 'a', iteration: iterationRecord(sent) });
        acknowledged = sent;
        if (acknowledged === 200) {
          process.kill(pid ?? 0, 'SIGKILL');
          break;
        }
      }
    })();
    // More writes are under way when the signal arrives.
    const flood = Promise.allSettled(
      Array.from({ length: 500 }, (_, index) => first.store.call('addLog', { runId: 'a', lines: [`line ${index}`] })),
    );
    await writing;
    await flood;
    expect(acknowledged).toBe(200);
    const detail = await first.store.call('getRun', { id: 'a' });
    expect(detail.status).toBe('running');
    expect(detail.iterations.map((iteration) => iteration.iteration)).toEqual(Array.from({ length: 201 }, (_, index) => index));
    expect(detail.iterations.at(-1)).toEqual(iterationRecord(200));
    expect(await first.store.pid()).not.toBe(pid);
  });

  it('is started anew at once when it dies idle, and says so', async () => {
    const { store } = await open();
    const reasons: string[] = [];
    store.onTrouble((reason) => reasons.push(reason));
    await store.call('setSetting', { name: 'x', value: 1 });
    process.kill((await store.pid()) ?? 0, 'SIGKILL');
    await expect.poll(() => reasons).toEqual(['The record keeper ended unexpectedly and was started again.']);
    expect(await store.call('getSetting', { name: 'x' })).toBe(1);
  });

  it('settles the runs of a program that was killed, for the next program', async () => {
    const script = join(folder, 'program.cjs');
    // A program of its own: opens the store, starts a run, then waits to be killed.
    writeFileSync(
      script,
      `const { fork } = require('node:child_process');
       const child = fork(process.argv[2], [], { serialization: 'advanced' });
       let id = 0;
       const steps = JSON.parse(process.argv[3]);
       child.on('message', (message) => {
         if (message.kind === 'failure') throw new Error(message.error.message);
         const step = steps.shift();
         if (step) child.send({ kind: 'request', id: ++id, method: step[0], argument: step[1] });
         else console.log('written');
       });`,
    );
    const { spawn } = await import('node:child_process');
    const steps = [
      ['open', { workspace: folder, owner: 'killed-program' }],
      ['createExperiment', { experiment: experimentRecord('e'), runs: [newRun('a'), newRun('b')] }],
      ['updateRun', { id: 'a', patch: { status: 'running' } }],
      ['addIteration', { runId: 'a', iteration: iterationRecord(0) }],
    ];
    const out = join(root, 'out', 'main', 'storeMain.js');
    const program = spawn(process.execPath, [script, out, JSON.stringify(steps)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((done) => program.stdout.once('data', done));
    const beside = await open();
    expect(beside.interruptedRunIds).toEqual([]);
    expect((await beside.store.call('listRuns', {})).map((run) => run.status)).toEqual(['running', 'queued']);
    await beside.store.close();
    program.kill('SIGKILL');
    const after = await open();
    expect(after.interruptedRunIds).toEqual(['a', 'b']);
    const runs = await after.store.call('listRuns', {});
    expect(runs.map((run) => [run.status, run.iterations_done, run.error?.message.includes('The program ended')])).toEqual([
      ['failed', 0, true],
      ['cancelled', 0, true],
    ]);
    expect((await after.store.call('getRun', { id: 'a' })).iterations).toEqual([iterationRecord(0)]);
  });

  it('leaves no lock when it is closed in order', async () => {
    const { store } = await open();
    await store.close();
    opened.pop();
    expect(existsSync(join(folder, 'tomobench.sqlite-wal'))).toBe(false);
    await expect(open()).resolves.toBeDefined();
  });
});

describe('disks that do not take it', () => {
  it('a read-only folder is named', async (context) => {
    const disk = mountSmallDisk(context, 'size=1m,ro');
    for (const workspace of [disk, join(disk, 'below')]) {
      const error = await refusal(openStore(launcher, workspace));
      expect(error.code).toBe('read_only');
      expect(error.message).toContain(workspace);
    }
  });

  it('a disk that fills up is named, what was acknowledged stays, and work goes on once there is space', async (context) => {
    const disk = mountSmallDisk(context, 'size=1m');
    const { store } = await open(disk);
    await store.call('createExperiment', { experiment: experimentRecord('e'), runs: [newRun('a')] });
    let written = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await store.call('addIteration', { runId: 'a', iteration: iterationRecord(written) });
        written++;
      }
    };
    const error = await refusal(fill());
    expect(error.code).toBe('no_space');
    expect(error.message).toMatch(/disk is full.*tomobench\.sqlite.*Free some space/);
    expect(written).toBeGreaterThan(10);
    execFileSync('mount', ['-o', 'remount,size=8m', disk]);
    await store.call('addIteration', { runId: 'a', iteration: iterationRecord(written) });
    const detail = await store.call('getRun', { id: 'a' });
    expect(detail.iterations).toHaveLength(written + 1);
  });
});
