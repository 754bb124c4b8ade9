/** Reads and writes runs with prepared statements; every method is one transaction and can be repeated after a crash without harm. */
import { posix } from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { UserError } from '../../shared/errors';
import {
  type ExperimentRecord,
  hasEnded,
  type Iteration,
  type ResumeRecord,
  type Run,
  type RunDetail,
  type RunStatus,
  resumeRecordSchema,
  runSettingsSchema,
  type Telemetry,
} from '../../shared/runs';
import type { NewRun, ProbeRecord, ReopenedFrom, RunPatch } from '../../shared/workerMessages';
import { addProbe, listProbes } from './probeTable';
import {
  type ColumnValue,
  finiteOrNull,
  type IterationRow,
  joinIterations,
  patchedColumns,
  type RankRow,
  type RunRow,
  rankColumns,
  toRun,
} from './runRecords';
import { addTelemetry, readTelemetry } from './telemetryTable';

/** Lines of a run's log that are kept, counted from its end, and characters of one line. */
const LOG_LINES_SHOWN = 5000;
const LOG_LINE_LENGTH = 4000;

const metricColumns = 'iteration, psnr, ssim, mse, iteration_time_sec, time_sec, volume_file';

export class RunRepository {
  private readonly statements = new Map<string, Statement<ColumnValue[], unknown>>();

  /** `owner`: the token of the program whose queue works on the runs created here. */
  constructor(
    private readonly database: Database,
    private readonly owner: string,
  ) {}

  createExperiment(experiment: ExperimentRecord, runs: readonly NewRun[]): Run[] {
    return this.atOnce(() => {
      this.run(
        `INSERT INTO experiments (id, name, config_text, data_path, created_at, settings_json) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING`,
        experiment.id,
        experiment.name,
        experiment.config_text,
        experiment.data_path,
        experiment.created_at,
        JSON.stringify(experiment.settings),
      );
      for (const run of runs) {
        this.run(
          `INSERT INTO runs (id, experiment_id, owner, key, label, row_json, repetition, status, created_at, retry_of)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT (id) DO NOTHING`,
          run.id,
          experiment.id,
          this.owner,
          run.key,
          run.label,
          JSON.stringify(run.row),
          run.repetition,
          experiment.created_at,
          run.retryOf ?? null,
        );
      }
      return runs.map((run) => this.find(run.id));
    });
  }

  updateRun(id: string, patch: RunPatch): Run {
    const { columns, values } = patchedColumns(patch);
    return this.atOnce(() => {
      if (columns.length > 0)
        this.run(`UPDATE runs SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`, ...values, id);
      return this.find(id);
    });
  }

