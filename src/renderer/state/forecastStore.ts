/** What the rows need before they start: memory, time and disk as the program foretells them, asked anew with every plan; advice on a row's windows. */
import { create } from 'zustand';
import type { Forecast, RowForecast } from '../../shared/preflight';
import { request } from '../api/client';
import { fillCells, useExperiment } from './experimentStore';
import { showNote } from './windowStore';

interface ForecastState {
  forecast: Forecast | null;
  /** By position in the grid. */
  rows: ReadonlyMap<number, RowForecast>;
  measuring: boolean;
}

export const useForecast = create<ForecastState>(() => ({ forecast: null, rows: new Map(), measuring: false }));

/** As runs are started from the window. */
function asked(): { text: string; dataPath: string; saveEvery: number | null; memoryLimitMiB: number | null } | null {
  const { text, dataPath, data, plan, saveEvery, memoryLimitMiB } = useExperiment.getState();
  if (dataPath === null || data === null || plan === null || plan.rows.length === 0) return null;
  return { text, dataPath, saveEvery, memoryLimitMiB };
}

function take(forecast: Forecast | null): void {
  useForecast.setState({ forecast, rows: new Map((forecast?.rows ?? []).map((row) => [row.row, row])) });
}

let forecastNumber = 0;

/** Follows the plan; a grid that cannot be foretold has no forecast, its own problems say why. */
export function startForecasts(): void {
  const ask = async (): Promise<void> => {
    const number = ++forecastNumber;
    const argument = asked();
    const forecast = argument === null ? null : await request('preflight.forecast', argument).catch(() => null);
    if (number === forecastNumber) take(forecast);
  };
  useExperiment.subscribe((state, before) => {
    const same = (['plan', 'data', 'saveEvery', 'memoryLimitMiB'] as const).every((name) => state[name] === before[name]);
    if (!same) void ask();
  });
}

/** Runs the probes that are missing; shown with Cancel in the tray. */
export async function measureRows(): Promise<void> {
  const argument = asked();
  if (argument === null) return;
  useForecast.setState({ measuring: true });
  try {
    const { forecast, notMeasured } = await request('preflight.measure', argument);
    if (useExperiment.getState().text === argument.text) take(forecast);
    for (const sentence of notMeasured) showNote(sentence);
  } finally {
    useForecast.setState({ measuring: false });
  }
}

/** Writes windows into the row that waste least within the memory there is. */
export async function advisePatch(rowIndex: number): Promise<void> {
  const argument = asked();
  if (argument === null) return;
  const { patch_size, overlap, reason, difference } = await request('preflight.advisePatch', { ...argument, rowIndex, budgetMiB: null });
  await write(argument.text, `${reason} ${difference}`, [
    { rowIndex, key: 'patch_size', value: `[${patch_size.join(', ')}]` },
    { rowIndex, key: 'overlap', value: `[${overlap.join(', ')}]` },
  ]);
}

/** Writes the batch into the row beyond which more windows at once gain nothing or do not fit. */
export async function adviseBatch(rowIndex: number): Promise<void> {
  const argument = asked();
  if (argument === null) return;
  const { max_batch_size, reason } = await request('preflight.adviseBatch', { ...argument, rowIndex });
  await write(argument.text, reason, [{ rowIndex, key: 'max_batch_size', value: String(max_batch_size) }]);
}

/** The advice is for the rows as they were asked about: where the text has changed since, it is said and not written. */
async function write(askedOf: string, reason: string, cells: Parameters<typeof fillCells>[0]): Promise<void> {
  if (useExperiment.getState().text !== askedOf) showNote(`Not written, because the configuration changed meanwhile. ${reason}`);
  else if (await fillCells(cells)) showNote(reason);
}
