/** One run in the list: name, status, progress, and the numbers that are compared. */
import { hasEnded } from '../../../shared/runs';
import { focusRun, toggleSelected, useRuns } from '../../state/runsStore';
import { decibelText, durationText, megabytesText, momentText } from '../parts/text';
import { StatusMark } from './StatusMark';

export function RunRow({ id }: { readonly id: string }): React.JSX.Element | null {
  const run = useRuns((state) => state.runs.get(id));
  const progress = useRuns((state) => state.progress.get(id));
  const focused = useRuns((state) => state.focused === id);
  const ticked = useRuns((state) => state.selected.has(id));
  if (run === undefined) return null;
  const fraction = progress?.fraction ?? run.iterations_done / run.row.max_runs;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles its keys in one place
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names the active run
    <div
      className="run-row"
      role="option"
      id={`run-${id}`}
      aria-selected={focused}
      data-run={id}
      data-status={run.status}
      onClick={() => focusRun(id)}
    >
      <input
        type="checkbox"
        tabIndex={-1}
        checked={ticked}
        aria-label={`Tick ${run.label}`}
        onClick={(event) => event.stopPropagation()}
        onChange={() => toggleSelected(id)}
      />
      <div className="run-name">
        <span className="ellipsis name" title={run.label}>
          {run.label}
        </span>
        <span className="muted ellipsis">{momentText(run.created_at, new Date())}</span>
      </div>
      <StatusMark status={run.status} finishedEarly={run.stop_reason === 'finished_early'} />
      <div className="run-progress">
        {hasEnded(run.status) || run.status === 'queued' ? (
          <span>{run.iterations_done === 0 ? '' : `${run.iterations_done} it`}</span>
        ) : (
          <>
            <div className="progress" aria-hidden="true">
              <span style={{ width: `${Math.min(100, fraction * 100)}%` }} />
            </div>
            <span className="muted">
              {run.iterations_done}/{run.row.max_runs}
            </span>
          </>
        )}
      </div>
      <span className="number" title="PSNR, dB">
        {run.psnr === null ? '' : `${decibelText(run.psnr)} dB`}
      </span>
      <span className="number" title="Solver time">
        {run.time_sec > 0 ? durationText(run.time_sec) : ''}
      </span>
      <span className="number wide" title="Peak memory of one rank">
        {run.peak_memory_mb === null ? '' : megabytesText(run.peak_memory_mb)}
      </span>
    </div>
  );
}
