/** What rows will need, as a table for people and as fields of the JSON of `plan`; where the figures come from is main/queue/preflight's. */
import type { Forecast, RowForecast } from '../shared/preflight';
import { bytesText, durationText } from './output';
import { numberCell, textTable } from './textTable';

/** Fields of a row in the JSON of `plan`; MiB are 2^20 bytes. Nulls where nothing is known. */
export function forecastDocument(row: RowForecast | undefined) {
  return {
    predicted_peak_memory_mib: row?.prediction?.peak_memory_mib ?? null,
    predicted_seconds_per_iteration: row?.prediction?.seconds_per_iteration ?? null,
    predicted_total_sec: row?.prediction?.total_sec ?? null,
    /** measured, interpolated or extrapolated. */
    prediction_basis: row?.prediction?.basis ?? null,
    memory:
      row?.devices.map(({ device, ranks, neededMiB, freeMiB }) => ({ device, ranks, needed_mib: neededMiB, free_mib: freeMiB })) ?? [],
    memory_limit_mib: row?.limitMiB ?? null,
    fits: row?.fits ?? null,
    would_fit: row?.remedy ?? null,
    kept_bytes: row?.keptBytes ?? null,
    warnings: row?.warnings ?? [],
  };
}

/** One line a row, the totals, and what would fit where something does not. */
export function forecastText(rows: readonly { readonly row: number; readonly label: string }[], forecast: Forecast): string {
  const shown = forecast.rows.slice(0, rows.length);
  const table = textTable(
    [
      { title: 'row', align: 'right' },
      { title: 'configuration', align: 'left' },
      { title: 'peak memory of each worker (MiB)', align: 'left' },
      { title: 'needed / free (MiB)', align: 'left' },
      { title: 's/iteration', align: 'right' },
      { title: 'total', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'fits', align: 'left' },
    ],
    shown.map(({ row, prediction, devices, fits }, index) => [
      String(row),
      rows[index]?.label ?? '',
      prediction?.peak_memory_mib.map((mebibytes) => mebibytes.toFixed(0)).join(', ') ?? '',
      devices.map(({ device, neededMiB, freeMiB }) => `${device} ${neededMiB?.toFixed(0) ?? '?'} / ${freeMiB.toFixed(0)}`).join(', '),
      numberCell(prediction?.seconds_per_iteration ?? null, 2),
      prediction ? durationText(prediction.total_sec) : '',
      prediction?.basis ?? 'not measured',
      fits === null ? 'unknown' : fits ? 'yes' : 'NO',
    ]),
  );
  const total = forecast.totalSec === null ? 'unknown' : durationText(forecast.totalSec);
  const disk = `kept iterates at most ${bytesText(forecast.keptBytes)}, ${bytesText(forecast.diskFreeBytes)} free`;
  const doubts = shown.flatMap(({ row, remedy, fits, limitMiB, warnings }) => [
    ...warnings.map((warning) => `Row ${row}: ${warning}`),
    ...(fits === false
      ? [
          `Row ${row} will not fit${limitMiB === null ? '' : ` (limit ${limitMiB.toFixed(0)} MiB a worker)`}. ${remedy?.sentence ?? 'Nothing smaller fits either.'}`,
        ]
      : []),
  ]);
  return [table, `All rows together: ${total}; ${disk}.`, ...doubts].join('\n');
}
