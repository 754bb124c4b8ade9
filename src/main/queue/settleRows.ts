/** Puts numbers in place of `auto` in rows, chosen for this machine by probes; the rules are advise's. Rows without auto pass unchanged. */
import { canonicalJson } from '../../engine/plan/runKey';
import { type ExperimentRow, hasAuto, type NetworkParameters } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import type { Chosen, Run } from '../../shared/runs';
import type { Progress } from '../coordinator/prober';
import { adviseBatch, advisePatchFor } from './advise';
import type { ForecastRequest } from './rowNeeds';
import type { WindowProbes } from './windowProbes';

/** Least `overlap: auto`, voxels z, y, x: wide enough for most of what the network sees, narrow enough for little waste (docs/decisions/0012). */
const AUTO_OVERLAP: VolumeShape = [2, 8, 8];
/** Windows to begin with where the patch is to be chosen. */
const FIRST_PATCH = 24;

export type EarlierChoice = Pick<Run, 'row' | 'chosen'>;

export interface SettledRow {
  readonly row: ExperimentRow;
  /** null for rows without auto. */
  readonly chosen: Chosen | null;
}

/**
 * Same rows, same order; rows that differ in nothing that counts share one choice. May run probes; rejects where nothing fits. A row that one of the
 * `earlier` runs was made of keeps what was chosen then, so that a run that goes on is the same run, whatever is free today.
 */
export async function settleRows(
  probes: WindowProbes,
  request: Omit<ForecastRequest, 'rows'> & { readonly rows: readonly ExperimentRow[] },
  progress: Progress = {},
  earlier: readonly EarlierChoice[] = [],
): Promise<SettledRow[]> {
  const choices = new Map<string, Chosen>();
  const settled: SettledRow[] = [];
  for (const row of request.rows) {
    const { solver } = row;
    if (!hasAuto(solver)) {
      settled.push({ row, chosen: null });
      continue;
    }
    const key = JSON.stringify([solver, row.dataset]);
    const chosen = choices.get(key) ?? chosenEarlier(row, solver, earlier) ?? (await choose(probes, row, solver, request, progress));
    choices.set(key, chosen);
    settled.push({ row: withChosen(row, solver, chosen), chosen });
  }
  return settled;
}

function chosenEarlier(row: ExperimentRow, solver: NetworkParameters, earlier: readonly EarlierChoice[]): Chosen | null {
  const same = earlier.find(
    (run) => run.chosen !== null && canonicalJson(withChosen(row, solver, run.chosen).solver) === canonicalJson(run.row.solver),
  );
  return same?.chosen ?? null;
}

/** True where a row has to be settled first. */
export function anyAuto(rows: readonly ExperimentRow[]): boolean {
  return rows.some(({ solver }) => hasAuto(solver));
}

async function choose(
  probes: WindowProbes,
  row: ExperimentRow,
  solver: NetworkParameters,
  request: ForecastRequest,
  progress: Progress,
): Promise<Chosen> {
  const shape = request.scan.geometry.volumeShape;
  const reasons: string[] = [];
  const perAxis = (value: number | VolumeShape): VolumeShape => (typeof value === 'number' ? [value, value, value] : value);
  const within = (sizes: VolumeShape): VolumeShape => [
    Math.min(sizes[0], shape[0]),
    Math.min(sizes[1], shape[1]),
    Math.min(sizes[2], shape[2]),
  ];
  let overlap = solver.overlap === 'auto' ? AUTO_OVERLAP : perAxis(solver.overlap);
  let patch = within(solver.patch_size === 'auto' ? [FIRST_PATCH, FIRST_PATCH, FIRST_PATCH] : perAxis(solver.patch_size));
  let batch = solver.max_batch_size === 'auto' ? 1 : solver.max_batch_size;
  const current = (): ExperimentRow =>
    withChosen(row, solver, { patch_size: [...patch], overlap: [...overlap], max_batch_size: batch, reasons: [] });
  if (solver.patch_size === 'auto') {
    const advice = await advisePatchFor(probes, current(), request, { budgetMiB: null, mayWiden: solver.overlap === 'auto' }, progress);
    patch = advice.patch_size;
    overlap = advice.overlap;
    reasons.push(advice.reason);
  } else if (solver.overlap === 'auto') {
    reasons.push(`overlap [${overlap.join(', ')}]: the usual halo of chosen windows.`);
  }
  if (solver.max_batch_size === 'auto') {
    const advice = await adviseBatch(probes, current(), request, progress);
    batch = advice.max_batch_size;
    reasons.push(advice.reason);
  }
  return { patch_size: [...patch], overlap: [...overlap], max_batch_size: batch, reasons };
}

function withChosen(row: ExperimentRow, solver: NetworkParameters, { patch_size, overlap, max_batch_size }: Chosen): ExperimentRow {
  return { ...row, solver: { ...solver, patch_size, overlap, max_batch_size } };
}
