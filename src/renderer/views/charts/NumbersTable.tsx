/** The numbers of a chart as a table: the same by keyboard and screen reader as the drawing is by mouse. */
import type { FigureData } from '../../../engine/figures/figure';
import { useCharts } from '../../state/chartsStore';
import { valueText } from '../parts/text';
import { choosePoint } from './choosePoint';

const shownAtMost = 500;

export function NumbersTable({ figure }: { readonly figure: FigureData }): React.JSX.Element {
  const pinned = useCharts((state) => state.pinned !== null);
  const rows = figure.series.flatMap(({ label, points }) => points.map((point) => ({ label, point })));
  const range = (values: readonly [number, number] | undefined): string =>
    values === undefined ? '' : ` (${valueText(values[0])} to ${valueText(values[1])})`;
  return (
    <section className="numbers" aria-label={`Numbers of ${figure.title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col">{figure.xTitle === '' ? 'Configuration' : figure.xTitle}</th>
            <th scope="col">{figure.yTitle}</th>
            {figure.shadeTitle !== undefined && <th scope="col">{figure.shadeTitle}</th>}
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
                <td>{typeof x === 'number' ? `${valueText(x)}${range(xRange)}` : x}</td>
                <td>{`${valueText(y)}${range(yRange)}`}</td>
                {figure.shadeTitle !== undefined && <td>{shade === undefined ? '' : valueText(shade)}</td>}
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
