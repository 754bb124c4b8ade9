/** What the scan's page shows: the view, the detector row of the sinogram, window and pan of its panes. */
import { create } from 'zustand';
import { type PaneView, wholeSlice } from '../viewer/paneGeometry';
import type { GreyWindow } from './viewerStore';

export type ScanPaneName = 'projection' | 'sinogram';

interface ScanState {
  view: number;
  /** Detector row; -1: the middle, once the detector's size is known. */
  row: number;
  /** null: from the percentiles of all views. */
  window: GreyWindow | null;
  panes: Readonly<Record<ScanPaneName, PaneView>>;
  /** The shadow of the volume and its axis over the measured views. */
  outline: boolean;
  playing: boolean;
  /** Under the pointer: row and column of the view, or view (its row) and column of the sinogram. */
  mark: { readonly pane: ScanPaneName; readonly row: number; readonly column: number } | null;
}

export const useScan = create<ScanState>(() => ({
  view: 0,
  row: -1,
  window: null,
  panes: { projection: wholeSlice, sinogram: wholeSlice },
  outline: true,
  playing: false,
  mark: null,
}));

export function showScanView(view: number, views: number): void {
  useScan.setState({ view: Math.max(0, Math.min(views - 1, Math.round(view))) });
}

export function showScanRow(row: number, rows: number): void {
  useScan.setState({ row: Math.max(0, Math.min(rows - 1, Math.round(row))) });
}

export function setScanPane(name: ScanPaneName, pane: PaneView): void {
  useScan.setState(({ panes }) => ({ panes: { ...panes, [name]: pane } }));
}

export function resetScanPanes(): void {
  useScan.setState({ panes: { projection: wholeSlice, sinogram: wholeSlice } });
}
