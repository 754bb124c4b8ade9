/** What the check of the open data found, and which corrections the user applied; they hold for this data only. */
import { create } from 'zustand';
import type { Correction } from '../../shared/corrections';
import { UserError } from '../../shared/errors';
import type { QualityReport } from '../../shared/quality';
import { request } from '../api/client';

interface DataCheckState {
  /** The data being checked or checked; null: none. */
  path: string | null;
  report: QualityReport | null;
  /** Share done while the check runs. */
  fraction: number;
  failure: string | null;
  corrections: readonly Correction[];
}

export const useDataCheck = create<DataCheckState>(() => ({ path: null, report: null, fraction: 0, failure: null, corrections: [] }));

/** Other data is being opened, with the corrections that were applied to it before. */
export function forgetCheck(corrections: readonly Correction[]): void {
  useDataCheck.setState({ path: null, report: null, fraction: 0, failure: null, corrections });
}

/** Starts the check in the background; its findings appear when they are known. */
export async function checkData(path: string): Promise<void> {
  useDataCheck.setState({ path, report: null, fraction: 0, failure: null });
  try {
    const report = await request('data.check', { path });
    if (useDataCheck.getState().path === path) useDataCheck.setState({ report });
  } catch (error) {
    if (error instanceof UserError && error.code === 'cancelled') return;
    if (useDataCheck.getState().path === path) useDataCheck.setState({ failure: error instanceof Error ? error.message : String(error) });
  }
}

export function noteCheckProgress({ path, fraction }: { readonly path: string; readonly fraction: number }): void {
  if (useDataCheck.getState().path === path) useDataCheck.setState({ fraction });
}

export function applyCorrection(correction: Correction): void {
  useDataCheck.setState(({ corrections }) => ({
    corrections: [...corrections.filter(({ kind }) => kind !== correction.kind), correction],
  }));
}

export function undoCorrection(kind: Correction['kind']): void {
  useDataCheck.setState(({ corrections }) => ({ corrections: corrections.filter((correction) => correction.kind !== kind) }));
}
