// Every part of a run is killed, or stands still, at every step of an iteration: what was finished stays readable, the record says what happened, and the next row is done.
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeProgramsAfterEach, iterationOf, readIterates, startRows, startWatched, type Watching } from './programs';
import { temporaryFolder } from './rows';

const folder = temporaryFolder();
let workspaces = 0;
const workspace = (): string => `${folder}/faults-${workspaces++}`;
/** The iteration at which a fault happens; the initial iterate and the ones before are finished then. */
const faultAt = 2;

closeProgramsAfterEach();
beforeEach(() => {
  process.env.TOMOBENCH_HANG_SECONDS = '4';
});
afterEach(() => {
  delete process.env.TOMOBENCH_HANG_SECONDS;
});

/** Sends `signal` to the process just before it gets the n-th request of this method, once. */
function faultBefore(
  entry: 'deviceMain' | 'storeMain',
  method: string,
  nth: number,
  signal: NodeJS.Signals,
): Watching & { happened(): boolean } {
  let seen = 0;
  return {
    onRequest: (kind, request, pid) => {
      if (kind !== entry || request.method !== method) return;
      seen++;
      if (seen === nth) process.kill(pid, signal);
    },
    happened: () => seen >= nth,
  };
}

describe('a device worker', () => {
  // One worker: the n-th request of a method belongs to the n-th iteration, or later where a method is used more than once in one.
  it.each([
    ['prepare', 1],
    ['loadMeasurements', 1],
    ['warmUp', 1],
    ['project', 20],
    ['reduce', 20],
    ['combine', 30],
    ['denoise', faultAt + 1],
    ['score', faultAt + 1],
    ['memory', faultAt + 1],
    ['save', faultAt + 1],
  ] as const)('killed at %s: the row failed with what it had, the next one is done', async (method, nth) => {
    const fault = faultBefore('deviceMain', method, nth, 'SIGKILL');
    const watched = await startWatched(workspace(), fault);
    const [first, second] = await startRows(watched, [1000, 1], { devices: ['cpu'] });
    await (await watched.program.queue).idle();
    expect(fault.happened()).toBe(true);
    const [failed, done] = await watched.program.store.call('listRuns', {});
    expect(failed).toMatchObject({
      id: first?.id,
      status: 'failed',
      error: { message: expect.stringMatching(/^Worker 0 was killed \(signal SIGKILL\)/) },
    });
    const record = await watched.program.store.call('getRun', { id: first?.id ?? '' });
    // Each recorded iteration is there once, in order, and its volume can be read.
    expect(record.iterations.map(({ iteration }) => iteration)).toEqual(record.iterations.map((_, index) => index));
    expect(await readIterates(watched, first?.id ?? '')).toHaveLength(record.iterations.length);
    expect(done).toMatchObject({ id: second?.id, status: 'done', iterations_done: 1, error: null });
  });

  it('that stands still at denoise is given up', async () => {
    const fault = faultBefore('deviceMain', 'denoise', faultAt, 'SIGSTOP');
    const watched = await startWatched(workspace(), fault);
    const [first, second] = await startRows(watched, [1000, 1], { devices: ['cpu'] });
    await (await watched.program.queue).idle();
    const [silent, done] = await watched.program.store.call('listRuns', {});
    expect(silent).toMatchObject({ id: first?.id, status: 'timed_out' });
    expect(silent?.error?.message).toMatch(/did not answer for \d+ seconds/);
    expect(done).toMatchObject({ id: second?.id, status: 'done' });
  });
});

describe('the record keeper', () => {
  const iterations = 6;

  it.each([
    ['killed', 'SIGKILL', 'addIteration', 3],
    ['killed', 'SIGKILL', 'updateRun', 2],
    ['killed', 'SIGKILL', 'addLog', 1],
    ['standing still', 'SIGSTOP', 'addIteration', 3],
  ] as const)('%s (%s) at %s: started again, the row is done and its record complete', async (_how, signal, method, nth) => {
    const fault = faultBefore('storeMain', method, nth, signal);
    const watched = await startWatched(workspace(), fault);
    const [run] = await startRows(watched, [iterations], { devices: ['cpu'] });
    await (await watched.program.queue).idle();
    expect(fault.happened()).toBe(true);
    const record = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(record.status).toBe('done');
    expect(record.iterations.map(({ iteration }) => iteration)).toEqual(Array.from({ length: iterations + 1 }, (_, index) => index));
    expect(await readIterates(watched, run?.id ?? '')).toHaveLength(iterations + 1);
    expect(watched.notices).toEqual(['The record keeper ended unexpectedly and was started again.']);
  });
});

describe('a database that another program locks', () => {
  it('for a moment: the row waits, is done, and its record is complete', async () => {
    const place = workspace();
    const watched = await startWatched(place);
    const [run] = await startRows(watched, [6], { devices: ['cpu'] });
    await watched.until((event) => event.kind === 'iteration');
    const other = new Sqlite(`${place}/tomobench.sqlite`);
    other.exec('BEGIN IMMEDIATE');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    other.exec('ROLLBACK');
    other.close();
    await (await watched.program.queue).idle();
    const record = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(record.status).toBe('done');
    expect(record.iterations).toHaveLength(7);
    expect(watched.notices).toEqual([]);
  });

  it('for longer than a single write is tried: that is said once, what is recorded can be read, and nothing is lost', async () => {
    const place = workspace();
    const watched = await startWatched(place);
    const [run] = await startRows(watched, [6], { devices: ['cpu'] });
    await watched.until(iterationOf(run, 2));
    const other = new Sqlite(`${place}/tomobench.sqlite`);
    other.exec('BEGIN IMMEDIATE');
    await expect.poll(() => watched.notices, { timeout: 20_000 }).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 8000));
    const meanwhile = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(meanwhile.status).toBe('running');
    expect(meanwhile.iterations.length).toBeLessThan(7);
    expect(await readIterates(watched, run?.id ?? '')).toHaveLength(meanwhile.iterations.length);
    other.exec('ROLLBACK');
    other.close();
    await (await watched.program.queue).idle();
    const record = await watched.program.store.call('getRun', { id: run?.id ?? '' });
    expect(record.status).toBe('done');
    expect(record.iterations.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(watched.notices).toEqual([expect.stringMatching(/tomobench\.sqlite is in use by another program/)]);
  });
});
