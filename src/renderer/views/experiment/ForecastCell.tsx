/** What a row needs before it starts: its highest memory against what its device has free, as a bar and in words, and its time. */
import type { RowForecast } from '../../../shared/preflight';
import { bytesText, durationText } from '../parts/text';

const mebibyte = 2 ** 20;

export function ForecastCell({ forecast }: { readonly forecast: RowForecast | undefined }): React.JSX.Element {
  const known = (forecast?.devices ?? []).flatMap(({ device, neededMiB, freeMiB }) =>
    neededMiB === null ? [] : [{ device, neededMiB, freeMiB, share: neededMiB / Math.max(1, freeMiB) }],
  );
  const tightest = known.toSorted((a, b) => b.share - a.share)[0];
  if (forecast === undefined || tightest === undefined) return <span className="muted">not measured</span>;
  const fits = forecast.fits !== false;
  const tone = !fits ? 'bad' : tightest.share > 0.8 ? 'warn' : '';
  const lines = known.map(
    ({ device, neededMiB, freeMiB }) => `${device}: needs ${bytesText(neededMiB * mebibyte)} of ${bytesText(freeMiB * mebibyte)} free`,
  );
  const title = [...lines, ...(forecast.remedy === null ? [] : [forecast.remedy.sentence]), ...forecast.warnings].join('\n');
  return (
    <span className="forecast" title={title}>
      <span className={`progress ${tone}`} aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.max(2, tightest.share * 100))}%` }} />
      </span>
      <span className="forecast-words">
        <span className={tone}>
          {bytesText(tightest.neededMiB * mebibyte)}
          {!fits && ', too much'}
        </span>
        <span>{forecast.prediction === null ? '' : durationText(forecast.prediction.total_sec)}</span>
      </span>
      <span className="visually-hidden">{title}</span>
    </span>
  );
}
