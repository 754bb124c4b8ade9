/** Decides before a grid starts how many iterates are kept, so that the disk, or the limit the user set, takes them. */
import { mkdir, statfs } from 'node:fs/promises';
import { fittingSaveEvery, keptVolumes } from '../../engine/plan/diskUse';
import type { DataSummary } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';

const GIB = 2 ** 30;
/** Left free for the database and everybody else. */
const RESERVE_BYTES = GIB / 4;
/** Volumes up to this size are cheap enough to keep every iterate; of larger ones every tenth is kept. */
const EVERY_ITERATE_BYTES = 64 * 2 ** 20;

export interface DiskRequest {
  readonly rows: readonly ExperimentRow[];
  /** Of one iterate. */
  readonly volumeBytes: number;
  readonly workspace: string;
  /** As the user gave it; null: chosen here. */
  readonly saveEvery: number | null;
  /** The user's limit for the kept iterates; null: what the disk has free. */
  readonly limitBytes: number | null;
}

export interface DiskPlan {
  readonly saveEvery: number;
  readonly keptBytes: number;
  readonly freeBytes: number;
  /** There is room for them now. */
  readonly fits: boolean;
  /** One sentence for the user. */
  readonly note: string;
}

/** Of one iterate of this scan. */
export function volumeBytes({ geometry }: Pick<DataSummary, 'geometry'>): number {
  return 4 * geometry.volumeShape.reduce((product, size) => product * size, 1);
}

/**
 * Throws UserError where the iterates exceed the user's limit, saying what would fit. Where they only exceed what is free now, the note says
 * so and the rows may start: space may be freed, and a row that finds the disk full ends with what it kept.
 */
export async function planDisk({ rows, volumeBytes, workspace, saveEvery, limitBytes }: DiskRequest): Promise<DiskPlan> {
  await mkdir(workspace, { recursive: true });
  const { bavail, bsize } = await statfs(workspace);
  const freeBytes = bavail * bsize;
  const least = volumeBytes <= EVERY_ITERATE_BYTES ? 1 : 10;
  const bytesFor = (step: number): number => keptVolumes(rows, step) * volumeBytes;
  const fittingIn = (bytes: number): number | null => fittingSaveEvery(rows, volumeBytes, bytes, saveEvery ?? least);
  const room = Math.max(0, freeBytes - RESERVE_BYTES);
  const fitting = fittingIn(Math.min(limitBytes ?? room, room)) ?? (limitBytes === null ? null : fittingIn(limitBytes));
  const chosen = saveEvery ?? fitting ?? least;
  const keptBytes = bytesFor(chosen);
  const advice =
    fitting === null || fitting === chosen
      ? 'Run fewer rows, free some space or choose another workspace folder'
      : `Keep one iterate in ${fitting} (--save-every ${fitting})`;
  if (limitBytes !== null && keptBytes > limitBytes)
    throw new UserError(`The iterates to keep need ${sizeText(keptBytes)}, more than the limit of ${sizeText(limitBytes)}. ${advice}.`);
  const every = chosen === 1 ? 'every iterate' : `one iterate in ${chosen}, and the last,`;
  const use = `Keeping ${every} takes up to ${sizeText(keptBytes)} of disk; ${sizeText(freeBytes)} are free`;
  const fits = keptBytes <= room;
  const note = !fits
    ? `${use}, too little: a row that finds the disk full ends with what it kept. ${advice}.`
    : `${use}${saveEvery === null && chosen > least ? '; keeping more would not fit' : ''}.`;
  return { saveEvery: chosen, keptBytes, freeBytes, fits, note };
}

function sizeText(bytes: number): string {
  return bytes >= GIB ? `${(bytes / GIB).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
