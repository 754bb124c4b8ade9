/** The chart tabs, the drawing, and its export. */
import { BookOpen, Download } from 'lucide-react';
import { useCallback, useEffect, useMemo } from 'react';
import { type FigureData, type FigureName, type FigureRun, figureData, figureNames } from '../../../engine/figures/series';
import { Plot } from '../../charts/Plot';
import { type ChartName, setExporting, showChart, useCharts } from '../../state/chartsStore';
import { provideFigureExport } from '../../state/commands';
import { chartRunIds, ensureDetail, useRuns } from '../../state/runsStore';
import { attempt, showNote } from '../../state/windowStore';
import { openInViewer } from '../openInViewer';
import { MessageLine } from '../parts/MessageLine';
import { useThemeInUse } from '../parts/useThemeInUse';

const overview: readonly FigureName[] = ['psnr-iteration', 'psnr-time', 'step-time', 'memory-batch'];
const drawnAtMost = 60;
const tabNames: Record<FigureName, string> = {
  'psnr-iteration': 'PSNR',
  'psnr-time': 'PSNR by time',
  'ssim-iteration': 'SSIM',
  'step-time': 'Step times',
  'memory-batch': 'Memory',
};

export function ChartPanel(): React.JSX.Element {
  const chart = useCharts((state) => state.chart);
  const { runs, ticked } = useFigureRuns();
  const theme = useThemeInUse();
  const names = chart === 'overview' ? overview : [chart];
  const figures = useMemo(() => (chart === 'overview' ? overview : [chart]).map((name) => figureData(name, runs)), [chart, runs]);
  const exported = chart === 'overview' ? undefined : figures[0];
  const drawable = exported !== undefined && exported.series.length > 0;
  const open = useCallback((): void => {
    if (drawable) setExporting([exported]);
    else showNote('Choose a chart that shows something, then export it.');
  }, [exported, drawable]);
  const openSet = (): void => {
    const set = figureNames.map((name) => figureData(name, runs)).filter(({ series }) => series.length > 0);
    if (set.length === 0) showNote('There is nothing to draw yet. Run the experiment first.');
    else setExporting(set);
  };
  useEffect(() => {
    provideFigureExport(open);
    return () => provideFigureExport(null);
  }, [open]);
  return (
    <section className="card chart-panel" aria-label="Charts">
      <div className="card-header">
        <div className="segmented">
          <ChartTab name="overview" title="Overview" current={chart} />
          {figureNames.map((name) => (
            <ChartTab key={name} name={name} title={tabNames[name]} current={chart} />
          ))}
        </div>
        <span className="grow" />
        <button
          type="button"
          className="button small"
          disabled={!drawable}
          title={drawable ? 'For print, with the numbers beside it as CSV (Ctrl+E)' : 'Choose one chart to export it'}
          onClick={open}
        >
          <Download aria-hidden="true" />
          Export...
        </button>
        <button
          type="button"
          className="button small"
          disabled={runs.length === 0}
          title="All charts with their numbers and the table of results, in one folder"
          onClick={openSet}
        >
          <BookOpen aria-hidden="true" />
          Paper set...
        </button>
      </div>
      {ticked > drawnAtMost && (
        <MessageLine kind="note" text={`The first ${drawnAtMost} of ${ticked} ticked runs are drawn: more could not be told apart.`} />
      )}
      <div className={names.length > 1 ? 'chart-grid' : 'chart-single'}>
        {figures.map((figure) => (
          <ChartBox key={figure.name} figure={figure} theme={theme} large={figures.length === 1} />
        ))}
      </div>
    </section>
  );
}

function ChartTab({
  name,
  title,
  current,
}: {
  readonly name: ChartName;
  readonly title: string;
  readonly current: ChartName;
}): React.JSX.Element {
  return (
    <button type="button" aria-pressed={current === name} data-chart={name} onClick={() => showChart(name)}>
      {title}
    </button>
  );
}

interface BoxProps {
  readonly figure: FigureData;
  readonly theme: 'light' | 'dark';
  readonly large: boolean;
}

function ChartBox({ figure, theme, large }: BoxProps): React.JSX.Element {
  const open = (runId: string, iteration: number | null): void => void attempt(() => openInViewer({ id: runId }, iteration));
  return (
    <section className="chart-box" aria-label={figure.title}>
      {!large && (
        <div className="chart-title">
          <h3 className="grow">{figure.title}</h3>
          <button type="button" className="button quiet small" onClick={() => showChart(figure.name)}>
            Enlarge
          </button>
        </div>
      )}
      {figure.series.length === 0 ? (
        <p className="chart-empty muted">{figure.note ?? 'Tick runs on the left to draw them.'}</p>
      ) : (
        <>
          <Plot figure={figure} theme={theme} legend={figure.series.length <= 12} onPoint={open} />
          {large && (
            <p className="muted small chart-note">
              {[figure.note, 'Click a point to see its iterate. Drag to zoom, double click to see all.'].filter(Boolean).join(' ')}
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** The drawn runs with their iterations, which are fetched when missing. */
function useFigureRuns(): { runs: FigureRun[]; ticked: number } {
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  const selected = useRuns((state) => state.selected);
  const details = useRuns((state) => state.details);
  const ticked = useMemo(() => chartRunIds({ order, runs, selected }), [order, runs, selected]);
  const ids = useMemo(() => ticked.slice(0, drawnAtMost), [ticked]);
  useEffect(() => {
    for (const id of ids) void ensureDetail(id);
  }, [ids]);
  const loaded = useMemo(
    () =>
      ids.flatMap((id) => {
        const detail = details.get(id);
        return detail === undefined ? [] : [detail];
      }),
    [ids, details],
  );
  return { runs: loaded, ticked: ticked.length };
}
