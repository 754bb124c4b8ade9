/** How the rows run: what a worker may use, and what becomes of a row that needs more. */
import { SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useExperiment } from '../../state/experimentStore';
import { Dialog } from '../Dialogs';
import { MessageLine } from '../parts/MessageLine';

export function RunOptions(): React.JSX.Element {
  const limit = useExperiment((state) => state.memoryLimitMiB);
  const retries = useExperiment((state) => state.retryOutOfMemory);
  const [open, setOpen] = useState(false);
  const chosen = [...(limit === null ? [] : [`${limit} MiB a worker`]), ...(retries ? ['retries'] : [])];
  return (
    <>
      <button
        type="button"
        className="button small quiet"
        title="Memory limit of a worker, and what becomes of a row that runs out of memory"
        onClick={() => setOpen(true)}
      >
        <SlidersHorizontal aria-hidden="true" />
        {chosen.length === 0 ? 'Run options...' : chosen.join(', ')}
      </button>
      {open && <OptionsDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function OptionsDialog({ onClose }: { readonly onClose: () => void }): React.JSX.Element {
  const { memoryLimitMiB, retryOutOfMemory } = useExperiment.getState();
  const [limit, setLimit] = useState(memoryLimitMiB === null ? '' : String(memoryLimitMiB));
  const [retries, setRetries] = useState(retryOutOfMemory);
  const number = Number(limit.replace(',', '.'));
  const valid = limit.trim() === '' || (Number.isFinite(number) && number > 0);
  const apply = (event: React.FormEvent): void => {
    event.preventDefault();
    if (!valid) return;
    useExperiment.setState({ memoryLimitMiB: limit.trim() === '' ? null : number, retryOutOfMemory: retries });
    onClose();
  };
  return (
    <Dialog title="Run options" onClose={onClose}>
      <form className="stacked-form" onSubmit={apply}>
        <label className="stacked">
          Memory limit of a worker (MiB)
          <input
            type="text"
            inputMode="decimal"
            className="field"
            placeholder="none"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
          />
          <span className="muted small">
            A row that needs more ends as out of memory instead of taking it from others. Forecasts and advice are measured against it.
          </span>
        </label>
        {!valid && <MessageLine kind="bad" text="The memory limit must be a number of MiB above 0, or empty for none." />}
        <label className="check">
          <input type="checkbox" checked={retries} onChange={() => setRetries(!retries)} />
          Queue a row that runs out of memory again, with half its batch
        </label>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Leave
          </button>
          <button type="submit" className="button primary" disabled={!valid}>
            Apply
          </button>
        </div>
      </form>
    </Dialog>
  );
}
