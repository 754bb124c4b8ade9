/** The queue of runs: one row at a time, each recorded as it happens; a row that fails never ends the sweep. */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { predictRow } from '../../engine/plan/predict';
import { runKeyText } from '../../engine/plan/runKey';
import { planTiles } from '../../engine/tiling/tiles';
import type { QueueState } from '../../shared/contract';
import { type MemoryShortage, toErrorMessage, UserError } from '../../shared/errors';
import { usesNetwork, windowsOf } from '../../shared/experiment';
import { hasEnded, type Run, type RunSettings, type RunStatus } from '../../shared/runs';
import type { MachineInfo, ReopenedFrom, RunPatch, StoreMethods } from '../../shared/workerMessages';
import { executeRow, type KeptState, RowControl } from '../coordinator/executeRow';
import { planRanks } from '../coordinator/rowPlan';
import { type GitState, readGitState } from '../processes/gitState';
import { groupMemory } from '../processes/groupMemory';
import type { Launcher } from '../processes/launcher';
import type { WorkerCalls } from '../processes/workerClient';
import { type DataCalls, dataTask } from './dataTask';
import { hashText } from './hashFile';
import { type Model, ModelFinder, type PlannedRun, planRuns, type SettledRequest } from './planRuns';
import { Preflight } from './preflight';
import type { QueueEvent, RunQueue, ShowWork, StartRequest } from './queueTypes';
import type { ForecastRequest } from './rowNeeds';
import { RunFiles } from './runFiles';
import { RunRecorder } from './runRecorder';
import { RunTelemetry } from './runTelemetry';
import { anyAuto } from './settleRows';

export interface RunQueueOptions {
  readonly launcher: Launcher;
  readonly store: WorkerCalls<StoreMethods>;
  readonly data: DataCalls;
  /** What the machine offers; asked once. */
  readonly machine: MachineInfo;
  /** Folder of the database and of the kept iterates. */
  readonly workspace: string;
  /** Folder of the shipped models. */
  readonly modelsFolder: string;
  readonly appVersion: string;
  /** Folder of the program's own sources, whose commit is recorded. */
  readonly programFolder: string;
}

/** Runs between two looks at what else the program has to do. */
const TOLD_AT_ONCE = 100;
const unshown: ShowWork = (_, work) => work({});

interface Job {
  readonly run: Run;
  readonly settings: RunSettings;
  readonly dataPath: string;
  readonly dataHash: string;
  /** null for solvers without a network. */
  readonly model: Model | null;
  /** What an earlier attempt of this run left; null: from the start. */
  readonly from: ReopenedFrom | null;
}

export function createRunQueue(options: RunQueueOptions): RunQueue {
  return new SerialRunQueue(options);
}

