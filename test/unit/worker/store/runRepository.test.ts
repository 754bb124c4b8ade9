/** What is written about runs comes back as it was, in order, and wrong requests are refused in words. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runDetailSchema, runSchema } from '../../../../src/shared/runs';
import { type OpenWorkspace, openWorkspace } from '../../../../src/worker/store/openWorkspace';
import { RunRepository } from '../../../../src/worker/store/runRepository';
import { experimentRecord, experimentRow, iterationRecord, newRun } from '../../../fixtures/records';

let folder: string;
let workspace: OpenWorkspace;
let runs: RunRepository;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-runs-'));
  workspace = openWorkspace(folder, 'owner');
  runs = new RunRepository(workspace.database, 'owner');
  runs.createExperiment(experimentRecord('e'), [newRun('a', 0), newRun('b', 1)]);
});
afterEach(() => {
  workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

it('creates queued runs that satisfy the shared schema', () => {
  const [first] = runs.listRuns();
  expect(runSchema.parse(first)).toEqual(first);
  expect(first).toMatchObject({ id: 'a', experiment_id: 'e', status: 'queued', iterations_done: 0, psnr: null, error: null, time_sec: 0 });
  expect(first?.row).toEqual(experimentRow(0, 1));
  expect(runs.getExperiment('e')).toEqual(experimentRecord('e'));
});

it('keeps what people write on a run', () => {
  const annotation = { starred: true, tags: ['paper', 'figure 3'], note: 'The shell is thinner here.\nLook again.' };
  runs.updateRun('a', { annotation });
  expect(runs.getRun('a').annotation).toEqual(annotation);
  expect(runs.getRun('b').annotation).toEqual({ starred: false, tags: [], note: '' });
});

it('can create the same experiment twice without doubling it', () => {
  runs.createExperiment(experimentRecord('e'), [newRun('a', 0), newRun('b', 1)]);
  expect(runs.listRuns()).toHaveLength(2);
});

it('gives back iterations with every step column of every rank', () => {
  const iterations = [0, 1, 2].map((iteration) => iterationRecord(iteration, 3));
  for (const iteration of iterations) runs.addIteration('a', iteration);
  const detail = runs.getRun('a');
  expect(detail.iterations).toEqual(iterations);
  expect(runDetailSchema.parse(detail)).toEqual(detail);
});

it('updates the run with its newest iteration', () => {
  runs.addIteration('a', iterationRecord(0));
  expect(runs.addIteration('a', iterationRecord(1))).toMatchObject({
    iterations_done: 1,
    psnr: 21,
    initial_psnr: 20,
    time_sec: 2,
    peak_memory_mb: 311,
  });
  const lower = iterationRecord(2, 1);
  expect(runs.addIteration('a', lower)).toMatchObject({ iterations_done: 2, psnr: 22, peak_memory_mb: 311 });
});

it('replaces an iteration that is sent twice', () => {
  runs.addIteration('a', iterationRecord(1));
  runs.addIteration('a', { ...iterationRecord(1), psnr: 33 });
  expect(runs.getRun('a').iterations.map((iteration) => [iteration.psnr, iteration.ranks.length])).toEqual([[33, 2]]);
});

it('keeps metrics that are no numbers as none', () => {
  const run = runs.addIteration('a', { ...iterationRecord(1), psnr: Number.POSITIVE_INFINITY, ssim: Number.NaN });
  expect(run).toMatchObject({ psnr: null, ssim: null });
  expect(runSchema.safeParse(run).success).toBe(true);
});

it('stores only what a patch names', () => {
  const provenance = {
    data_path: '/data/walnut.pt',
    data_sha256: 'ab',
    model_name: null,
    model_sha256: null,
    devices: ['cpu', 'cpu'],
    provider: null,
    precision: null,
    versions: { tomobench: '0.1.0' },
    machine: {},
    git: { commit: 'abc', changed: true },
    seeds: { norm: 1 },
    timings: { read_sec: 0.5 },
    notes: ['gpu:2 ran on 2 CPU workers'],
  };
  runs.updateRun('a', { status: 'running', started_at: '2026-01-01T00:00:00.000Z', provenance });
  const run = runs.updateRun('a', { status: 'failed', error: { message: 'Why.', details: 'stack' } });
  expect(run).toMatchObject({
    status: 'failed',
    started_at: '2026-01-01T00:00:00.000Z',
    provenance,
    error: { message: 'Why.', details: 'stack' },
  });
  expect(runs.updateRun('a', { error: null }).error).toBeNull();
});

it.each([
  ['an unknown run', () => runs.getRun('nobody'), /no run nobody/],
  ['an iteration of an unknown run', () => runs.addIteration('nobody', iterationRecord(1)), /no run nobody/],
  ['a log of an unknown run', () => runs.addLog('nobody', ['x']), /no run nobody/],
  ['an unknown experiment', () => runs.getExperiment('nothing'), /no experiment nothing/],
  ['a column that is none', () => runs.updateRun('a', { 'status = 1; --': 'x' } as never), /no column/],
  ['a status that is none', () => runs.updateRun('a', { status: 'odd' as never }), /CHECK constraint/],
  ['removing a run that still goes on', () => runs.removeRuns(['a']), /still queued. Cancel it first/],
])('refuses %s', (_name, attempt, sentence) => {
  expect(attempt).toThrow(sentence);
});

it('writes nothing of an iteration that cannot be written whole', () => {
  const broken = iterationRecord(1);
  const [first, second] = broken.ranks;
  expect(() => runs.addIteration('a', { ...broken, ranks: [first!, { ...second!, gradient_time_sec: Number.NaN }] })).toThrow();
  expect(runs.getRun('a')).toMatchObject({ iterations: [], iterations_done: 0 });
});

it('removes ended runs with all that belongs to them and answers their folders', () => {
  for (const iteration of [0, 1, 2]) runs.addIteration('a', iterationRecord(iteration));
  runs.addLog('a', ['line']);
  runs.addTelemetry('a', { columns: ['cpu_percent'], time_sec: [1], values: [[5]], steps: [] });
  runs.updateRun('a', { status: 'done' });
  expect(runs.removeRuns(['a'])).toEqual(['runs/a']);
  for (const table of ['iterations', 'rank_steps', 'log', 'telemetry']) {
    expect(workspace.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()).toEqual({ count: 0 });
  }
  expect(runs.getExperiment('e').id).toBe('e');
  runs.updateRun('b', { status: 'cancelled' });
  runs.removeRuns(['b']);
  expect(() => runs.getExperiment('e')).toThrow(/no experiment/);
});

it('keeps the log in order, its end when it is long, and cuts endless lines', () => {
  runs.addLog('a', ['first', 'x'.repeat(100_000)]);
  expect(runs.getRun('a').log.map((line) => line.length)).toEqual([5, 4000]);
  runs.addLog(
    'a',
    Array.from({ length: 6000 }, (_, index) => `line ${index}`),
  );
  const { log } = runs.getRun('a');
  expect(log).toHaveLength(5000);
  expect(log.at(-1)).toBe('line 5999');
});

it('lists by status and keeps 1,000 runs in the order of their creation', () => {
  const many = Array.from({ length: 1000 }, (_, index) => newRun(`many-${index}`, index));
  runs.createExperiment(experimentRecord('many'), many);
  runs.updateRun('many-500', { status: 'done' });
  expect(runs.listRuns()).toHaveLength(1002);
  expect(runs.listRuns(['done']).map((run) => run.id)).toEqual(['many-500']);
  expect(
    runs
      .listRuns()
      .slice(2)
      .map((run) => run.id),
  ).toEqual(many.map((run) => run.id));
});

it('keeps settings of any shape', () => {
  expect(runs.getSetting('session')).toBeUndefined();
  runs.setSetting('session', { theme: 'dark', list: [1, 2] });
  runs.setSetting('session', { theme: 'light' });
  expect(runs.getSetting('session')).toEqual({ theme: 'light' });
});

it('joins blocks of telemetry whose columns differ, with nothing where a value is not known', () => {
  runs.addTelemetry('a', { columns: ['cpu_percent'], time_sec: [0.5, 1], values: [[50], [null]], steps: [{ time_sec: 0, step: 'read' }] });
  runs.addTelemetry('a', {
    columns: ['rank0_memory_mib', 'cpu_percent'],
    time_sec: [1.5],
    values: [[128, 75]],
    steps: [{ time_sec: 1.25, step: 'denoise' }],
  });
  expect(runs.getTelemetry('a')).toEqual({
    columns: ['cpu_percent', 'rank0_memory_mib'],
    time_sec: [0.5, 1, 1.5],
    values: [
      [50, null],
      [null, null],
      [75, 128],
    ],
    steps: [
      { time_sec: 0, step: 'read' },
      { time_sec: 1.25, step: 'denoise' },
    ],
  });
  expect(runs.getTelemetry('b').time_sec).toEqual([]);
});

it('keeps one probe for each kind, circumstances, subject, version and size', () => {
  const which = { kind: 'row', circumstances: 'cpu', subject: 'row', version: '1' } as const;
  const result = (seconds: number) => ({ ranksMiB: [10, 12], seconds, gradientSeconds: 0.5, denoiseSeconds: 0.1 });
  runs.addProbe({ ...which, size: 'PnP', result: result(1) });
  runs.addProbe({ ...which, size: 'PnP', result: result(2) });
  runs.addProbe({ ...which, version: '2', size: 'PnP', result: result(9) });
  expect(runs.listProbes(which)).toEqual([{ ...which, size: 'PnP', result: result(2) }]);
});

it('remembers which run a retry repeats', () => {
  const created = runs.createExperiment(experimentRecord('e'), [{ ...newRun('c', 2), retryOf: 'a' }]);
  expect(created[0]?.retry_of).toBe('a');
});

describe('runs that are queued again', () => {
  const resume = (iteration: number) => ({
    iteration,
    numbers: { eta: 0.1 + 0.2 },
    volumes: { momentum: `runs/a/state-${iteration}.npy` },
  });

  beforeEach(() => {
    runs.updateRun('a', { status: 'running', started_at: '2026-01-02T03:05:00.000Z' });
    for (const iteration of [0, 1, 2, 3])
      runs.addIteration('a', iterationRecord(iteration), iteration % 2 === 0 ? resume(iteration) : null);
    runs.updateRun('a', {
      status: 'failed',
      error: { message: 'Worker 0 ended.', details: null },
      finished_at: '2026-01-02T03:06:00.000Z',
    });
  });

  it('go on from the newest kept iterate; what came after it is taken out of the record', () => {
    const [reopened] = runs.reopenRuns(['a'], false);
    const kept = iterationRecord(2);
    expect(reopened?.from).toEqual({ ...resume(2), timeSec: kept.time_sec, iterateFile: kept.volume_file });
    expect(reopened?.run).toMatchObject({ status: 'queued', error: null, started_at: null, finished_at: null, iterations_done: 2 });
    expect(reopened?.run).toMatchObject({ psnr: kept.psnr, time_sec: kept.time_sec, initial_psnr: iterationRecord(0).psnr });
    expect(runs.getRun('a').iterations.map(({ iteration }) => iteration)).toEqual([0, 1, 2]);
    // Asked once more after the store process died.
    expect(runs.reopenRuns(['a'], false)).toEqual([reopened]);
  });

  it('start anew where nothing can be used', () => {
    const [reopened] = runs.reopenRuns(['a'], true);
    expect(reopened).toMatchObject({ from: null, run: { iterations_done: 0, psnr: null, initial_psnr: null, time_sec: 0 } });
    expect(runs.getRun('a').iterations).toEqual([]);
    expect(runs.reopenRuns(['a'], false)[0]?.from).toBeNull();
  });

  it('are refused while they run elsewhere, and once they are done', () => {
    runs.updateRun('a', { status: 'running' });
    expect(() => runs.reopenRuns(['a'], false)).toThrow(/still running/);
    runs.updateRun('a', { status: 'done', stop_reason: 'max_runs' });
    expect(() => runs.reopenRuns(['a'], false)).toThrow(/is done/);
  });

  it('are found by their key', () => {
    expect(runs.findByKey(['key-a', 'no such key', "'"]).map(({ id }) => id)).toEqual(['a']);
  });
});
