/** What a row takes beside its network, measured where that is missing and within the memory that the row itself would have. */
import { UserError } from '../../shared/errors';
import { type Progress, type RowProbe, rowShortageText } from '../coordinator/prober';
import { groupMemory } from '../processes/groupMemory';
import type { ForecastRequest, RowNeeds } from './rowNeeds';
import type { WindowProbes } from './windowProbes';

/** MiB that each worker is held to when the row runs; null: nothing but the machine. */
export function limitOf({ memoryLimitMiB }: Pick<ForecastRequest, 'memoryLimitMiB'>): number | null {
  return memoryLimitMiB ?? groupMemory().limitMiB;
}

/** True where a probe that was held to `shortageMiB` and ran out of memory had no less than `limitMiB`. */
export function isTooLarge(shortageMiB: number | null, limitMiB: number | null): boolean {
  return shortageMiB !== null && limitMiB !== null && limitMiB <= shortageMiB;
}

/** The row's probe. Rejects as the row would; one that is known not to fit is not run again. */
export async function measuredRow(
  windows: WindowProbes,
  needs: RowNeeds,
  request: ForecastRequest,
  { signal }: Progress,
): Promise<RowProbe> {
  const known = await windows.prober.rowProbe(needs.use);
  if (known !== null) return known;
  const limitMiB = limitOf(request);
  if (limitMiB !== null && isTooLarge(await windows.prober.rowShortageMiB(needs.use), limitMiB)) {
    throw new UserError(rowShortageText(needs.row, limitMiB), 'out_of_memory');
  }
  return windows.prober.measureRow(needs.use, limitMiB, signal);
}
