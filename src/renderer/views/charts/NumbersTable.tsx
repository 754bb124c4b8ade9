/** The numbers of a chart as a table: the same by keyboard and screen reader as the drawing is by mouse. */
import type { FigureData } from '../../../engine/figures/figure';
import { useCharts } from '../../state/chartsStore';
import { valueText } from '../parts/text';
import { choosePoint } from './choosePoint';

const shownAtMost = 500;

export function NumbersTable({ figure }: { readonly figure: FigureData }): React.JSX.Element {
  const pinned = useCharts((state) => state.pinned !== null);
  const decimals = decimalsOf(figure.series.flatMap(({ points }) => points.map(({ y }) => y)));
  const rows = figure.series.flatMap(({ label, points }) => points.map((point) => ({ label, point })));
  const range = (values: readonly [number, number] | undefined): string =>
    values === undefined ? '' : ` (${valueText(values[0])} to ${valueText(values[1])})`;
  return (
    <section className="numbers" aria-label={`Numbers of ${figure.title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col" className={isNumeric(figure) ? 'number' : undefined}>
              {figure.xTitle === '' ? 'Configuration' : figure.xTitle}
            </th>
            <th scope="col" className="number">
              {figure.yTitle}
            </th>
            {figure.shadeTitle !== undefined && (
              <th scope="col" className="number">
                {figure.shadeTitle}
              </th>
            )}
            <th scope="col">Iterate</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shownAtMost).map(({ label, point }, index) => {
            const { x, y, xRange, yRange, shade, runId, iteration } = point;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: points have no identity but their place
              <tr key={index}>
                <td>{label}</td>
                {typeof x === 'number' ? <td className="number">{`${valueText(x)}${range(xRange)}`}</td> : <td>{x}</td>}
                <td className="number">{`${y.toFixed(decimals)}${range(yRange)}`}</td>
                {figure.shadeTitle !== undefined && <td className="number">{shade === undefined ? '' : shade.toFixed(2)}</td>}
                <td>
                  <button type="button" className="button small" onClick={() => choosePoint(runId, iteration, false)}>
                    {`View ${iteration ?? 'the last'}`}
                  </button>
                  <button type="button" className="button small" onClick={() => choosePoint(runId, iteration, true)}>
                    {pinned ? 'Compare with the pinned one' : 'Pin to compare'}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.length > shownAtMost && (
        <p className="muted small">{`The first ${shownAtMost} of ${rows.length} points; Export writes all of them as CSV.`}</p>
      )}
    </section>
  );
}

function isNumeric({ series }: FigureData): boolean {
  return typeof series[0]?.points[0]?.x === 'number';
}

/** As many decimals for all as give the largest four digits, so that the column can be read down. */
function decimalsOf(values: readonly number[]): number {
  const largest = Math.max(...values.map(Math.abs), 0);
  return largest === 0 ? 0 : Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(largest))));
}
