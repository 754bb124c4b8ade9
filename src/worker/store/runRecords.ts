/** Turns database rows into the records of shared/runs.ts and back; knows column names, runs no statement. */
import type { ExperimentRow } from '../../shared/experiment';
import {
  type Iteration,
  noAnnotation,
  provenanceSchema,
  type RankSteps,
  type Run,
  type RunStatus,
  rankStepsSchema,
  runErrorSchema,
} from '../../shared/runs';
import type { RunPatch } from '../../shared/workerMessages';

/** A line of table runs. */
export interface RunRow {
  readonly sequence: number;
  readonly id: string;
  readonly experiment_id: string;
  readonly owner: string;
  readonly key: string;
  readonly label: string;
  readonly row_json: string;
  readonly repetition: number;
  readonly status: RunStatus;
  readonly stop_reason: Run['stop_reason'];
  readonly error_json: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly iterations_done: number;
  readonly psnr: number | null;
  readonly ssim: number | null;
  readonly mse: number | null;
  readonly initial_psnr: number | null;
  readonly time_sec: number;
  readonly setup_time_sec: number | null;
  readonly peak_memory_mb: number | null;
  readonly lipschitz: number | null;
  readonly step_size: number | null;
  readonly provenance_json: string | null;
  readonly voxel_size_mm: number | null;
  readonly chosen_json: string | null;
  readonly prediction_json: string | null;
  readonly memory_failure_json: string | null;
  readonly retry_of: string | null;
  readonly resume_json: string | null;
  readonly annotation_json: string | null;
}

export function toRun(row: RunRow): Run {
  const { sequence: _sequence, owner: _owner, resume_json: _resume, row_json, error_json, provenance_json, ...others } = row;
  const { chosen_json, prediction_json, memory_failure_json, annotation_json, ...columns } = others;
  return {
    ...columns,
    row: JSON.parse(row_json) as ExperimentRow,
    error: error_json === null ? null : runErrorSchema.parse(JSON.parse(error_json)),
    provenance: provenance_json === null ? null : provenanceSchema.parse(JSON.parse(provenance_json)),
    chosen: chosen_json === null ? null : (JSON.parse(chosen_json) as Run['chosen']),
    prediction: prediction_json === null ? null : (JSON.parse(prediction_json) as Run['prediction']),
    memory_failure: memory_failure_json === null ? null : (JSON.parse(memory_failure_json) as Run['memory_failure']),
    annotation: annotation_json === null ? noAnnotation : (JSON.parse(annotation_json) as Run['annotation']),
  };
}

/** Columns a patch may set; the value is stored as JSON where the column's name says so. */
const patchColumns: Record<keyof RunPatch, string> = {
  status: 'status',
  stop_reason: 'stop_reason',
  error: 'error_json',
  started_at: 'started_at',
  finished_at: 'finished_at',
  setup_time_sec: 'setup_time_sec',
  initial_psnr: 'initial_psnr',
  lipschitz: 'lipschitz',
  step_size: 'step_size',
  provenance: 'provenance_json',
  voxel_size_mm: 'voxel_size_mm',
  peak_memory_mb: 'peak_memory_mb',
  key: 'key',
  chosen: 'chosen_json',
  prediction: 'prediction_json',
  memory_failure: 'memory_failure_json',
  annotation: 'annotation_json',
};

export type ColumnValue = string | number | null;

/** The columns and values a patch sets, in a fixed order; undefined members are left alone. Throws for a member that is no column. */
export function patchedColumns(patch: RunPatch): { columns: string[]; values: ColumnValue[] } {
  for (const name of Object.keys(patch)) {
    if (!Object.hasOwn(patchColumns, name)) throw new Error(`A run has no column ${name} to update.`);
  }
  const columns: string[] = [];
  const values: ColumnValue[] = [];
  for (const [name, column] of Object.entries(patchColumns) as [keyof RunPatch, string][]) {
    const value = patch[name];
    if (value === undefined) continue;
    columns.push(column);
    values.push(typeof value === 'object' ? (value === null ? null : JSON.stringify(value)) : finiteOrNull(value));
  }
  return { columns, values };
}

/** SQLite has no NaN, and the window's records know no infinity: such a metric is "none". */
export function finiteOrNull<T>(value: T): T | null {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

/** Column names of table rank_steps after run_id and iteration: those of the reference's export. */
export const rankColumns = Object.keys(rankStepsSchema.shape) as (keyof RankSteps)[];

export type IterationRow = Omit<Iteration, 'ranks'>;
export type RankRow = RankSteps & { readonly iteration: number };

/** Joins iterations with their ranks; both ordered by iteration. */
export function joinIterations(rows: readonly IterationRow[], ranks: readonly RankRow[]): Iteration[] {
  const byIteration = new Map<number, RankSteps[]>();
  for (const { iteration, ...steps } of ranks) {
    const list = byIteration.get(iteration);
    if (list) list.push(steps);
    else byIteration.set(iteration, [steps]);
  }
  return rows.map((row) => ({ ...row, ranks: byIteration.get(row.iteration) ?? [] }));
}
