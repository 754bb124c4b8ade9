/** Seconds of every iteration, split into gradient, denoise and the rest, as plain SVG: cheap enough to follow a running row. */
import { stepSeconds } from '../../../engine/figures/curves';
import type { Iteration } from '../../../shared/runs';
import { measuredTimeText } from '../parts/text';

const parts = ['gradient', 'denoise', 'other'] as const;
const shown = 120;

export function StepBars({ iterations }: { readonly iterations: readonly Iteration[] }): React.JSX.Element {
  const measured = iterations.filter(({ iteration }) => iteration > 0).slice(-shown);
  if (measured.length === 0) return <p className="muted">No iteration has finished yet.</p>;
  const steps = measured.map((one) => ({ iteration: one.iteration, ...stepSeconds(one) }));
  const longest = Math.max(1e-9, ...steps.map(({ gradient, denoise, other }) => gradient + denoise + other));
  const last = steps.at(-1);
  return (
    <div className="step-bars">
      <ul className="step-legend">
        {parts.map((part) => (
          <li key={part}>
            <i className={part} aria-hidden="true" />
            {part} <span className="muted">{last === undefined ? '' : measuredTimeText(last[part])}</span>
          </li>
        ))}
      </ul>
      <svg
        className="stack"
        viewBox={`0 0 ${steps.length} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Step times of ${steps.length} iterations, at most ${measuredTimeText(longest)}`}
      >
        {steps.map((step, index) => {
          let top = 1;
          return (
            <g key={step.iteration}>
              <title>
                {`Iteration ${step.iteration}: gradient ${measuredTimeText(step.gradient)}, denoise ${measuredTimeText(step.denoise)}, other ${measuredTimeText(step.other)}`}
              </title>
              {parts.map((part) => {
                const height = step[part] / longest;
                top -= height;
                return <rect key={part} className={part} x={index + 0.12} y={top} width={0.76} height={height} />;
              })}
            </g>
          );
        })}
      </svg>
      <p className="muted small">
        Iterations {steps[0]?.iteration} to {last?.iteration}; the longest took {measuredTimeText(longest)}
      </p>
    </div>
  );
}