class SerialRunQueue implements RunQueue {
  private readonly waiting: Job[] = [];
  private readonly listeners = new Set<(event: QueueEvent) => void>();
  private readonly models: ModelFinder;
  private readonly git: Promise<GitState | null>;
  private readonly preflight: Preflight;
  private running: {
    readonly job: Job;
    readonly control: RowControl;
    readonly recorder: RunRecorder;
    readonly ended: Promise<void>;
  } | null = null;
  private paused = false;
  private closed = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: RunQueueOptions) {
    this.models = new ModelFinder(options.modelsFolder);
    this.git = readGitState(options.programFolder);
    this.preflight = new Preflight(options);
  }

  async start(request: StartRequest): Promise<{ experimentId: string; runs: Run[] }> {
    if (request.rows.length === 0) throw new UserError('There is no row to run. Choose at least one row of the grid.');
    const dataHash = await this.hashOf(request.dataPath, request.show);
    const settled = await this.settle(request);
    const planned = await planRuns(settled, dataHash, this.options.appVersion, this.models);
    const known = request.resume ? await this.knownRuns(planned) : new Map<PlannedRun, Run>();
    const fresh = planned.filter((run) => !known.has(run));
    const settings: RunSettings = {
      save_every: request.saveEvery,
      model_path: request.modelPath,
      devices: request.devices === null ? null : [...request.devices],
      memory_limit_mib: request.memoryLimitMiB,
      retry_out_of_memory: request.retryOutOfMemory,
    };
    const experiment = {
      id: randomUUID(),
      name: request.name,
      config_text: request.configText,
      data_path: request.dataPath,
      created_at: new Date().toISOString(),
      settings,
    };
    const newRuns = fresh.map(({ model: _model, chosen: _chosen, ...run }) => run);
    const created = fresh.length === 0 ? [] : await this.options.store.call('createExperiment', { experiment, runs: newRuns });
    const unfinished = [...known.values()].filter((run) => run.stop_reason !== 'max_runs');
    const reopened = await this.options.store.call('reopenRuns', { ids: unfinished.map(({ id }) => id), fromStart: false });

    const createdById = new Map(created.map((run) => [run.id, run]));
    const reopenedById = new Map(reopened.map((entry) => [entry.run.id, entry]));
    const runs: Run[] = [];
    let untold: Run[] = [];
    const tell = (): void => {
      if (untold.length > 0) this.emit({ kind: 'runs', runs: untold });
      untold = [];
    };
    for (const plan of planned) {
      // A long grid is told of in parts, so that it holds nobody up.
      if (untold.length === TOLD_AT_ONCE) {
        tell();
        await nextTurn();
      }
      const old = known.get(plan);
      const taken = old && reopenedById.get(old.id);
      let run = taken?.run ?? old ?? createdById.get(plan.id);
      if (!run) continue;
      if (hasEnded(run.status)) {
        runs.push(run);
        continue;
      }
      if (plan.chosen !== null && run.chosen === null)
        run = await this.options.store.call('updateRun', { id: run.id, patch: { chosen: plan.chosen } });
      this.waiting.push({ run, from: taken?.from ?? null, settings, dataPath: request.dataPath, dataHash, model: plan.model });
      runs.push(run);
      untold.push(run);
    }
    tell();
    this.changed();
    this.pump();
    return { experimentId: runs[0]?.experiment_id ?? experiment.id, runs };
  }

  async retry(runIds: readonly string[], show?: ShowWork): Promise<void> {
    const refusals: unknown[] = [];
    for (const [position, runId] of runIds.entries()) {
      try {
        await this.reopen(runId, show);
      } catch (error) {
        refusals.push(error);
      }
      if (position % TOLD_AT_ONCE === TOLD_AT_ONCE - 1) this.changed();
      this.pump();
    }
    this.changed();
    const [first] = refusals;
    if (first === undefined) return;
    if (runIds.length === 1) throw first;
    const { message, details } = toErrorMessage(first);
    throw new UserError(`${refusals.length} of ${runIds.length} runs cannot go on. The first of them: ${message}`, 'bad_input', details);
  }

  private async reopen(runId: string, show?: ShowWork): Promise<void> {
    const circumstances = await this.circumstancesOf(runId, show);
    const [reopened] = await this.options.store.call('reopenRuns', { ids: [runId], fromStart: false });
    if (!reopened) throw new UserError(`There is no run ${runId} in this workspace.`, 'not_found');
    this.waiting.push({ ...circumstances, ...reopened });
    this.emit({ kind: 'runs', runs: [reopened.run] });
  }

  /** What a run of before was made with. Throws UserError where its data or model are not what they were. */
  private async circumstancesOf(runId: string, show?: ShowWork): Promise<Job> {
    const { store } = this.options;
    const before = await store.call('getRun', { id: runId });
    const { settings, data_path: dataPath } = await store.call('getExperiment', { id: before.experiment_id });
    const dataHash = await this.hashOf(dataPath, show);
    const model = await this.models.of(before.row.solver, settings.model_path);
    const differing = [
      ...(before.provenance?.data_sha256 && before.provenance.data_sha256 !== dataHash ? [dataPath] : []),
      ...(model && before.provenance?.model_sha256 && before.provenance.model_sha256 !== model.hash ? [model.path] : []),
    ];
    if (differing.length > 0)
      throw new UserError(`${differing.join(' and ')} changed since this run, so it cannot go on. Start the row anew.`);
    const { iterations: _iterations, log: _log, ...run } = before;
    return { run, settings, dataPath, dataHash, model, from: null };
  }

  async retryHalved(runId: string, show?: ShowWork): Promise<void> {
    const job = await this.circumstancesOf(runId, show);
    const { label, status } = job.run;
    if (status !== 'out_of_memory') throw new UserError(`The run "${label}" did not run out of memory; there is no batch to halve.`);
    if (!(await this.retryWithHalfTheBatch(job)))
      throw new UserError(`The run "${label}" had a batch of one window: choose a smaller patch_size in its row.`);
    this.pump();
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

  move(runId: string, to: number): void {
    const from = this.waiting.findIndex((job) => job.run.id === runId);
    const [job] = from < 0 ? [] : this.waiting.splice(from, 1);
    if (!job) return;
    this.waiting.splice(to, 0, job);
    this.changed();
  }

  state(): QueueState {
    return {
      paused: this.paused,
      runningRunId: this.running?.job.run.id ?? null,
      queued: this.waiting.length,
      waiting: this.waiting.map(({ run }) => run.id),
      etaSec: this.running?.recorder.etaSec(this.waiting.map(({ run, from }) => run.row.max_runs - (from?.iteration ?? 0))) ?? null,
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

  /** The request with numbers in place of auto, chosen for this machine; probes that are missing are run. */
  private async settle(request: StartRequest): Promise<SettledRequest> {
    if (!anyAuto(request.rows)) return { ...request, chosen: null };
    const { dataPath, voxelSizeMm, modelPath, devices, memoryLimitMiB, saveEvery, rows, show = unshown } = request;
    const circumstances = { ...(await this.circumstances(dataPath)), voxelSizeMm, modelPath, devices, memoryLimitMiB, saveEvery, rows };
    const earlier = request.resume ? await this.options.store.call('listRuns', {}) : [];
    const settled = await show('Choosing windows and batches', (progress) => this.preflight.settleRows(circumstances, progress, earlier));
    return { ...request, rows: settled.map(({ row }) => row), chosen: settled.map(({ chosen }) => chosen) };
  }

  private async circumstances(dataPath: string): Promise<Pick<ForecastRequest, 'machine' | 'models' | 'scan' | 'dataPath' | 'workspace'>> {
    const { machine, workspace, data } = this.options;
    return { machine, models: this.models, scan: await data.call('inspect', { path: dataPath, voxelSizeMm: null }), dataPath, workspace };
  }

  private async hashOf(dataPath: string, show: ShowWork = unshown): Promise<string> {
    const { data } = this.options;
    await stat(dataPath);
    const { sha256 } = await show(`Computing the checksum of ${basename(dataPath)}`, (progress) =>
      dataTask(data, progress, (task) => data.call('contentHash', { path: dataPath, task })),
    );
    return sha256;
  }

  /** The runs to take up: of those with the same key one that reached its end, otherwise the newest that ended before. */
  private async knownRuns(planned: readonly PlannedRun[]): Promise<Map<PlannedRun, Run>> {
    const found = await this.options.store.call('findByKey', { keys: planned.map(({ key }) => key) });
    const byKey = new Map<string, Run[]>();
    for (const run of found.filter(({ status }) => hasEnded(status))) {
      const same = byKey.get(run.key) ?? [];
      if (run.stop_reason === 'max_runs') same.push(run);
      else same.unshift(run);
      byKey.set(run.key, same);
    }
    // A grid may hold the same row twice; each takes one of the old runs. Runs that reached their end stand last.
    const known = new Map<PlannedRun, Run>();
    for (const plan of planned) {
      const same = byKey.get(plan.key) ?? [];
      const run = same.at(-1)?.stop_reason === 'max_runs' ? same.pop() : same.shift();
      if (run) known.set(plan, run);
    }
    return known;
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
    const { run } = job;
    const files = new RunFiles(this.options.workspace, run.id, job.from);
    let patch: RunPatch;
    try {
      await files.prepare();
      const from = await this.restore(job, files, recorder);
      await this.update(run.id, { status: 'running', started_at: new Date().toISOString(), prediction: await this.predict(job) });
      patch = { status: 'done', stop_reason: await this.execute(job, control, recorder, files, from) };
    } catch (error) {
      const { message, code, details, shortage } = toErrorMessage(error);
      const status: RunStatus =
        code === 'cancelled' ? 'cancelled' : code === 'out_of_memory' ? 'out_of_memory' : code === 'timed_out' ? 'timed_out' : 'failed';
      patch = {
        status,
        error:
          status === 'cancelled' ? null : { message, details: details ?? null, ...(code === 'worker_killed' && { worker_killed: true }) },
      };
      if (status === 'out_of_memory') {
        patch = { ...patch, memory_failure: memoryFailure(shortage), ...peakOf(run, shortage) };
      }
      recorder.log(message);
    }
    try {
      await recorder.flush();
      await this.update(run.id, { ...patch, finished_at: new Date().toISOString() });
      if (patch.status === 'out_of_memory' && job.settings.retry_out_of_memory) await this.retryWithHalfTheBatch(job);
    } catch (error) {
      // The record itself failed (disk full, store gone): say so to whoever listens; the next row still gets its chance.
      const { message, details } = toErrorMessage(error);
      this.emit({ kind: 'runs', runs: [{ ...run, status: 'failed', error: { message, details: details ?? null } }] });
    }
  }

  /** From the probes there are; null where they do not suffice. */
  private async predict({ run, dataPath, settings }: Job): Promise<Run['prediction']> {
    const { model_path: modelPath, devices } = settings;
    try {
      const circumstances = { ...(await this.circumstances(dataPath)), voxelSizeMm: null, modelPath, devices };
      return (await this.preflight.known(run.row, circumstances)).needed?.prediction ?? null;
    } catch (error) {
      // Whatever is wrong with the row ends the run with a better sentence than this one.
      if (error instanceof UserError) return null;
      throw error;
    }
  }

  /** Queues the row again, next, with half the batch that ran out of memory; a run of its own, linked to the first. False where it cannot be halved. */
  private async retryWithHalfTheBatch(job: Job): Promise<boolean> {
    const { run, dataHash, model } = job;
    const smaller = await this.halfTheBatch(job);
    if (smaller === null) return false;
    const { store, appVersion } = this.options;
    if (!usesNetwork(run.row.solver)) return false;
    const row = { ...run.row, solver: { ...run.row.solver, max_batch_size: smaller } };
    const key = hashText(
      runKeyText(row, { dataHash, modelHash: model?.hash ?? null, codeVersion: appVersion, repetition: run.repetition }),
    );
    const label = `${run.label}, again with max_batch_size ${smaller}`;
    const experiment = await store.call('getExperiment', { id: run.experiment_id });
    const next = { id: randomUUID(), key, label, row, repetition: run.repetition, retryOf: run.id };
    const [created] = await store.call('createExperiment', { experiment, runs: [next] });
    if (!created) return false;
    this.waiting.unshift({ ...job, run: created, from: null });
    this.emit({ kind: 'runs', runs: [created] });
    this.changed();
    return true;
  }

  /** null where a batch of one window was too much already, or the solver has no network. */
  private async halfTheBatch({ run, dataPath, settings }: Job): Promise<number | null> {
    const { solver } = run.row;
    if (!usesNetwork(solver)) return null;
    const { patch_size, overlap, max_batch_size: batch } = windowsOf(solver);
    if (batch === 1) return null;
    if (batch > 1) return Math.floor(batch / 2);
    const { geometry } = await this.options.data.call('inspect', { path: dataPath, voxelSizeMm: null });
    const tiling = planTiles(geometry.volumeShape, patch_size, overlap);
    const ranks = planRanks(run.row, this.options.machine, settings.devices).devices.length;
    const { patchesPerRank } = predictRow(solver, tiling, ranks);
    return patchesPerRank > 1 ? Math.floor(patchesPerRank / 2) : null;
  }

  /** What the run goes on from; where its files are gone it starts again from the beginning. */
  private async restore({ run, from }: Job, files: RunFiles, recorder: RunRecorder): Promise<KeptState | null> {
    if (!from) return null;
    const restored = await files.restore(from);
    if (restored) {
      recorder.log(`Goes on after iteration ${restored.iteration}, from ${from.iterateFile}.`);
      return restored;
    }
    recorder.log(`${from.iterateFile}, or what was kept with it, is gone: the run starts again from the beginning.`);
    await this.options.store.call('reopenRuns', { ids: [run.id], fromStart: true });
    return null;
  }

  private async execute(
    { run, settings, dataPath, dataHash, model }: Job,
    control: RowControl,
    recorder: RunRecorder,
    files: RunFiles,
    from: KeptState | null,
  ): Promise<Run['stop_reason']> {
    const { launcher, machine, appVersion, data, store } = this.options;
    const plan = planRanks(run.row, machine, settings.devices);
    const telemetry = new RunTelemetry(run.id, { data, store, gpus: plan.devices.some((device) => device !== 'cpu') });
    const outcome = await executeRow(
      telemetry.watching(launcher),
      {
        row: run.row,
        plan,
        dataPath,
        voxelSizeMm: null,
        modelPath: model?.path ?? null,
        memoryLimitMiB: settings.memory_limit_mib ?? groupMemory().limitMiB,
        keepAs: (iteration, isLast) => (isLast || iteration % settings.save_every === 0 ? files.iterate(iteration) : null),
        keepMemoryAs: (iteration, name) => files.state(iteration, name),
        from,
      },
      control,
      recorder.listener({ plan, dataPath, dataHash, model, machine, appVersion, git: await this.git, files, from, telemetry }),
    ).finally(() => telemetry.end());
    await recorder.noteOtherLoad(plan, telemetry.otherCores(), machine.logicalCores);
    if (outcome.stopReason === 'max_runs') await files.forgetOlderState(null);
    return outcome.stopReason;
  }

  private async update(id: string, patch: RunPatch): Promise<void> {
    this.emit({ kind: 'runs', runs: [await this.options.store.call('updateRun', { id, patch })] });
  }

  private changed(): void {
    this.emit({ kind: 'queue', state: this.state() });
  }

  private emit(event: QueueEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

function memoryFailure(shortage: MemoryShortage | undefined): NonNullable<Run['memory_failure']> {
  return {
    rank: shortage?.rank ?? null,
    step: shortage?.step ?? 'unknown',
    requested_mib: shortage?.requestedMiB ?? null,
    peak_mib: shortage?.peakMiB ?? null,
    limit_mib: shortage?.limitMiB ?? null,
    how: shortage?.limitMiB === undefined || shortage.limitMiB === null ? 'killed' : 'refused',
  };
}

/** The peak of a row that never ended an iteration is known from its failure alone. MB. */
function peakOf(run: Run, shortage: MemoryShortage | undefined): RunPatch {
  const peak = shortage?.peakMiB;
  return peak === undefined || peak === null ? {} : { peak_memory_mb: Math.max(run.peak_memory_mb ?? 0, (peak * 2 ** 20) / 1e6) };
}
