/** The grip of the budget line over a drawing: dragged, or moved by the arrow keys. The line itself is the figure's. */
import type { VerticalAxis } from '../../charts/Plot';
import { setBudget } from '../../state/chartsStore';

interface Props {
  readonly axis: VerticalAxis;
  readonly budgetMiB: number;
  /** MiB. */
  readonly highest: number;
}

export function LimitHandle({ axis, budgetMiB, highest }: Props): React.JSX.Element | null {
  const { left, top, height, low, high } = axis;
  const place = top + height * (1 - (budgetMiB - low) / (high - low));
  const step = niceStep((high - low) / 50);
  const move = (value: number): void => setBudget(Math.min(highest, Math.max(0, Math.round(value))));
  const dragged = (event: React.PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (box !== undefined) move(low + (1 - (event.clientY - box.top - top) / height) * (high - low));
  };
  const pressed = (event: React.KeyboardEvent): void => {
    const by = { ArrowUp: step, ArrowDown: -step, PageUp: 10 * step, PageDown: -10 * step }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(budgetMiB + by);
  };
  if (place < top - 1 || place > top + height + 1) return null;
  return (
    <div
      className="limit-handle"
      style={{ top: place, left: left - 10 }}
      role="slider"
      tabIndex={0}
      aria-label="Memory budget"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={highest}
      aria-valuenow={Math.round(budgetMiB)}
      aria-valuetext={`${Math.round(budgetMiB)} MiB`}
      title="Drag, or use Up and Down"
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={dragged}
      onKeyDown={pressed}
    >
      <span aria-hidden="true" />
    </div>
  );
}

/** 1, 2 or 5 times a power of ten, at least 1. */
function niceStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
  return power * ([1, 2, 5].find((factor) => factor * power >= wanted) ?? 10);
}
