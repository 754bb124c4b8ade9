/** What can be done with the ticked runs. */
import { ChartLine, Download, Trash2 } from 'lucide-react';
import { request } from '../../api/client';
import { exportResults } from '../../state/commands';
import { setSelected, useRuns } from '../../state/runsStore';
import { attempt, showView } from '../../state/windowStore';

export function RunToolbar(): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  const selected = useRuns((state) => state.selected);
  const ticked = selected.size;
  return (
    <div className="card-header">
      <input
        type="checkbox"
        aria-label="Tick all runs"
        checked={ticked === count}
        ref={(box) => {
          if (box !== null) box.indeterminate = ticked > 0 && ticked < count;
        }}
        onChange={() => setSelected(ticked === count ? [] : useRuns.getState().order)}
      />
      <h2 className="grow ellipsis">
        {count === 1 ? '1 run' : `${count} runs`}
        {ticked > 0 && <span className="muted small">, {ticked} ticked</span>}
      </h2>
      <button type="button" className="button small" title="Draw the ticked runs" onClick={() => showView('charts')}>
        <ChartLine aria-hidden="true" />
        Charts
      </button>
      <button
        type="button"
        className="button small"
        title="Results of the ticked runs as CSV"
        onClick={() => void attempt(() => exportResults('csv'))}
      >
        <Download aria-hidden="true" />
        CSV
      </button>
      <button
        type="button"
        className="button small"
        title="Results of the ticked runs as JSON"
        onClick={() => void attempt(() => exportResults('json'))}
      >
        JSON
      </button>
      <button
        type="button"
        className="button small danger"
        disabled={ticked === 0}
        title="Remove the ticked runs and their volumes for good; asks first"
        onClick={() => void attempt(() => request('runs.remove', { ids: [...selected] }))}
      >
        <Trash2 aria-hidden="true" />
        Remove
      </button>
    </div>
  );
}
