/** What probes said of a run beside what was measured. */
import type { Prediction, RunDetail } from '../../../shared/runs';
import { bytesText, measuredTimeText } from '../parts/text';

const bases: Readonly<Record<Prediction['basis'], string>> = {
  measured: 'This row was probed on this machine as it is.',
  interpolated: 'Read between probes of this machine.',
  extrapolated: 'Read beyond the probes of this machine; expect a larger error.',
};

interface Line {
  readonly name: string;
  readonly predicted: number;
  readonly measured: number | null;
  readonly text: (value: number) => string;
}

export function PredictionTab({ detail }: { readonly detail: RunDetail }): React.JSX.Element {
  const { prediction, chosen } = detail;
  if (prediction === null) return <p className="muted">Nothing was predicted for this run.</p>;
  return (
    <>
      <table className="plain-table selectable">
        <thead>
          <tr>
            <th scope="col" className="name">
              <span className="visually-hidden">What</span>
            </th>
            <th scope="col">Predicted</th>
            <th scope="col">Measured</th>
            <th scope="col">Measured / predicted</th>
          </tr>
        </thead>
        <tbody>
          {linesOf(detail, prediction).map(({ name, predicted, measured, text }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{text(predicted)}</td>
              <td>{measured === null ? '-' : text(measured)}</td>
              <td>{measured === null || predicted <= 0 ? '-' : `${(measured / predicted).toFixed(2)} x`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">{bases[prediction.basis]}</p>
      {chosen?.reasons.map((reason) => (
        <p key={reason} className="muted small">
          {reason}
        </p>
      ))}
    </>
  );
}

/** Times are medians over the iterations, of the slowest rank; memory is each rank's highest. */
function linesOf({ iterations, iterations_done, time_sec, stop_reason }: RunDetail, prediction: Prediction): Line[] {
  const measured = iterations.filter(({ iteration }) => iteration > 0);
  const slowest = (pick: 'gradient_time_sec' | 'denoise_time_sec'): number | null =>
    median(measured.flatMap(({ ranks }) => (ranks.length === 0 ? [] : [Math.max(...ranks.map((rank) => rank[pick]))])));
  const memory = prediction.peak_memory_mib.map((predicted, rank): Line => {
    const peaks = measured.flatMap(({ ranks }) => ranks.filter((one) => one.rank === rank).map((one) => one.gpu_memory_max_allocated_mb));
    const highest = peaks.length === 0 ? null : (Math.max(...peaks) * 1e6) / 2 ** 20;
    return { name: `Peak memory, rank ${rank}`, predicted, measured: highest, text: (mebibytes) => bytesText(mebibytes * 2 ** 20) };
  });
  return [
    ...memory,
    {
      name: 'One iteration',
      predicted: prediction.seconds_per_iteration,
      measured: median(measured.map(({ iteration_time_sec }) => iteration_time_sec)),
      text: measuredTimeText,
    },
    { name: 'Gradient', predicted: prediction.gradient_sec, measured: slowest('gradient_time_sec'), text: measuredTimeText },
    { name: 'Denoise', predicted: prediction.denoise_sec, measured: slowest('denoise_time_sec'), text: measuredTimeText },
    {
      name: 'All iterations',
      predicted: prediction.total_sec,
      measured: stop_reason === 'max_runs' && iterations_done > 0 ? time_sec : null,
      text: measuredTimeText,
    },
  ];
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
