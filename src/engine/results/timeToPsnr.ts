/** time_to_psnr: how long a run took to reach a quality that all runs of its grid are measured against. */
import type { Iteration, Run, RunDetail } from '../../shared/runs';

/**
 * Solver seconds (metrics and saving not counted, set-up neither) at the first iterate whose PSNR is at least `target` dB, not interpolated: what a user
 * who stops there has waited. null where no iterate reached it.
 */
export function timeToPsnr(iterations: readonly Pick<Iteration, 'psnr' | 'time_sec'>[], target: number): number | null {
  return iterations.find(({ psnr }) => psnr !== null && psnr >= target)?.time_sec ?? null;
}

/** Rows are compared often, a thousand at a time, and never change. */
const texts = new WeakMap<object, string>();

function textOf(dataset: object): string {
  const known = texts.get(dataset) ?? JSON.stringify(dataset);
  texts.set(dataset, known);
  return known;
}

type Comparable = Pick<Run, 'experiment_id' | 'row' | 'repetition' | 'psnr' | 'status'>;

/** The group of a run: those of the same experiment with the same dataset parameters. */
function groupOf({ experiment_id, row }: Comparable): string {
  return `${experiment_id} ${textOf(row.dataset)}`;
}

/** What the runs of each group are measured against: the first of them in the grid's order that runs PnP, else the first of all. */
export type PsnrReferences = ReadonlyMap<string, Comparable>;

export function psnrReferences(runs: Iterable<Comparable>): PsnrReferences {
  const references = new Map<string, Comparable>();
  for (const run of runs) {
    const group = groupOf(run);
    const reference = references.get(group);
    if (reference === undefined || comesBefore(run, reference)) references.set(group, run);
  }
  return references;
}

/** The PSNR, dB, that `run` is measured against: its row's target_psnr, else the last PSNR of its reference; null while that is not done or has none. */
export function psnrTarget(run: Comparable, references: PsnrReferences): number | null {
  if (typeof run.row.target_psnr === 'number') return run.row.target_psnr;
  const reference = references.get(groupOf(run));
  return reference?.status === 'done' ? reference.psnr : null;
}

/** Both for each of `runs`, which are what is compared: target in dB and seconds, null where there is none. */
export function timesToPsnr(runs: readonly RunDetail[]): { target_psnr: number | null; time_to_psnr: number | null }[] {
  const references = psnrReferences(runs);
  return runs.map((run) => {
    const target = psnrTarget(run, references);
    return { target_psnr: target, time_to_psnr: target === null ? null : timeToPsnr(run.iterations, target) };
  });
}

function comesBefore(a: Comparable, b: Comparable): boolean {
  const [first, second] = [a, b].map(({ row }) => (row.solver.name === 'PnP' ? 0 : 1));
  if (first !== second) return (first ?? 0) < (second ?? 0);
  return a.row.index !== b.row.index ? a.row.index < b.row.index : a.repetition < b.repetition;
}
