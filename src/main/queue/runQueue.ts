/** The queue of runs: one row at a time, each recorded as it happens; a row that fails never ends the sweep. */
import { randomUUID } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runKeyText } from '../../engine/plan/runKey';
import type { QueueState } from '../../shared/contract';
import { toErrorMessage, UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';
import type { Run, RunStatus } from '../../shared/runs';
import type { DataMethods, MachineInfo, RunPatch, StoreMethods } from '../../shared/workerMessages';
import { executeRow, pnpChoice, RowControl } from '../coordinator/executeRow';
import { planRanks } from '../coordinator/rowPlan';
import type { Launcher } from '../processes/launcher';
import type { WorkerCalls } from '../processes/workerClient';
import { hashFile, hashText } from './hashFile';
import { findModelFile } from './modelFile';
import type { QueueEvent, RunQueue, StartRequest } from './queueTypes';
import { RunRecorder } from './runRecorder';

export interface RunQueueOptions {
  readonly launcher: Launcher;
  readonly store: WorkerCalls<StoreMethods>;
  readonly data: WorkerCalls<DataMethods>;
  /** What the machine offers; asked once. */
  readonly machine: MachineInfo;
  /** Folder of the database and of the kept iterates. */
  readonly workspace: string;
  /** Folder of the shipped models. */
  readonly modelsFolder: string;
  readonly appVersion: string;
}

interface Job {
  readonly run: Run;
  readonly request: StartRequest;
  readonly dataHash: string;
  readonly model: Model;
}

interface Model {
  readonly path: string;
  readonly name: string;
  readonly hash: string;
}

export function createRunQueue(options: RunQueueOptions): RunQueue {
  return new SerialRunQueue(options);
}

class SerialRunQueue implements RunQueue {
  private readonly waiting: Job[] = [];
  private readonly listeners = new Set<(event: QueueEvent) => void>();
  private readonly modelHashes = new Map<string, Promise<string>>();
  private running: {
    readonly job: Job;
    readonly control: RowControl;
    readonly recorder: RunRecorder;
    readonly ended: Promise<void>;
  } | null = null;
  private paused = false;
  private closed = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: RunQueueOptions) {}

  async start(request: StartRequest): Promise<{ experimentId: string; runs: Run[] }> {
    if (request.rows.length === 0) throw new UserError('There is no row to run. Choose at least one row of the grid.');
    await stat(request.dataPath);
    const { sha256: dataHash } = await this.options.data.call('contentHash', { path: request.dataPath });
    const models = new Map<string, Model>();
    for (const row of request.rows) {
      const denoiser = row.solver.denoiser;
      if (!models.has(denoiser)) models.set(denoiser, await this.findModel(request.modelPath ?? denoiser));
    }
    const modelOf = (row: ExperimentRow): Model => models.get(row.solver.denoiser) as Model;

    const planned = request.rows.flatMap((row, position) =>
      Array.from({ length: row.n_repetitions }, (_, repetition) => ({
        id: randomUUID(),
        label: request.labels[position] ?? `row ${row.index}`,
        row,
        repetition,
        key: hashText(runKeyText(row, { dataHash, modelHash: modelOf(row).hash, codeVersion: this.options.appVersion, repetition })),
      })),
    );
    const done = request.resume ? await this.options.store.call('listRuns', { status: ['done'] }) : [];
    const finished = planned.flatMap(({ key }) => done.find((run) => run.key === key) ?? []);
    const finishedKeys = new Set(finished.map((run) => run.key));
    const fresh = planned.filter(({ key }) => !finishedKeys.has(key));
    const experimentId = randomUUID();
    const created =
      fresh.length === 0
        ? []
        : await this.options.store.call('createExperiment', {
            experiment: {
              id: experimentId,
              name: request.name,
              config_text: request.configText,
              data_path: request.dataPath,
              created_at: new Date().toISOString(),
            },
            runs: fresh,
          });
    for (const run of created) {
      this.waiting.push({ run, request, dataHash, model: modelOf(run.row) });
      this.emit({ kind: 'run', run });
    }
    this.changed();
    this.pump();
    return { experimentId, runs: [...finished, ...created].sort((a, b) => a.row.index - b.row.index || a.repetition - b.repetition) };
  }

  finishNow(runId: string): void {
    if (this.running?.job.run.id === runId) this.running.control.finishNow();
  }

  async cancel(runId: string): Promise<void> {
    if (this.running?.job.run.id === runId) {
      this.running.control.cancel();
      await this.running.ended;
      return;
    }
    const index = this.waiting.findIndex((job) => job.run.id === runId);
    if (index < 0) return;
    this.waiting.splice(index, 1);
    await this.update(runId, { status: 'cancelled', finished_at: new Date().toISOString() });
    this.changed();
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.changed();
    this.pump();
  }

  state(): QueueState {
    return {
      paused: this.paused,
      runningRunId: this.running?.job.run.id ?? null,
      queued: this.waiting.length,
      etaSec: this.running?.recorder.etaSec(this.waiting.map((job) => job.run.row.max_runs)) ?? null,
    };
  }

  idle(): Promise<void> {
    if (!this.running && (this.waiting.length === 0 || this.paused || this.closed)) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  onEvent(listener: (event: QueueEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    const waiting = this.waiting.splice(0);
    if (this.running) {
      this.running.control.cancel();
      await this.running.ended;
    }
    for (const { run } of waiting) {
      await this.update(run.id, {
        status: 'cancelled',
        finished_at: new Date().toISOString(),
        error: { message: 'The program was closed before this run began.', details: null },
      });
    }
  }

  private async findModel(name: string): Promise<Model> {
    const { path, name: shownName } = await findModelFile(name, this.options.modelsFolder);
    const hash = this.modelHashes.get(path) ?? hashFile(path);
    this.modelHashes.set(path, hash);
    return { path, name: shownName, hash: await hash };
  }

  private pump(): void {
    const job = this.running || this.paused || this.closed ? undefined : this.waiting.shift();
    if (!job) {
      this.settleIfIdle();
      return;
    }
    const control = new RowControl();
    const recorder = new RunRecorder(job.run, this.options.store, (event) => this.emit(event));
    let markEnded = (): void => {};
    const ended = new Promise<void>((resolve) => {
      markEnded = resolve;
    });
    this.running = { job, control, recorder, ended };
    this.changed();
    void this.runJob(job, control, recorder).finally(() => {
      this.running = null;
      markEnded();
      this.changed();
      this.pump();
    });
  }

  private settleIfIdle(): void {
    if (this.running || (this.waiting.length > 0 && !this.paused && !this.closed)) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Runs one job to its end; every way it can end becomes a status of the run. Never rejects. */
  private async runJob(job: Job, control: RowControl, recorder: RunRecorder): Promise<void> {
    const { run, request, model } = job;
    let patch: RunPatch;
    try {
      const folder = join('runs', run.id);
      await mkdir(join(this.options.workspace, folder), { recursive: true });
      const plan = planRanks(run.row, this.options.machine, request.devices);
      await this.update(run.id, { status: 'running', started_at: new Date().toISOString() });
      const { dataHash } = job;
      const outcome = await executeRow(
        this.options.launcher,
        {
          row: run.row,
          solver: pnpChoice(run.row),
          plan,
          dataPath: request.dataPath,
          voxelSizeMm: request.voxelSizeMm,
          modelPath: model.path,
          keepAs: (iteration, isLast) => {
            if (!isLast && iteration % request.saveEvery !== 0) return null;
            const name = `iterate-${String(iteration).padStart(4, '0')}.npy`;
            return { path: join(this.options.workspace, folder, name), record: `runs/${run.id}/${name}` };
          },
        },
        control,
        recorder.listener({
          plan,
          dataPath: request.dataPath,
          dataHash,
          model,
          machine: this.options.machine,
          appVersion: this.options.appVersion,
        }),
      );
      patch = { status: 'done', stop_reason: outcome.stopReason };
    } catch (error) {
      const { message, code, details } = toErrorMessage(error);
      const status: RunStatus =
        code === 'cancelled' ? 'cancelled' : code === 'out_of_memory' ? 'out_of_memory' : code === 'timed_out' ? 'timed_out' : 'failed';
      patch = { status, error: status === 'cancelled' ? null : { message, details: details ?? null } };
      recorder.log(message);
    }
    try {
      await recorder.flush();
      await this.update(run.id, { ...patch, finished_at: new Date().toISOString() });
    } catch (error) {
      // The record itself failed (disk full, store gone): say so to whoever listens; the next row still gets its chance.
      const { message, details } = toErrorMessage(error);
      this.emit({ kind: 'run', run: { ...run, status: 'failed', error: { message, details: details ?? null } } });
    }
  }

  private async update(id: string, patch: RunPatch): Promise<void> {
    this.emit({ kind: 'run', run: await this.options.store.call('updateRun', { id, patch }) });
  }

  private changed(): void {
    this.emit({ kind: 'queue', state: this.state() });
  }

  private emit(event: QueueEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
