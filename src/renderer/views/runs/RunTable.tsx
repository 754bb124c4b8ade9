/** The runs that pass the filter, newest experiment first; only the rows on screen are in the page, so that a thousand runs scroll smoothly. */
import { useRef } from 'react';
import { moveInQueue, toggleStar } from '../../state/runActions';
import { focusRun, toggleSelected, useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';
import { openInViewer } from '../openInViewer';
import { useRowWindow } from '../parts/useRowWindow';
import { RunRow } from './RunRow';

const rowHeight = 46;

export function RunTable({ order }: { readonly order: readonly string[] }): React.JSX.Element {
  const focused = useRuns((state) => state.focused);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, before, after } = useRowWindow(scroller, order.length, rowHeight);

  const pressed = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.altKey) {
      const move = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
      if (move === null || focused === null) return;
      event.preventDefault();
      void attempt(() => moveInQueue(focused, move));
      return;
    }
    const run = focused === null ? undefined : useRuns.getState().runs.get(focused);
    const index = focused === null ? -1 : order.indexOf(focused);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -order.length, End: order.length };
    const step = steps[event.key];
    if (step !== undefined) {
      const next = Math.max(0, Math.min(order.length - 1, index + step));
      focusRun(order[next] ?? null);
      const element = scroller.current;
      if (element !== null) {
        const top = next * rowHeight;
        if (top < element.scrollTop) element.scrollTop = top;
        else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight;
      }
    } else if (event.key === ' ' && focused !== null) toggleSelected(focused);
    else if (event.key === 's' && run !== undefined && !event.ctrlKey && !event.metaKey) void attempt(() => toggleStar(run));
    else if (event.key === 'Enter' && focused !== null) void attempt(() => openInViewer({ id: focused }, null));
    else return;
    event.preventDefault();
  };

  return (
    <div ref={scroller} className="run-scroller">
      <table
        className="run-table"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose rows are chosen with the keyboard is a grid
        role="grid"
        tabIndex={0}
        aria-label="Runs; arrows move, Space ticks, s stars, Enter opens the last iterate, Alt with arrows moves a waiting run"
        aria-rowcount={order.length}
        aria-activedescendant={focused === null || !order.slice(first, last).includes(focused) ? undefined : `run-${focused}`}
        onKeyDown={pressed}
      >
        <tbody>
          {before > 0 && <tr className="gap" style={{ height: before }} />}
          {order.slice(first, last).map((id) => (
            <RunRow key={id} id={id} />
          ))}
          {after > 0 && <tr className="gap" style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
