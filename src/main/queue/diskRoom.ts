/** Decides before a grid starts how many iterates are kept, so that the disk, or the limit the user set, takes them. */
import { mkdir, statfs } from 'node:fs/promises';
import { fittingSaveEvery, keptVolumes } from '../../engine/plan/diskUse';
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
  /** One sentence for the user. */
  readonly note: string;
}

/** Throws UserError where the iterates do not fit, saying what would. */
export async function planDisk({ rows, volumeBytes, workspace, saveEvery, limitBytes }: DiskRequest): Promise<DiskPlan> {
  await mkdir(workspace, { recursive: true });
  const { bavail, bsize } = await statfs(workspace);
  const freeBytes = bavail * bsize;
  const room = Math.max(0, Math.min(limitBytes ?? Number.POSITIVE_INFINITY, freeBytes - RESERVE_BYTES));
  const limit =
    limitBytes !== null && room === limitBytes
      ? `the limit of ${sizeText(limitBytes)}`
      : `what ${workspace} has free (${sizeText(freeBytes)})`;
  const bytesFor = (step: number): number => keptVolumes(rows, step) * volumeBytes;
  const least = volumeBytes <= EVERY_ITERATE_BYTES ? 1 : 10;
  const fitting = fittingSaveEvery(rows, volumeBytes, room, saveEvery ?? least);
  const chosen = saveEvery ?? fitting;
  if (chosen === null || bytesFor(chosen) > room) {
    const needed = sizeText(bytesFor(chosen ?? 1000));
    const advice =
      fitting === null ? 'Run fewer rows, free some space or choose another workspace folder' : `Keep fewer with --save-every ${fitting}`;
    throw new UserError(`The iterates to keep need ${needed}, more than ${limit}. ${advice}.`, 'no_space');
  }
  const every = chosen === 1 ? 'every iterate' : `every ${chosen}th iterate and the last`;
  const fewer = saveEvery === null && chosen > least ? `, fewer than usual because of ${limit}` : '';
  const note = `Keeping ${every} takes up to ${sizeText(bytesFor(chosen))} of disk; ${sizeText(freeBytes)} are free${fewer}.`;
  return { saveEvery: chosen, keptBytes: bytesFor(chosen), freeBytes, note };
}

function sizeText(bytes: number): string {
  return bytes >= GIB ? `${(bytes / GIB).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
