/** The chart groups, one chart large, and export. */
import { ArrowLeft, BookOpen, Download } from 'lucide-react';
import { useCallback, useEffect, useMemo } from 'react';
import { type FigureData, type FigureName, figureNames } from '../../../engine/figures/figure';
import { figureData, figureTitle } from '../../../engine/figures/series';
import { type ChartGroup, chartGroups, isChartGroup, setExporting, showChart, showNumbers, useCharts } from '../../state/chartsStore';
import { provideFigureExport } from '../../state/commands';
import { attempt, showNote } from '../../state/windowStore';
import { MessageLine } from '../parts/MessageLine';
import { BudgetBar } from './BudgetBar';
import { ChartBox } from './ChartBox';
import { NumbersTable } from './NumbersTable';
import { PinnedBar } from './PinnedBar';
import { slicesOfRuns } from './slicesOfRuns';
import { drawnAtMost, useFigureRuns } from './useFigureRuns';

const groupNames: Record<ChartGroup, string> = { overview: 'Overview', quality: 'Quality', time: 'Time', memory: 'Memory' };

function namesOf(chart: FigureName | ChartGroup): readonly FigureName[] {
  return isChartGroup(chart) ? chartGroups[chart] : [chart];
}

export function ChartPanel(): React.JSX.Element {
  const chart = useCharts((state) => state.chart);
  const group = useCharts((state) => state.group);
  const budgetMiB = useCharts((state) => state.budgetMiB);
  const numbers = useCharts((state) => state.showsNumbers);
  const { runs, ticked } = useFigureRuns();
  const large = !isChartGroup(chart);
  const withBudget = useCallback(
    (name: FigureName): FigureData => {
      const figure = figureData(name, runs);
      if (budgetMiB === null || !name.startsWith('memory-')) return figure;
      return { ...figure, limit: { value: budgetMiB, label: `Budget ${Math.round(budgetMiB)} MiB` } };
    },
    [runs, budgetMiB],
  );
  const figures = useMemo(() => namesOf(chart).map(withBudget), [chart, withBudget]);
  const exported = large ? figures[0] : undefined;
  const drawable = exported !== undefined && exported.series.length > 0;
  const open = useCallback((): void => {
    if (drawable) setExporting([exported]);
    else showNote('Choose the chart to export: the arrow at its upper right, or enlarge it first.');
  }, [exported, drawable]);
  const openSet = async (): Promise<void> => {
    const set = figureNames.map(withBudget).filter(({ series }) => series.length > 0);
    const slices = await slicesOfRuns(runs);
    if (set.length === 0) showNote('There is nothing to draw yet. Run the experiment first.');
    else setExporting(slices === null ? set : [...set, slices]);
  };
  useEffect(() => {
    provideFigureExport(open);
    return () => provideFigureExport(null);
  }, [open]);
  return (
    <section className="card chart-panel" aria-label="Charts">
      <div className="card-header">
        {large && (
          <button
            type="button"
            className="icon-button"
            aria-label={`Back to ${groupNames[group]}`}
            title="Back"
            onClick={() => showChart(group)}
          >
            <ArrowLeft aria-hidden="true" />
          </button>
        )}
        <div className="segmented">
          {(Object.keys(groupNames) as ChartGroup[]).map((name) => (
            <button key={name} type="button" aria-pressed={chart === name} onClick={() => showChart(name)}>
              {groupNames[name]}
            </button>
          ))}
        </div>
        <select
          className="field chart-choice"
          aria-label="One chart, large"
          value={large ? chart : ''}
          onChange={({ target }) => showChart(figureNames.find((name) => name === target.value) ?? group)}
        >
          <option value="">One chart...</option>
          {figureNames.map((name) => (
            <option key={name} value={name}>
              {figureTitle(name)}
            </option>
          ))}
        </select>
        <span className="grow" />
        {large && (
          <button type="button" className="button small" aria-pressed={numbers} onClick={() => showNumbers(!numbers)}>
            Numbers
          </button>
        )}
        {large && (
          <button
            type="button"
            className="button small"
            disabled={!drawable}
            title="For print, with the numbers beside it as CSV (Ctrl+E)"
            onClick={open}
          >
            <Download aria-hidden="true" />
            Export...
          </button>
        )}
        <button
          type="button"
          className="button small"
          disabled={runs.length === 0}
          title="All charts with their numbers, slices of the first rows and the table of results, in one folder"
          onClick={() => void attempt(openSet)}
        >
          <BookOpen aria-hidden="true" />
          Paper set...
        </button>
      </div>
      {ticked > drawnAtMost && (
        <MessageLine kind="note" text={`The first ${drawnAtMost} of ${ticked} ticked runs are drawn: more could not be told apart.`} />
      )}
      <PinnedBar />
      {exported !== undefined && numbers ? (
        <NumbersTable figure={exported} />
      ) : (
        <div className={large ? 'chart-single' : 'chart-grid'} data-count={figures.length}>
          {figures.map((figure) => (
            <ChartBox key={figure.name} figure={figure} large={large} />
          ))}
        </div>
      )}
      {exported?.name === 'memory-time' && drawable && <BudgetBar figure={exported} />}
    </section>
  );
}
