// What stands behind the window, without a window: starts it with its worker processes watched, and runs small rows of quickstart in its queue.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { loadConfig } from '../../src/engine/plan/planConfig';
import { type Program, startProgram } from '../../src/main/app/program';
import type { Launcher, WorkerEntry } from '../../src/main/processes/launcher';
import type { QueueEvent, StartRequest } from '../../src/main/queue/queueTypes';
import type { ExperimentRow } from '../../src/shared/experiment';
import type { Run } from '../../src/shared/runs';
import type { WorkerRequest } from '../../src/shared/workerMessages';
import { pnpOf } from '../pnpOf';
import { launcher, root, walnutTiny } from './rows';

export interface Watched {
  readonly program: Program;
  readonly notices: string[];
  /** Process numbers by kind, in the order they were started. */
  readonly pids: Map<WorkerEntry, number[]>;
  readonly events: QueueEvent[];
  /** Resolves with the first event that `wanted` accepts, past or future. */
  until(wanted: (event: QueueEvent) => boolean): Promise<void>;
}

export interface Watching {
  /** Called with each request just before the worker gets it. */
  readonly onRequest?: (entry: WorkerEntry, request: Extract<WorkerRequest, { kind: 'request' }>, pid: number) => void;
}

const programs: Program[] = [];

/** Starts programs that are closed after each test of the file. */
export function closeProgramsAfterEach(): void {
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.close();
  });
}

export async function startWatched(workspace: string, watching: Watching = {}): Promise<Watched> {
  const pids = new Map<WorkerEntry, number[]>();
  const watchingLauncher: Launcher = (entry, name) => {
    const worker = launcher(entry, name);
    const pid = worker.pid ?? 0;
    pids.set(entry, [...(pids.get(entry) ?? []), pid]);
    return {
      ...worker,
      pid,
      post: (message) => {
        if (message.kind === 'request') watching.onRequest?.(entry, message, pid);
        worker.post(message);
      },
    };
  };
  const notices: string[] = [];
  const program = await startProgram({
    launcher: watchingLauncher,
    workspace,
    modelsFolder: join(root, 'resources', 'models'),
    version: 'test',
    programFolder: root,
    notice: (text) => notices.push(text),
  });
  programs.push(program);
  const events: QueueEvent[] = [];
  const waiting = new Set<() => void>();
  (await program.queue).onEvent((event) => {
    events.push(event);
    for (const check of waiting) check();
  });
  const until = (wanted: (event: QueueEvent) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!events.some(wanted)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { program, notices, pids, events, until };
}

/** A row of quickstart that is small enough for walnut-tiny. */
export function tinyRow(index: number, iterations: number): ExperimentRow {
  const row = loadConfig(readFileSync(join(root, 'configs', 'quickstart.yml'), 'utf8'), 'quickstart.yml').rows[0];
  if (!row) throw new Error('quickstart.yml has no row');
  return {
    ...row,
    index,
    max_runs: iterations,
    dataset: { ...row.dataset, num_projections: 12 },
    solver: { ...pnpOf(row), patch_size: [20, 20, 20], overlap: [4, 6, 6], max_batch_size: 2 },
  };
}

/** Queues one row for each number of iterations. */
export async function startRows({ program }: Watched, iterations: readonly number[], change: Partial<StartRequest> = {}): Promise<Run[]> {
  const queue = await program.queue;
  const rows = iterations.map((count, index) => tinyRow(index, count));
  const { runs } = await queue.start({
    name: 'trial',
    configText: '',
    dataPath: walnutTiny,
    rows,
    labels: rows.map((row) => `row ${row.index}`),
    saveEvery: 1,
    voxelSizeMm: null,
    modelPath: null,
    devices: null,
    resume: false,
    memoryLimitMiB: null,
    retryOutOfMemory: false,
    ...change,
  });
  return runs;
}

export const iterationOf = (run: Run | undefined, iteration: number) => (event: QueueEvent) =>
  event.kind === 'iteration' && event.runId === run?.id && event.iteration.iteration >= iteration;

/** Reads the middle slice of every kept iterate; answers their numbers. Throws where one cannot be read. */
export async function readIterates({ program }: Watched, runId: string): Promise<number[]> {
  const { iterations } = await program.store.call('getRun', { id: runId });
  const kept = iterations.filter((iteration) => iteration.volume_file !== null);
  for (const { volume_file } of kept) {
    const source = { kind: 'npy', path: join(program.workspace, volume_file ?? ''), voxelSizeMm: 1, title: '' } as const;
    const { bytes } = await program.data.call('slice', { source, axis: 0, index: 20 });
    if (bytes.byteLength !== 40 * 40 * 4) throw new Error(`${volume_file} has a slice of ${bytes.byteLength} bytes.`);
  }
  return kept.map((iteration) => iteration.iteration);
}

/** SHA-256 of the newest kept iterate of each run. */
export async function lastIterates({ program }: Watched, runs: readonly Run[]): Promise<string[]> {
  const digests: string[] = [];
  for (const { id } of runs) {
    const { iterations } = await program.store.call('getRun', { id });
    const file = iterations.findLast(({ volume_file }) => volume_file !== null)?.volume_file ?? '';
    digests.push(
      createHash('sha256')
        .update(readFileSync(join(program.workspace, file)))
        .digest('hex'),
    );
  }
  return digests;
}
