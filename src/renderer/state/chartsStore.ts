/** Which chart is shown. */
import { create } from 'zustand';
import type { FigureName } from '../../engine/figures/series';

export type ChartName = FigureName | 'overview';

export const useCharts = create<{ chart: ChartName }>(() => ({ chart: 'overview' }));

export function showChart(chart: ChartName): void {
  useCharts.setState({ chart });
}
