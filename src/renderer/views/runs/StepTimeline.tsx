/** Steps of each rank on one axis of solver time, as SVG: where a rank waits for the others is a gap. */
import type { Iteration } from '../../../shared/runs';
import { measuredTimeText } from '../parts/text';

const shown = 400;
const laneHeight = 22;
const labelWidth = 58;
const pixelsPerIteration = 26;

interface Block {
  readonly key: string;
  readonly kind: 'gradient' | 'denoise';
  readonly rank: number;
  readonly start: number;
  readonly seconds: number;
  readonly words: string;
}

/**
 * Ranks work in lock step: all begin the gradient with the iteration, and the denoiser when the slowest rank has its gradient. What is left of the
 * iteration belongs to no rank alone (sums, the update).
 */
export function timelineBlocks(iterations: readonly Iteration[]): Block[] {
  return iterations.flatMap(({ iteration, time_sec, iteration_time_sec, ranks }) => {
    const start = time_sec - iteration_time_sec;
    const gradientEnd = start + Math.max(0, ...ranks.map(({ gradient_time_sec }) => gradient_time_sec));
    return ranks.flatMap(({ rank, gradient_time_sec, denoise_time_sec }) => {
      const block = (kind: Block['kind'], from: number, seconds: number): Block => ({
        key: `${iteration}:${rank}:${kind}`,
        kind,
        rank,
        start: from,
        seconds,
        words: `Iteration ${iteration}, rank ${rank}: ${kind} ${measuredTimeText(seconds)}`,
      });
      const gradient = block('gradient', start, gradient_time_sec);
      return denoise_time_sec > 0 ? [gradient, block('denoise', gradientEnd, denoise_time_sec)] : [gradient];
    });
  });
}

export function StepTimeline({ iterations }: { readonly iterations: readonly Iteration[] }): React.JSX.Element | null {
  const measured = iterations.filter(({ ranks }) => ranks.length > 0).slice(-shown);
  const first = measured[0];
  const last = measured.at(-1);
  if (first === undefined || last === undefined) return null;
  const from = first.time_sec - first.iteration_time_sec;
  const span = Math.max(1e-9, last.time_sec - from);
  const ranks = Math.max(...measured.map(({ ranks: own }) => own.length));
  const height = ranks * laneHeight + 4;
  const least = Math.max(240, measured.length * pixelsPerIteration);
  const place = (time: number): number => ((time - from) / span) * 1000;
  return (
    <figure className="timeline">
      <figcaption>
        <h3>Steps of each rank by solver time</h3>
        <ul className="step-legend">
          <li>
            <i className="gradient" aria-hidden="true" />
            gradient
          </li>
          <li>
            <i className="denoise" aria-hidden="true" />
            denoise
          </li>
          <li className="muted">gap: waiting, sums</li>
        </ul>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reachable without a mouse */}
      <section className="timeline-scroller" tabIndex={0} aria-label="Timeline, scrolls sideways">
        <div className="timeline-lanes" style={{ width: labelWidth, height }}>
          {Array.from({ length: ranks }, (_, rank) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a rank is its number
            <span key={rank}>rank {rank}</span>
          ))}
        </div>
        <svg
          viewBox={`0 0 1000 ${height}`}
          preserveAspectRatio="none"
          style={{ minWidth: least, height }}
          role="img"
          aria-label={`Steps of ${ranks} ranks in iterations ${first.iteration} to ${last.iteration}`}
        >
          {measured.map(({ iteration, time_sec }) => (
            <line
              key={iteration}
              className="tick"
              x1={place(time_sec)}
              x2={place(time_sec)}
              y1={0}
              y2={height}
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {timelineBlocks(measured).map(({ key, kind, rank, start, seconds, words }) => (
            <rect
              key={key}
              className={kind}
              x={place(start)}
              width={(seconds / span) * 1000}
              y={rank * laneHeight + 3}
              height={laneHeight - 4}
            >
              <title>{words}</title>
            </rect>
          ))}
        </svg>
      </section>
      <p className="muted small">
        Iterations {first.iteration} to {last.iteration}, {measuredTimeText(from)} to {measuredTimeText(last.time_sec)} of solver time; a
        line ends each iteration
      </p>
    </figure>
  );
}
