/** Which chart is shown, and how figures are put on paper. */
import { create } from 'zustand';
import type { FigureName, PlottedFigure } from '../../engine/figures/series';
import { type Drawing, usualDrawing } from '../../shared/figures';

export type ChartName = FigureName | 'overview';

interface ChartsState {
  chart: ChartName;
  /** What was chosen last in the export dialog. */
  drawing: Drawing;
  /** The figures in the export dialog: one, or a paper's set; null: it is closed. */
  exporting: readonly PlottedFigure[] | null;
}

export const useCharts = create<ChartsState>(() => ({ chart: 'overview', drawing: usualDrawing, exporting: null }));

export function showChart(chart: ChartName): void {
  useCharts.setState({ chart });
}

/** Opens the export dialog; null closes it. */
export function setExporting(exporting: readonly PlottedFigure[] | null): void {
  useCharts.setState({ exporting });
}

export function setDrawing(change: Partial<Drawing>): void {
  useCharts.setState(({ drawing }) => ({ drawing: { ...drawing, ...change } }));
}
