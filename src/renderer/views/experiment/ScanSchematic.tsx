/** Draws one schematic of the scan's geometry in the window's colours, with a scale bar in mm. */
import { type Schematic, type SchematicShape, scaleBarMm } from '../../../engine/figures/scanSchematic';

/** Of the drawing, in its own units; the page scales it. */
const width = 210;
const height = 150;
const margin = 10;
const captionHeight = 16;

export function ScanSchematic({ schematic }: { readonly schematic: Schematic }): React.JSX.Element {
  const { bounds, shapes, name, axes } = schematic;
  const room = { width: width - 2 * margin, height: height - 2 * margin - captionHeight };
  const scale = Math.min(room.width / (bounds.right - bounds.left || 1), room.height / (bounds.top - bounds.bottom || 1));
  const place = ([x, y]: readonly [number, number]): [number, number] => [
    width / 2 + (x - (bounds.left + bounds.right) / 2) * scale,
    captionHeight + margin + room.height / 2 - (y - (bounds.bottom + bounds.top) / 2) * scale,
  ];
  const barMm = scaleBarMm((0.3 * room.width) / scale);
  return (
    <svg
      className="schematic"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Geometry ${name.toLowerCase()}, scale bar ${barMm} mm`}
    >
      <text x={2} y={10} className="caption">
        {name}
      </text>
      <text x={width - 2} y={10} textAnchor="end" className="axes">
        {`${axes[0]} right, ${axes[1]} up`}
      </text>
      {shapes.map((shape) => (
        <Shape key={shape.kind} shape={shape} place={place} />
      ))}
      <path className="bar" d={`M2 ${height - 3}h${barMm * scale}m0 -2v4M2 ${height - 5}v4`} />
      <text x={barMm * scale + 7} y={height - 1} className="axes">
        {`${barMm} mm`}
      </text>
    </svg>
  );
}

function Shape({
  shape: { kind, points, closed },
  place,
}: {
  readonly shape: SchematicShape;
  readonly place: (point: readonly [number, number]) => [number, number];
}): React.JSX.Element {
  const placed = points.map(place);
  const [first] = placed;
  if (placed.length === 1 && first !== undefined) {
    return kind === 'axis' ? (
      <path className="axis" d={`M${first[0] - 4} ${first[1]}h8M${first[0]} ${first[1] - 4}v8`} />
    ) : (
      <circle className={kind} cx={first[0]} cy={first[1]} r={3} />
    );
  }
  const text = placed.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ');
  return closed ? <polygon className={kind} points={text} /> : <polyline className={kind} points={text} />;
}
