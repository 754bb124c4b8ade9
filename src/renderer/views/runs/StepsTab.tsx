/** Steps of every iteration and rank, as measured: on a time axis and as numbers. */
import type { RunDetail } from '../../../shared/runs';
import { decibelText, measuredTimeText, megabytesText } from '../parts/text';
import { StepTimeline } from './StepTimeline';

const shown = 400;

export function StepsTab({ detail }: { readonly detail: RunDetail }): React.JSX.Element {
  const rows = detail.iterations.flatMap((one) => one.ranks.map((rank) => ({ one, rank }))).slice(-shown);
  if (rows.length === 0) return <p className="muted">No step has finished yet.</p>;
  return (
    <>
      <StepTimeline iterations={detail.iterations} />
      <table className="plain-table selectable">
        <thead>
          <tr>
            {['Iteration', 'Rank', 'PSNR', 'Gradient', 'Denoise', 'Peak, gradient', 'Peak, denoise', 'Memory left'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ one, rank }) => (
            <tr key={`${one.iteration}:${rank.rank}`}>
              <td>{one.iteration}</td>
              <td>{rank.rank}</td>
              <td>{decibelText(one.psnr)}</td>
              <td>{measuredTimeText(rank.gradient_time_sec)}</td>
              <td>{measuredTimeText(rank.denoise_time_sec)}</td>
              <td>{megabytesText(rank.gradient_memory_peak_mb)}</td>
              <td>{megabytesText(rank.denoise_memory_peak_mb)}</td>
              <td>{megabytesText(rank.gpu_available_memory_mb)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
