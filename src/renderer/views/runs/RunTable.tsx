/** The runs that pass the filter, newest experiment first; only the rows on screen are in the page, so that a thousand runs scroll smoothly. */
import { useCallback, useRef } from 'react';
import { moveInQueue, toggleStar } from '../../state/runActions';
import { useRunFilter } from '../../state/runFilter';
import { focusRun, setSelected, tickRange, useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';
import { openInViewer } from '../openInViewer';
import { useRowWindow } from '../parts/useRowWindow';
import { RunRow } from './RunRow';
import { RunTableHead } from './RunTableHead';

const rowHeight = 46;
/** It stays in sight above the rows. */
const headHeight = 30;

export function RunTable({ order }: { readonly order: readonly string[] }): React.JSX.Element {
  const focused = useRuns((state) => state.focused);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, before, after } = useRowWindow(scroller, order.length, rowHeight);
  const sortable = useRunFilter(({ status }) => status !== 'queue');
  const listed = useRef(order);
  listed.current = order;
  /** The run ticked last: with Shift, all from there on are ticked alike. */
  const anchor = useRef<string | null>(null);
  const tick = useCallback((id: string, range: boolean): void => {
    tickRange(listed.current, range ? (anchor.current ?? id) : id, id);
    anchor.current = id;
  }, []);

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
        else if (top + rowHeight + headHeight > element.scrollTop + element.clientHeight)
          element.scrollTop = top + rowHeight + headHeight - element.clientHeight;
      }
    } else if (event.key === ' ' && focused !== null) tick(focused, event.shiftKey);
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) setSelected(order);
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
        aria-label="Runs; arrows move, Space ticks, Shift+Space ticks all from the one before, s stars, Enter opens the last iterate, Alt with arrows moves a waiting run"
        aria-rowcount={order.length}
        aria-activedescendant={focused === null || !order.slice(first, last).includes(focused) ? undefined : `run-${focused}`}
        onKeyDown={pressed}
      >
        <RunTableHead sortable={sortable} />
        <tbody>
          {before > 0 && <tr className="gap" style={{ height: before }} />}
          {order.slice(first, last).map((id) => (
            <RunRow key={id} id={id} onTick={tick} />
          ))}
          {after > 0 && <tr className="gap" style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  );
}
