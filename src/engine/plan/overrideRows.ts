/** Rows with what was given beside the configuration in the place of its own. */
import type { ExperimentRow } from '../../shared/experiment';

export interface Overrides {
  /** Iterations at most; null: the row's own. */
  readonly maxRuns: number | null;
  /** Corrections of the scan in text form; null: the row's own. */
  readonly corrections: string | null;
}

export function overrideRows(rows: readonly ExperimentRow[], { maxRuns, corrections }: Overrides): ExperimentRow[] {
  return rows.map((row) => ({
    ...row,
    max_runs: maxRuns ?? row.max_runs,
    dataset: { ...row.dataset, corrections: corrections ?? row.dataset.corrections },
  }));
}
