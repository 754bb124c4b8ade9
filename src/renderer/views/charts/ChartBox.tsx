/** One chart: its drawing, what to do with it, or why there is none. */
import { Download } from 'lucide-react';
import { useState } from 'react';
import { budgetLimits } from '../../../engine/figures/budget';
import type { FigureData } from '../../../engine/figures/figure';
import { Plot, type VerticalAxis } from '../../charts/Plot';
import { setExporting, showChart } from '../../state/chartsStore';
import { useThemeInUse } from '../parts/useThemeInUse';
import { choosePoint } from './choosePoint';
import { LimitHandle } from './LimitHandle';
import { ShadeScale } from './ShadeScale';

/** More entries would leave no room for the drawing. */
const legendAtMost = { small: 6, large: 12 };

export function ChartBox({ figure, large }: { readonly figure: FigureData; readonly large: boolean }): React.JSX.Element {
  const theme = useThemeInUse();
  const [axis, setAxis] = useState<VerticalAxis | null>(null);
  const entries = figure.series.filter(({ inLegend = true }) => inLegend).length;
  const legend = entries <= (large ? legendAtMost.large : legendAtMost.small);
  return (
    <section className="chart-box" aria-label={figure.title}>
      <div className="chart-title">
        <h3 className="grow">{figure.title}</h3>
        {!large && figure.series.length > 0 && (
          <button
            type="button"
            className="icon-button"
            title="Export for print, with the numbers beside it as CSV"
            aria-label={`Export ${figure.title}`}
            onClick={() => setExporting([figure])}
          >
            <Download aria-hidden="true" />
          </button>
        )}
        {!large && (
          <button
            type="button"
            className="button quiet small"
            aria-label={`Enlarge ${figure.title}`}
            onClick={() => showChart(figure.name)}
          >
            Enlarge
          </button>
        )}
      </div>
      {figure.series.length === 0 ? (
        <p className="chart-empty muted">{figure.note ?? 'Tick runs on the left to draw them.'}</p>
      ) : (
        <div className="plot-frame">
          <Plot figure={figure} theme={theme} legend={legend} onPoint={choosePoint} onAxis={setAxis} />
          {large && figure.name === 'memory-time' && figure.limit !== undefined && axis !== null && (
            <LimitHandle axis={axis} budgetMiB={figure.limit.value} highest={budgetLimits(figure)?.high ?? figure.limit.value} />
          )}
          <ShadeScale figure={figure} />
        </div>
      )}
      {large && figure.series.length > 0 && (
        <p className="muted small chart-note">
          {[
            figure.note,
            legend ? null : 'Point at a curve to see what it is.',
            'Click a point to see its iterate, Shift+click two to compare them. Drag to zoom, double click to see all.',
          ]
            .filter(Boolean)
            .join(' ')}
        </p>
      )}
    </section>
  );
}
