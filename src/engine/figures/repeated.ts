/** Repetitions of a row taken together: what a figure draws once, with the median and the range of its runs. */
import type { Iteration } from '../../shared/runs';
import type { FigurePoint, FigureRun, Interval } from './figure';
import { distinguishingLabels, type LabelOptions } from './labels';

/** One row of one experiment with its repetitions. */
export interface RowRuns {
  readonly label: string;
  readonly runs: readonly FigureRun[];
  /** Stands for all where one must be named: the first that has kept an iterate. */
  readonly shown: FigureRun;
}

/** Rows in the order in which they first appear, labelled by what differs between them. */
export function repeatedRows(runs: readonly FigureRun[], options: LabelOptions = {}): RowRuns[] {
  const groups = new Map<string, FigureRun[]>();
  for (const run of runs) {
    const key = `${run.experiment_id} ${run.row.index}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [run]);
    else known.push(run);
  }
  const rows = [...groups.values()];
  const labels = distinguishingLabels(
    rows.flatMap(([first]) => (first === undefined ? [] : [{ row: first.row, repetition: 0, id: first.id }])),
    options,
  );
  return rows.flatMap((group, index) => {
    const shown = group.find((run) => lastKept(run) !== null) ?? group[0];
    return shown === undefined ? [] : [{ label: labels[index] ?? shown.label, runs: group, shown }];
  });
}

/** The newest iterate that can be looked at. */
export function lastKept(run: FigureRun): number | null {
  return run.iterations.findLast(({ volume_file }) => volume_file !== null)?.iteration ?? null;
}

/** The middle value; the mean of the two middle ones where the count is even. 0 for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/** Smallest and largest; undefined where they are one value but for rounding. */
export function rangeOf(values: readonly number[]): Interval | undefined {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)) ? [low, high] : undefined;
}

/** A point of a row at `x`; null where no repetition has a value. */
export function rowPoint({ shown }: RowRuns, x: number | string, values: readonly number[], iteration: number | null): FigurePoint | null {
  if (values.length === 0) return null;
  const yRange = rangeOf(values);
  return { x, y: median(values), runId: shown.id, iteration, ...(yRange === undefined ? {} : { yRange }) };
}

/** Seconds of an iteration of a run: the median, since the first ones may carry what later ones do not. null before the first has ended. */
export function secondsPerIteration({ iterations }: { readonly iterations: readonly Iteration[] }): number | null {
  const times = iterations.filter(({ iteration }) => iteration > 0).map(({ iteration_time_sec }) => iteration_time_sec);
  return times.length === 0 ? null : median(times);
}

/** MB (1e6 bytes, as results count them) in MiB. */
export function mebibytes(megabytes: number): number {
  return (megabytes * 1e6) / 2 ** 20;
}
