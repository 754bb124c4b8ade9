/** Names runs by what differs between them, so that a legend says no more than it must. */
import type { ExperimentRow } from '../../shared/experiment';

export interface LabelledRun {
  readonly row: ExperimentRow;
  readonly repetition: number;
  readonly id: string;
}

export interface LabelOptions {
  /** Parameters that are not named even where they differ. */
  readonly ignore?: readonly string[];
}

/** The row's parameters by the name the YAML gives them. A parameter of the data set and one of the solver never share a name. */
export function flatParameters(row: ExperimentRow): Record<string, unknown> {
  const { name: dataset, ...data } = row.dataset;
  const { name: solver, ...parameters } = row.solver;
  const target = row.target_psnr === undefined ? {} : { target_psnr: row.target_psnr };
  return { dataset, ...data, solver, ...parameters, max_runs: row.max_runs, n_repetitions: row.n_repetitions, ...target };
}

/** A parameter as the YAML writes it: [8,256,256], true, null, 0.03, drunet; nothing where the row's solver has no such parameter. */
export function parameterText(value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map(parameterText).join(',')}]`;
  return value === null ? 'null' : String(value);
}

/**
 * Parameter names whose value is not the same in all rows that have them, in the order in which they first appear. What only some solvers
 * have differs by the solver, which is named itself.
 */
export function differingKeys(rows: readonly ExperimentRow[]): string[] {
  // Of each key the value of the first row, as it is and as text: a long grid differs in few keys, the others are soon compared.
  const firsts = new Map<string, { readonly value: unknown; readonly text: string }>();
  const differing = new Set<string>();
  for (const row of rows) {
    for (const [key, value] of Object.entries(flatParameters(row))) {
      if (differing.has(key)) continue;
      const first = firsts.get(key);
      if (first !== undefined && key !== 'name_prefix' && first.value === value) continue;
      // The prefix a solver has of itself says nothing that its name does not say.
      const text = key === 'name_prefix' && value === row.solver.name.toLowerCase() ? '' : parameterText(value);
      if (first === undefined) firsts.set(key, { value, text });
      else if (first.text !== text) differing.add(key);
    }
  }
  return [...firsts.keys()].filter((key) => differing.has(key));
}

/**
 * One label per run, in order: "max_batch_size 4", joined by ", " where several parameters differ. Where solvers differ, the label is the solver's
 * name and what differs among the runs of that solver. Runs of equal rows are told apart by repetition, then by a counter. A single run, or
 * equal runs with everything ignored, gets the empty label or its solver's name. On one node, slurm_ntasks_per_node is called what it is: workers.
 */
export function distinguishingLabels(runs: readonly LabelledRun[], options: LabelOptions = {}): string[] {
  const ignored = new Set(options.ignore ?? []);
  // How often a row is repeated says nothing of what it does.
  const unsaid = new Set([...ignored, 'n_repetitions', ...(runs.every(({ row }) => repeatsWorkers(row)) ? ['slurm_gres'] : [])]);
  const oneNode = runs.every(({ row }) => row.solver.slurm_nodes === 1);
  const said = (key: string): string => (oneNode && key === 'slurm_ntasks_per_node' ? 'workers' : key);
  const solvers = new Map<string, ExperimentRow[]>();
  for (const { row } of runs) {
    const rows = solvers.get(row.solver.name);
    if (rows === undefined) solvers.set(row.solver.name, [row]);
    else rows.push(row);
  }
  const datasetKeys = differingKeys(runs.map(({ row }) => row)).filter((key) => key in (runs[0]?.row.dataset ?? {}));
  const keysOf = new Map(
    [...solvers].map(([name, rows]) => [name, [...new Set([...datasetKeys, ...differingKeys(rows)])].filter((key) => !unsaid.has(key))]),
  );
  const repeated = !ignored.has('repetition') && new Set(runs.map(({ repetition }) => repetition)).size > 1;
  const plain = runs.map(({ row, repetition }) => {
    const flat = flatParameters(row);
    const parts = (keysOf.get(row.solver.name) ?? []).map((key) => `${said(key)} ${parameterText(flat[key])}`);
    if (solvers.size > 1) parts.unshift(row.solver.name);
    if (repeated) parts.push(`repetition ${repetition + 1}`);
    return parts.join(', ');
  });
  if (ignored.size > 0) return plain;
  return tellApart(plain.map((label, index) => (label === '' ? (runs[index]?.row.solver.name ?? '') : label)));
}

/** "gpu:2" beside 2 workers a node says nothing more. */
function repeatsWorkers({ solver }: ExperimentRow): boolean {
  return solver.slurm_gres === `gpu:${solver.slurm_ntasks_per_node}`;
}

function tellApart(labels: readonly string[]): string[] {
  const totals = new Map<string, number>();
  for (const label of labels) totals.set(label, (totals.get(label) ?? 0) + 1);
  const seen = new Map<string, number>();
  return labels.map((label) => {
    if ((totals.get(label) ?? 0) < 2) return label;
    const number = (seen.get(label) ?? 0) + 1;
    seen.set(label, number);
    return `${label} (${number})`;
  });
}
