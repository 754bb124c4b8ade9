/** What is running, how far it is, and the two ways to end it. Never in the way. */
import { CheckCheck, CircleStop, Pause, Play } from 'lucide-react';
import { request } from '../api/client';
import { focusRun, useRuns } from '../state/runsStore';
import { openWorkspace } from '../state/session';
import { attempt, showView, useWindow } from '../state/windowStore';
import { durationText } from './parts/text';

export function StatusBar(): React.JSX.Element {
  const queue = useRuns((state) => state.queue);
  const run = useRuns((state) => (queue.runningRunId === null ? undefined : state.runs.get(queue.runningRunId)));
  const progress = useRuns((state) => (queue.runningRunId === null ? undefined : state.progress.get(queue.runningRunId)));
  const batch = useRuns((state) => {
    if (run === undefined) return null;
    const rows = state.order.flatMap((id) => {
      const other = state.runs.get(id);
      return other?.experiment_id === run.experiment_id ? [other] : [];
    });
    const ended = rows.filter(({ status }) => status !== 'queued' && status !== 'running').length;
    return `run ${Math.min(rows.length, ended + 1)} of ${rows.length}`;
  });
  if (run === undefined) {
    return (
      <footer className="statusbar">
        <span className="muted grow">{idleText(queue.queued, queue.paused)}</span>
        <ExampleNote />
        {queue.paused && <PauseButton paused />}
      </footer>
    );
  }
  const fraction = progress?.fraction ?? run.iterations_done / run.row.max_runs;
  const eta = queue.etaSec ?? progress?.etaSec ?? null;
  return (
    <footer className="statusbar">
      <div
        className="progress"
        role="progressbar"
        aria-label="Current run"
        aria-valuenow={Math.round(fraction * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${Math.min(100, fraction * 100)}%` }} />
      </div>
      <button
        type="button"
        className="button quiet small"
        title="Show this run"
        onClick={() => {
          focusRun(run.id);
          showView('runs');
        }}
      >
        {run.label}
      </button>
      <span>{batch}</span>
      <span className="muted">
        iteration {run.iterations_done} of {run.row.max_runs}
        {progress !== undefined && `, ${progress.step}`}
      </span>
      <ExampleNote />
      <span className="grow muted">{eta !== null && `about ${durationText(eta)} left`}</span>
      <PauseButton paused={queue.paused} />
      <button
        type="button"
        className="button small"
        title="End this row after its iteration and keep the result"
        onClick={() => void attempt(() => request('runs.finishNow', { id: run.id }))}
      >
        <CheckCheck aria-hidden="true" />
        Finish now
      </button>
      <button
        type="button"
        className="button small danger"
        title="Stop this row"
        onClick={() => void attempt(() => request('runs.cancel', { id: run.id }))}
      >
        <CircleStop aria-hidden="true" />
        Cancel
      </button>
    </footer>
  );
}

/** Says that these are not the user's own results, and leads back to them. */
function ExampleNote(): React.JSX.Element | null {
  const own = useWindow((state) => state.application?.ownWorkspace ?? null);
  if (own === null) return null;
  return (
    <>
      <span className="badge accent">Example results, a copy</span>
      <button type="button" className="button small" title={own} onClick={() => void attempt(() => openWorkspace(own))}>
        Back to my results
      </button>
    </>
  );
}

function idleText(queued: number, paused: boolean): string {
  if (queued === 0) return 'Ready';
  const rows = queued === 1 ? '1 run waits' : `${queued} runs wait`;
  return paused ? `${rows}; the queue is paused` : rows;
}

function PauseButton({ paused }: { readonly paused: boolean }): React.JSX.Element {
  return (
    <button
      type="button"
      className="button small"
      title={paused ? 'Start the waiting runs' : 'Let the current run end, then wait'}
      onClick={() => void attempt(() => request('queue.pause', { paused: !paused }))}
    >
      {paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
      {paused ? 'Resume queue' : 'Pause queue'}
    </button>
  );
}
