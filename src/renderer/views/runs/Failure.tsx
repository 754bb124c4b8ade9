/** Why a run did not end well: its status with mark and word, one sentence, what is known of its memory, details to expand and copy, and its linked runs. */
import { usesNetwork } from '../../../shared/experiment';
import type { MemoryFailure, Run } from '../../../shared/runs';
import { retryHalved } from '../../state/runActions';
import { focusRun, useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';
import { ErrorDetails } from '../parts/ErrorDetails';
import { bytesText } from '../parts/text';
import { StatusMark } from './StatusMark';

export function Failure({ run }: { readonly run: Run }): React.JSX.Element | null {
  const repeated = useRuns((state) => [...state.runs.values()].find(({ retry_of }) => retry_of === run.id)?.id ?? null);
  const cancelled = run.status === 'cancelled' && run.error === null;
  if (run.error === null && !cancelled && run.retry_of === null) return null;
  return (
    <div className={`run-error ${run.status}`} role={run.error === null ? undefined : 'alert'}>
      {run.status !== 'done' && run.status !== 'queued' && run.status !== 'running' && <StatusMark run={run} />}
      {run.error !== null && <p>{run.error.message}</p>}
      {cancelled && <p>This run was cancelled. Retry goes on from the last iterate it kept.</p>}
      {run.memory_failure !== null && <p className="small">{memoryText(run.memory_failure)}</p>}
      <div className="link-row">
        {run.retry_of !== null && <RunLink id={run.retry_of} text="Repeats a run that ran out of memory, with half its batch." />}
        {run.status === 'out_of_memory' && repeated === null && batchOf(run) !== 1 && (
          <button
            type="button"
            className="button small"
            title="A run of its own beside this one; what ran out of memory stays as a result"
            onClick={() => void attempt(() => retryHalved(run.id))}
          >
            Retry with half the batch
          </button>
        )}
        {repeated !== null && <RunLink id={repeated} text="Repeated with half its batch." />}
      </div>
      {run.error !== null && run.error.details !== null && <ErrorDetails message={run.error.message} details={run.error.details} />}
    </div>
  );
}

/** null for solvers without a network. */
function batchOf({ row }: Run): number | 'auto' | null {
  return usesNetwork(row.solver) ? row.solver.max_batch_size : null;
}

function RunLink({ id, text }: { readonly id: string; readonly text: string }): React.JSX.Element {
  return (
    <>
      <span>{text}</span>
      <button type="button" className="button small" onClick={() => focusRun(id)}>
        Show that run
      </button>
    </>
  );
}

function memoryText({ rank, step, requested_mib, peak_mib, limit_mib }: MemoryFailure): string {
  const size = (mebibytes: number): string => bytesText(mebibytes * 2 ** 20);
  return [
    `${rank === null ? 'In' : `Rank ${rank}, in`} step "${step}"`,
    ...(requested_mib === null ? [] : [`asked for ${size(requested_mib)}`]),
    ...(peak_mib === null ? [] : [`had used up to ${size(peak_mib)}`]),
    ...(limit_mib === null ? [] : [`limit ${size(limit_mib)}`]),
  ].join('; ');
}
