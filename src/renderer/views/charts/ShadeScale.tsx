/** What the colours of a chart's points mean: the scale beside the drawing. */
import { shadePart } from '../../../engine/figures/drawCurves';
import type { FigureData } from '../../../engine/figures/figure';
import { shades } from '../../../engine/figures/style';
import { valueText } from '../parts/text';

export function ShadeScale({ figure }: { readonly figure: FigureData }): React.JSX.Element | null {
  const { low, high } = shadePart(figure.series.flatMap(({ points }) => points));
  if (figure.shadeTitle === undefined || !Number.isFinite(low)) return null;
  return (
    <div className="shade-scale">
      <span>{valueText(high)}</span>
      <svg
        viewBox="0 0 1 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${figure.shadeTitle}, ${valueText(low)} to ${valueText(high)}`}
      >
        <defs>
          <linearGradient id="shade-scale" x1="0" y1="1" x2="0" y2="0">
            {shades.map((colour, index) => (
              <stop key={colour} offset={index / (shades.length - 1)} stopColor={colour} />
            ))}
          </linearGradient>
        </defs>
        <rect width="1" height="1" fill="url(#shade-scale)" />
      </svg>
      {high > low && <span>{valueText(low)}</span>}
      <span className="muted">{figure.shadeTitle}</span>
    </div>
  );
}
