/** The volume's histogram (logarithm of counts, for the air outnumbers everything) with the window's edges to drag. */
import { useRef } from 'react';
import type { Histogram as Counts } from '../../../shared/contract';
import type { GreyWindow } from '../../state/viewerStore';

interface Props {
  readonly histogram: Counts;
  readonly window: GreyWindow;
  readonly onWindow: (window: GreyWindow) => void;
}

const width = 256;
const height = 64;

export function Histogram({ histogram, window, onWindow }: Props): React.JSX.Element {
  const held = useRef<'low' | 'high' | null>(null);
  const { low, high, counts } = histogram;
  const span = Math.max(1e-30, high - low);
  const most = Math.log1p(Math.max(1, ...counts));
  const step = width / counts.length;
  const line = counts.map((count, index) => `L${(index + 0.5) * step},${height - (Math.log1p(count) / most) * (height - 4)}`).join('');
  const at = (value: number): number => Math.max(0, Math.min(width, ((value - low) / span) * width));

  const dragged = (event: React.PointerEvent<SVGSVGElement>): void => {
    if (held.current === null) return;
    const box = event.currentTarget.getBoundingClientRect();
    const value = low + ((event.clientX - box.left) / box.width) * span;
    const room = span / 512;
    onWindow(
      held.current === 'low'
        ? { low: Math.min(value, window.high - room), high: window.high }
        : { low: window.low, high: Math.max(value, window.low + room) },
    );
  };
  return (
    <svg
      className="histogram"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label="Histogram; the window can also be typed below"
      onPointerDown={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const x = ((event.clientX - box.left) / box.width) * width;
        held.current = Math.abs(x - at(window.low)) < Math.abs(x - at(window.high)) ? 'low' : 'high';
        event.currentTarget.setPointerCapture(event.pointerId);
        dragged(event);
      }}
      onPointerMove={dragged}
      onPointerUp={() => {
        held.current = null;
      }}
    >
      <rect className="inside" x={at(window.low)} y={0} width={Math.max(0, at(window.high) - at(window.low))} height={height} />
      <path className="counts" d={`M0,${height}${line}L${width},${height}Z`} />
      {[window.low, window.high].map((edge, index) => (
        <line key={index === 0 ? 'low' : 'high'} className="edge" x1={at(edge)} x2={at(edge)} y1={0} y2={height} />
      ))}
    </svg>
  );
}
