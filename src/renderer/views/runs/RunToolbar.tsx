/** What can be done with the ticked runs. */
import { ChartLine, Columns2, Download, RotateCcw, Tag, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request } from '../../api/client';
import { addTag, retriable, retryRuns } from '../../state/runActions';
import { setSelected, useRuns } from '../../state/runsStore';
import { sides } from '../../state/viewerStore';
import { attempt, showDialog, showView } from '../../state/windowStore';
import { Dialog } from '../Dialogs';
import { openComparison } from '../openInViewer';

export function RunToolbar({ listed }: { readonly listed: readonly string[] }): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  const selected = useRuns((state) => state.selected);
  const ticked = selected.size;
  const allTicked = listed.length > 0 && listed.every((id) => selected.has(id));
  const [asking, setAsking] = useState(false);
  const [tagging, setTagging] = useState(false);
  const again = useRuns((state) => (state.selected.size === 0 ? 0 : retriable(state, state.selected).length));
  const comparable = ticked >= 2 && ticked <= sides.length;
  /** Their last iterates, in the order of the list. */
  const compareTicked = (): Promise<void> =>
    openComparison(
      useRuns
        .getState()
        .order.filter((id) => selected.has(id))
        .map((runId) => ({ runId, iteration: null })),
    );
  const remove = (): void => {
    setAsking(false);
    void attempt(() => request('runs.remove', { ids: [...selected] }));
  };
  return (
    <div className="card-header">
      <input
        type="checkbox"
        aria-label="Tick all runs shown"
        checked={allTicked}
        ref={(box) => {
          if (box !== null) box.indeterminate = ticked > 0 && !allTicked;
        }}
        onChange={() => setSelected(allTicked ? [] : listed)}
      />
      <h2 className="grow ellipsis">
        {count === 1 ? '1 run' : `${count} runs`}
        {ticked > 0 && <span className="muted small">, {ticked} ticked</span>}
      </h2>
      <button
        type="button"
        className="button small"
        disabled={!comparable}
        title="Tick two to four runs: their last iterates side by side"
        onClick={() => void attempt(() => compareTicked())}
      >
        <Columns2 aria-hidden="true" />
        Compare
      </button>
      <button
        type="button"
        className="icon-button"
        disabled={again === 0}
        title="Queue again those of the ticked runs that ended early; each goes on from what it kept"
        aria-label="Retry the ticked runs that ended early"
        onClick={() => void attempt(() => retryRuns(retriable(useRuns.getState(), selected)))}
      >
        <RotateCcw aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        disabled={ticked === 0}
        title="Tag the ticked runs"
        aria-label="Tag the ticked runs"
        onClick={() => setTagging(true)}
      >
        <Tag aria-hidden="true" />
      </button>
      <button type="button" className="button small" title="Draw the ticked runs" onClick={() => showView('charts')}>
        <ChartLine aria-hidden="true" />
        Charts
      </button>
      <button
        type="button"
        className="button small"
        title="Results of the ticked runs as CSV, Parquet, JSON or a bundle that repeats them"
        onClick={() => showDialog('results')}
      >
        <Download aria-hidden="true" />
        Export...
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
      {tagging && <TagDialog ids={[...selected]} onClose={() => setTagging(false)} />}
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

function TagDialog({ ids, onClose }: { readonly ids: readonly string[]; readonly onClose: () => void }): React.JSX.Element {
  const [tag, setTag] = useState('');
  const add = (event: React.FormEvent): void => {
    event.preventDefault();
    onClose();
    void attempt(() => addTag(ids, tag));
  };
  return (
    <Dialog title={ids.length === 1 ? 'Tag 1 run' : `Tag ${ids.length} runs`} onClose={onClose}>
      <form onSubmit={add}>
        <label className="stacked">
          Tag
          <input type="text" className="field" maxLength={40} value={tag} onChange={(event) => setTag(event.target.value)} />
        </label>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Leave
          </button>
          <button type="submit" className="button primary" disabled={tag.trim() === ''}>
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}