  addIteration(runId: string, iteration: Iteration, resume: ResumeRecord | null = null): Run {
    return this.atOnce(() => {
      this.find(runId);
      this.run('DELETE FROM iterations WHERE run_id = ? AND iteration = ?', runId, iteration.iteration);
      const psnr = finiteOrNull(iteration.psnr);
      const ssim = finiteOrNull(iteration.ssim);
      const mse = finiteOrNull(iteration.mse);
      this.run(
        `INSERT INTO iterations (run_id, ${metricColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        runId,
        iteration.iteration,
        psnr,
        ssim,
        mse,
        iteration.iteration_time_sec,
        iteration.time_sec,
        iteration.volume_file,
      );
      const places = rankColumns.map(() => '?').join(', ');
      for (const rank of iteration.ranks) {
        this.run(
          `INSERT INTO rank_steps (run_id, iteration, ${rankColumns.join(', ')}) VALUES (?, ?, ${places})`,
          runId,
          iteration.iteration,
          ...rankColumns.map((column) => rank[column]),
        );
      }
      const peak = iteration.ranks.reduce<number | null>((highest, rank) => Math.max(highest ?? 0, rank.gpu_memory_max_allocated_mb), null);
      this.run(
        `UPDATE runs SET iterations_done = ?, psnr = ?, ssim = ?, mse = ?, time_sec = ?,
           initial_psnr = CASE WHEN ? = 0 THEN ? ELSE initial_psnr END,
           peak_memory_mb = CASE WHEN ? IS NULL THEN peak_memory_mb ELSE max(ifnull(peak_memory_mb, 0), ?) END
         WHERE id = ?`,
        iteration.iteration,
        psnr,
        ssim,
        mse,
        iteration.time_sec,
        iteration.iteration,
        psnr,
        peak,
        peak,
        runId,
      );
      if (resume) this.run('UPDATE runs SET resume_json = ? WHERE id = ?', JSON.stringify(resume), runId);
      return this.find(runId);
    });
  }

  /** Queues ended runs again; each goes on from its newest kept iterate, or from the start where nothing usable was kept. */
  reopenRuns(ids: readonly string[], fromStart: boolean): { run: Run; from: ReopenedFrom | null }[] {
    return this.atOnce(() => ids.map((id) => this.reopen(id, fromStart)));
  }

  private reopen(id: string, fromStart: boolean): { run: Run; from: ReopenedFrom | null } {
    const run = this.find(id);
    const [{ owner } = { owner: '' }] = this.all<{ owner: string }>('SELECT owner FROM runs WHERE id = ?', id);
    // Queued by this program: the call is repeated after the store process died.
    if (!hasEnded(run.status) && !(run.status === 'queued' && owner === this.owner))
      throw new UserError(`The run "${run.label}" is still ${run.status}; it cannot be started a second time.`);
    if (run.stop_reason === 'max_runs') throw new UserError(`The run "${run.label}" is done; there is nothing to go on with.`);
    const [kept] = this.all<{ resume_json: string; time_sec: number; volume_file: string }>(
      `SELECT runs.resume_json, iterations.time_sec, iterations.volume_file FROM runs JOIN iterations ON iterations.run_id = runs.id
       WHERE runs.id = ? AND iterations.iteration = json_extract(runs.resume_json, '$.iteration') AND iterations.volume_file IS NOT NULL`,
      id,
    );
    const from =
      kept && !fromStart
        ? { ...resumeRecordSchema.parse(JSON.parse(kept.resume_json)), timeSec: kept.time_sec, iterateFile: kept.volume_file }
        : null;
    this.run('DELETE FROM iterations WHERE run_id = ? AND iteration > ?', id, from?.iteration ?? -1);
    // Its clock starts anew with the second attempt.
    this.run('DELETE FROM telemetry WHERE run_id = ?', id);
    this.run(
      `UPDATE runs SET owner = ?, status = 'queued', stop_reason = NULL, error_json = NULL, memory_failure_json = NULL,
         started_at = NULL, finished_at = NULL, iterations_done = ? WHERE id = ?`,
      this.owner,
      from?.iteration ?? 0,
      id,
    );
    if (from)
      this.run(
        `UPDATE runs SET (psnr, ssim, mse, time_sec) =
           (SELECT i.psnr, i.ssim, i.mse, i.time_sec FROM iterations i WHERE i.run_id = runs.id AND i.iteration = ?) WHERE id = ?`,
        from.iteration,
        id,
      );
    else
      this.run(
        `UPDATE runs SET psnr = NULL, ssim = NULL, mse = NULL, initial_psnr = NULL, time_sec = 0, peak_memory_mb = NULL,
           resume_json = NULL WHERE id = ?`,
        id,
      );
    return { run: this.find(id), from };
  }

  addLog(runId: string, lines: readonly string[]): void {
    this.atOnce(() => {
      this.find(runId);
      for (const line of lines) this.run('INSERT INTO log (run_id, line) VALUES (?, ?)', runId, line.slice(0, LOG_LINE_LENGTH));
    });
  }

  addTelemetry(runId: string, block: Telemetry): void {
    this.atOnce(() => {
      this.find(runId);
      addTelemetry(this.database, runId, block);
    });
  }

  getTelemetry(runId: string): Telemetry {
    return this.atOnce(() => {
      this.find(runId);
      return readTelemetry(this.database, runId);
    }, 'deferred');
  }

  addProbe(probe: ProbeRecord): void {
    addProbe(this.database, probe);
  }

  listProbes(which: Pick<ProbeRecord, 'kind' | 'circumstances' | 'subject' | 'version'>): ProbeRecord[] {
    return listProbes(this.database, which);
  }

  /** Runs with one of the keys, in the order they were created. */
  findByKey(keys: readonly string[]): Run[] {
    return this.all<RunRow>('SELECT * FROM runs WHERE key IN (SELECT value FROM json_each(?)) ORDER BY sequence', JSON.stringify(keys)).map(
      toRun,
    );
  }

  /** In the order they were created. */
  listRuns(status?: readonly RunStatus[]): Run[] {
    const rows = status
      ? this.all<RunRow>(`SELECT * FROM runs WHERE status IN (${status.map(() => '?').join(', ')}) ORDER BY sequence`, ...status)
      : this.all<RunRow>('SELECT * FROM runs ORDER BY sequence');
    return rows.map(toRun);
  }

  getRun(id: string): RunDetail {
    // One transaction, so that another program's write cannot fall between the reads.
    return this.atOnce(() => {
      const run = this.find(id);
      const iterations = this.all<IterationRow>(`SELECT ${metricColumns} FROM iterations WHERE run_id = ? ORDER BY iteration`, id);
      const ranks = this.all<RankRow>(
        `SELECT iteration, ${rankColumns.join(', ')} FROM rank_steps WHERE run_id = ? ORDER BY iteration, rank`,
        id,
      );
      const log = this.all<{ line: string }>('SELECT line FROM log WHERE run_id = ? ORDER BY id DESC LIMIT ?', id, LOG_LINES_SHOWN);
      return { ...run, iterations: joinIterations(iterations, ranks), log: log.reverse().map((row) => row.line) };
    }, 'deferred');
  }

  getExperiment(id: string): ExperimentRecord {
    const [found] = this.all<Omit<ExperimentRecord, 'settings'> & { settings_json: string }>(
      'SELECT id, name, config_text, data_path, created_at, settings_json FROM experiments WHERE id = ?',
      id,
    );
    if (!found) throw new UserError(`There is no experiment ${id} in this workspace.`, 'not_found');
    const { settings_json, ...experiment } = found;
    return { ...experiment, settings: runSettingsSchema.parse(JSON.parse(settings_json)) };
  }

  /** Removes ended runs and experiments left without any; answers the folders of their kept iterates, relative to the workspace. */
  removeRuns(ids: readonly string[]): string[] {
    return this.atOnce(() => {
      const folders = new Set<string>();
      for (const id of ids) {
        const run = this.find(id);
        if (!hasEnded(run.status)) throw new UserError(`The run "${run.label}" is still ${run.status}. Cancel it first, then remove it.`);
        for (const { volume_file } of this.all<{ volume_file: string }>(
          'SELECT volume_file FROM iterations WHERE run_id = ? AND volume_file IS NOT NULL',
          id,
        )) {
          folders.add(posix.dirname(volume_file.replaceAll('\\', '/')));
        }
        this.run('DELETE FROM runs WHERE id = ?', id);
      }
      this.run('DELETE FROM experiments WHERE id NOT IN (SELECT experiment_id FROM runs)');
      return [...folders];
    });
  }

  /** The data of experiments is now at another place; what was recorded of it, its hash among it, stays. */
  moveData(from: string, to: string): void {
    this.run('UPDATE experiments SET data_path = ? WHERE data_path = ?', to, from);
  }

  /** undefined where nothing was stored. */
  getSetting(name: string): unknown {
    const [setting] = this.all<{ value_json: string }>('SELECT value_json FROM settings WHERE name = ?', name);
    return setting ? JSON.parse(setting.value_json) : undefined;
  }

  setSetting(name: string, value: unknown): void {
    this.run(
      'INSERT INTO settings (name, value_json) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value_json = excluded.value_json',
      name,
      JSON.stringify(value ?? null),
    );
  }

  private find(id: string): Run {
    const [row] = this.all<RunRow>('SELECT * FROM runs WHERE id = ?', id);
    if (!row) throw new UserError(`There is no run ${id} in this workspace.`, 'not_found');
    return toRun(row);
  }

  private atOnce<T>(work: () => T, kind: 'immediate' | 'deferred' = 'immediate'): T {
    return this.database.transaction(work)[kind]();
  }

  private run(sql: string, ...values: ColumnValue[]): void {
    this.prepared(sql).run(...values);
  }

  private all<R>(sql: string, ...values: ColumnValue[]): R[] {
    return this.prepared(sql).all(...values) as R[];
  }

  private prepared(sql: string): Statement<ColumnValue[], unknown> {
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare<ColumnValue[], unknown>(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
