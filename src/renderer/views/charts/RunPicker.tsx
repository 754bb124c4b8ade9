/** Which runs are drawn, by experiment. */
import { useRef } from 'react';
import { chartRunIds, setSelected, useRuns } from '../../state/runsStore';
import { decibelText, momentText } from '../parts/text';
import { useRowWindow } from '../parts/useRowWindow';
import { StatusMark } from '../runs/StatusMark';

const rowHeight = 50;

export function RunPicker(): React.JSX.Element {
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  const selected = useRuns((state) => state.selected);
  const drawn = new Set(chartRunIds({ order, runs, selected }));
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, before, after } = useRowWindow(scroller, order.length, rowHeight);
  const toggle = (id: string): void => {
    const next = new Set(drawn);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  return (
    <section className="card picker" aria-label="Runs drawn">
      <div className="card-header">
        <h2 className="grow">{drawn.size === 1 ? '1 run drawn' : `${drawn.size} runs drawn`}</h2>
        <button
          type="button"
          className="button small"
          title="Draw the newest experiment"
          disabled={selected.size === 0}
          onClick={() => setSelected([])}
        >
          Newest
        </button>
      </div>
      <div ref={scroller} className="picker-list">
        <div style={{ height: before }} />
        {order.slice(first, last).map((id) => {
          const run = runs.get(id);
          if (run === undefined) return null;
          return (
            <label key={id} className="picker-row">
              <input type="checkbox" checked={drawn.has(id)} onChange={() => toggle(id)} />
              <span className="ellipsis" title={run.label}>
                {run.label}
              </span>
              <span className="number">{run.psnr === null ? '' : `${decibelText(run.psnr)} dB`}</span>
              <span className="second">
                <StatusMark run={run} />
                <span className="muted">{momentText(run.created_at, new Date())}</span>
              </span>
            </label>
          );
        })}
        <div style={{ height: after }} />
      </div>
    </section>
  );
}
