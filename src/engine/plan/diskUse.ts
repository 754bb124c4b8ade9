/** How much disk the kept iterates of a grid take, and how many may be kept within a limit. Pure; what is free is for the caller to find out. */
import type { ExperimentRow } from '../../shared/experiment';

/** From keeping every iterate to keeping hardly any. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

type RowLength = Pick<ExperimentRow, 'max_runs' | 'n_repetitions'>;

/** Volumes of all rows: the first, every n-th and the last iterate of each repetition. */
export function keptVolumes(rows: readonly RowLength[], saveEvery: number): number {
  return rows.reduce((sum, { max_runs, n_repetitions }) => sum + n_repetitions * (1 + Math.ceil(max_runs / saveEvery)), 0);
}

/** The smallest usual `saveEvery` from `least` on whose iterates fit into `limitBytes`; null where the first and last of each row are too much. */
export function fittingSaveEvery(rows: readonly RowLength[], volumeBytes: number, limitBytes: number, least = 1): number | null {
  return STEPS.find((step) => step >= least && keptVolumes(rows, step) * volumeBytes <= limitBytes) ?? null;
}
