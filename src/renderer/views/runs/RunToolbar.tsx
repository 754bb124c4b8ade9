/** What can be done with the ticked runs. */
import { ChartLine, Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request } from '../../api/client';
import { exportResults } from '../../state/commands';
import { setSelected, useRuns } from '../../state/runsStore';
import { attempt, showView } from '../../state/windowStore';
import { Dialog } from '../Dialogs';

export function RunToolbar(): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  const selected = useRuns((state) => state.selected);
  const ticked = selected.size;
  const [asking, setAsking] = useState(false);
  const remove = (): void => {
    setAsking(false);
    void attempt(() => request('runs.remove', { ids: [...selected] }));
  };
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
        onClick={() => setAsking(true)}
      >
        <Trash2 aria-hidden="true" />
        Remove
      </button>
      {asking && (
        <Dialog title={ticked === 1 ? 'Remove 1 run?' : `Remove ${ticked} runs?`} onClose={() => setAsking(false)}>
          <p>Their curves, logs and kept volumes are deleted from the workspace. This cannot be undone.</p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Keep
            </button>
            <button type="button" className="button danger" onClick={remove}>
              Remove for good
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
