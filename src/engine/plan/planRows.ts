/** The grid as the editor shows it: rows with labels and what their tiling costs on the open volume. */

import type { Plan, PlannedRow } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import { type ExperimentRow, hasAuto, usesNetwork, windowsOf } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import { differingKeys, distinguishingLabels } from '../figures/labels';
import { planTiles, type Tiling } from '../tiling/tiles';
import { planConfig } from './planConfig';
import { predictRow } from './predict';
import { findings } from './rowWarnings';

/** More rows than anybody reads; all of them are run nevertheless. */
const ROWS_SHOWN = 1000;

type RowCost = Pick<PlannedRow, 'patches' | 'batchesPerRank' | 'haloWaste' | 'notes'>;

/** `volumeShape` null: no data is open. Never throws for what the text says. */
export function planRows(text: string, volumeShape: VolumeShape | null): Plan {
  const { expanded: rows, problems } = planConfig(text, 'the configuration');
  const shown = rows.slice(0, ROWS_SHOWN);
  const labels = labelRows(shown);
  // Most rows of a grid share their tiling.
  const tilings = new Map<string, Tiling | UserError>();
  const planned = shown.map((row, position) => ({
    row,
    label: labels[position] ?? '',
    ...rowCost(row, volumeShape, tilings),
    problems: findings(row),
  }));
  const hidden = rows.length - shown.length;
  const notShown = {
    severity: 'warning' as const,
    message: `Only the first ${ROWS_SHOWN} of ${rows.length} rows are shown; all of them run.`,
    line: null,
    row: null,
    key: null,
  };
  return {
    rows: planned,
    problems: hidden > 0 ? [...problems, notShown] : [...problems],
    sweptKeys: differingKeys(shown),
    totalRuns: rows.reduce((sum, row) => sum + row.n_repetitions, 0),
  };
}

/** What tells the rows apart, e.g. "max_batch_size 4". */
export function labelRows(rows: readonly ExperimentRow[]): string[] {
  return distinguishingLabels(rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
}

function triple(value: number | readonly [number, number, number]): VolumeShape {
  return typeof value === 'number' ? [value, value, value] : value;
}

function rowCost(row: ExperimentRow, volumeShape: VolumeShape | null, tilings: Map<string, Tiling | UserError>): RowCost {
  const { solver } = row;
  if (volumeShape === null || !usesNetwork(solver)) return { patches: null, batchesPerRank: null, haloWaste: null, notes: [] };
  if (hasAuto(solver)) {
    const notes = ['auto is chosen for this machine when the row is measured or started.'];
    return { patches: null, batchesPerRank: null, haloWaste: null, notes };
  }
  const { patch_size, overlap } = windowsOf(solver);
  const key = JSON.stringify([patch_size, overlap]);
  let tiling = tilings.get(key);
  if (tiling === undefined) {
    tiling = attempt(() => planTiles(volumeShape, patch_size, overlap));
    tilings.set(key, tiling);
  }
  if (tiling instanceof UserError) return { patches: null, batchesPerRank: null, haloWaste: null, notes: [tiling.message] };
  const { patches, batchesPerRank, networkWaste } = predictRow(solver, tiling);
  const notes: string[] = [];
  const asked = triple(patch_size);
  if (asked.some((size, axis) => size !== tiling.patch[axis])) {
    notes.push(`patch_size [${asked.join(',')}] does not fit the volume; [${tiling.patch.join(',')}] is used.`);
  }
  return {
    patches,
    batchesPerRank,
    haloWaste: networkWaste,
    notes,
  };
}

function attempt(work: () => Tiling): Tiling | UserError {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}
