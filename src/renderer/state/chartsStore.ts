/** Which charts are shown, the budget and the pinned point in them, and how figures are put on paper. */
import { create } from 'zustand';
import { type FigureName, isFigureName } from '../../engine/figures/figure';
import type { PaperFigure } from '../../engine/figures/slicePanels';
import { type Drawing, usualDrawing } from '../../shared/figures';

/** Charts that are looked at together; the overview holds the four of the reference's dashboard. */
export const chartGroups = {
  overview: ['psnr-iteration', 'psnr-time', 'step-time', 'memory-batch'],
  quality: ['psnr-iteration', 'psnr-time', 'ssim-iteration', 'ssim-time'],
  time: ['step-time', 'time-batch', 'time-to-psnr', 'workers'],
  memory: ['memory-time', 'memory-batch', 'prediction-error'],
} as const satisfies Record<string, readonly FigureName[]>;

export type ChartGroup = keyof typeof chartGroups;
export type ChartName = FigureName | ChartGroup;

export function isChartName(text: string): text is ChartName {
  return isFigureName(text) || Object.hasOwn(chartGroups, text);
}

export function isChartGroup(name: ChartName): name is ChartGroup {
  return Object.hasOwn(chartGroups, name);
}

/** A point of a chart: an iterate of a run. */
export interface PinnedPoint {
  readonly runId: string;
  readonly iteration: number | null;
}

interface ChartsState {
  chart: ChartName;
  /** The group that "Back" leads to from one large chart. */
  group: ChartGroup;
  /** Memory that runs may take, MiB; null: none is set. */
  budgetMiB: number | null;
  /** The first of two points to compare. */
  pinned: PinnedPoint | null;
  /** Numbers in place of the drawing of a large chart. */
  showsNumbers: boolean;
  /** What was chosen last in the export dialog. */
  drawing: Drawing;
  /** The figures in the export dialog: one, or a paper's set; null: it is closed. */
  exporting: readonly PaperFigure[] | null;
}

export const useCharts = create<ChartsState>(() => ({
  chart: 'overview',
  group: 'overview',
  budgetMiB: null,
  pinned: null,
  showsNumbers: false,
  drawing: usualDrawing,
  exporting: null,
}));

export function showChart(chart: ChartName): void {
  useCharts.setState(isChartGroup(chart) ? { chart, group: chart } : { chart });
}

export function setBudget(budgetMiB: number | null): void {
  useCharts.setState({ budgetMiB });
}

export function pinPoint(pinned: PinnedPoint | null): void {
  useCharts.setState({ pinned });
}

export function showNumbers(showsNumbers: boolean): void {
  useCharts.setState({ showsNumbers });
}

/** Opens the export dialog; null closes it. */
export function setExporting(exporting: readonly PaperFigure[] | null): void {
  useCharts.setState({ exporting });
}

export function setDrawing(change: Partial<Drawing>): void {
  useCharts.setState(({ drawing }) => ({ drawing: { ...drawing, ...change } }));
}
