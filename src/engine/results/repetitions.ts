/** Repetitions of the same row side by side: medians with their spread, as benchopt's users compare them. Pure. */
import type { Run, RunDetail } from '../../shared/runs';

export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface RepetitionSummary {
  readonly experiment_id: string;
  readonly row: number;
  readonly label: string;
  /** Runs that are done, of all that were planned. */
  readonly done: number;
  readonly planned: number;
  /** Of the runs that are done: solver seconds of one iteration (each run's median), of the whole run, and the final PSNR in dB. */
  readonly iteration_time_sec: Spread | null;
  readonly time_sec: Spread | null;
  readonly psnr: Spread | null;
}

/** null for no values. An even number of values has the mean of the middle two as median. */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return { median: median(values), minimum: Math.min(...values), maximum: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** One summary for each row of each experiment, in the order the rows first appear. */
export function summariseRepetitions(runs: readonly RunDetail[]): RepetitionSummary[] {
  const groups = new Map<string, RunDetail[]>();
  for (const run of runs) {
    const name = `${run.experiment_id} ${run.row.index}`;
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const done = group.filter(({ status }) => status === 'done');
    return {
      experiment_id: first.experiment_id,
      row: first.row.index,
      label: first.label,
      done: done.length,
      planned: first.row.n_repetitions,
      iteration_time_sec: spread(done.flatMap((run) => secondsPerIteration(run) ?? [])),
      time_sec: spread(done.map((run) => run.time_sec)),
      psnr: spread(done.flatMap((run: Run) => run.psnr ?? [])),
    };
  });
}

/** Median over the iterations of one run: the first one may carry what later ones do not. */
function secondsPerIteration({ iterations }: RunDetail): number | null {
  return spread(iterations.flatMap((each) => (each.iteration > 0 ? each.iteration_time_sec : [])))?.median ?? null;
}
