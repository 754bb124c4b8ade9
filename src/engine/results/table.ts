/** Results as other programs read them: one line per run, iteration and rank under benchopt's column names, or whole records as JSON. Pure; writing files is left to the caller. */
import { type RunDetail, rankStepsSchema } from '../../shared/runs';
import { timesToPsnr } from './timeToPsnr';

export type Cell = string | number | boolean | null;

/** Step columns of a rank, in the reference's order, without the rank's number. */
const stepNames = Object.keys(rankStepsSchema.shape).filter(
  (name) => name !== 'rank',
) as (keyof RunDetail['iterations'][number]['ranks'][number])[];

export interface ResultsTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Lists as Python writes them, so that ast.literal_eval reads them back. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? `[${value.join(', ')}]` : JSON.stringify(value);
}

/** A parameter as it stands in benchopt's names. */
function textOf(value: unknown): string {
  const cell = cellOf(value);
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  return cell === null ? 'None' : String(cell);
}

/** "PnP[denoiser=drunet,...]": benchopt's name of a dataset or solver with its parameters in alphabetical order. */
function parametrizedName(name: string, parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.keys(parameters)
    .sort()
    .map((key) => `${key}=${textOf(parameters[key])}`);
  return pairs.length === 0 ? name : `${name}[${pairs.join(',')}]`;
}

/** The members in the order they first appear in any of the records. */
function unionOfKeys(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function parametersOf(record: { readonly name: string } & Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { name: _name, ...parameters } = record;
  return parameters;
}

/**
 * One line for each rank of each iteration; x0 (stop_val 0) and iterations without ranks have one line with empty steps, and a run without
 * iterations has one line that says how it ended. Times in seconds, memory in MB; target and time to it (timeToPsnr) are the same on all lines of a run.
 */
export function resultsTable(runs: readonly RunDetail[]): ResultsTable {
  const datasets = runs.map((run) => parametersOf(run.row.dataset));
  const solvers = runs.map((run) => parametersOf(run.row.solver));
  const times = timesToPsnr(runs);
  const datasetKeys = unionOfKeys(datasets);
  const solverKeys = unionOfKeys(solvers);
  const columns = [
    'objective_name',
    'dataset_name',
    'solver_name',
    'idx_rep',
    'stop_val',
    'time',
    'objective_psnr',
    'objective_ssim',
    'objective_mse',
    'objective_iteration_time_sec',
    'objective_target_psnr',
    'objective_time_to_psnr',
    'rank',
    ...stepNames.map((name) => `objective_${name}`),
    'run_id',
    'run_key',
    'status',
    'error',
    'volume_file',
    ...datasetKeys.map((key) => `p_dataset_${key}`),
    ...solverKeys.map((key) => `p_solver_${key}`),
  ];
  const rows = runs.flatMap((run, position) => {
    const dataset = datasets[position] ?? {};
    const solver = solvers[position] ?? {};
    const names = [
      run.row.objective,
      parametrizedName(run.row.dataset.name, dataset),
      parametrizedName(run.row.solver.name, solver),
      run.repetition,
    ];
    const line = (
      iteration: RunDetail['iterations'][number] | null,
      rank: RunDetail['iterations'][number]['ranks'][number] | null,
    ): Cell[] => [
      ...names,
      iteration?.iteration ?? null,
      iteration?.time_sec ?? null,
      iteration?.psnr ?? null,
      iteration?.ssim ?? null,
      iteration?.mse ?? null,
      iteration?.iteration_time_sec ?? null,
      times[position]?.target_psnr ?? null,
      times[position]?.time_to_psnr ?? null,
      rank?.rank ?? null,
      ...stepNames.map((name) => rank?.[name] ?? null),
      run.id,
      run.key,
      run.status,
      run.error?.message ?? null,
      iteration?.volume_file ?? null,
      ...datasetKeys.map((key) => cellOf(dataset[key])),
      ...solverKeys.map((key) => cellOf(solver[key])),
    ];
    if (run.iterations.length === 0) return [line(null, null)];
    return run.iterations.flatMap((iteration) =>
      iteration.ranks.length === 0 ? [line(iteration, null)] : iteration.ranks.map((rank) => line(iteration, rank)),
    );
  });
  return { columns, rows };
}

/** One field of a CSV line (RFC 4180). Booleans as Python writes them; nothing for null. */
function csvField(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'True' : 'False';
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function tableCsv({ columns, rows }: ResultsTable): string {
  return [columns, ...rows].map((line) => `${line.map(csvField).join(',')}\n`).join('');
}

export function resultsCsv(runs: readonly RunDetail[]): string {
  return tableCsv(resultsTable(runs));
}

/** The records themselves, every iteration and rank included, and the time to the PSNR they are compared at. */
export function resultsJson(runs: readonly RunDetail[]): string {
  const times = timesToPsnr(runs);
  return `${JSON.stringify({ runs: runs.map((run, position) => ({ ...run, ...times[position] })) }, null, 2)}\n`;
}
