/** One run in the list: star, name, tags, status, progress, and the numbers that are compared. */
import { ArrowDown, ArrowUp, Star } from 'lucide-react';
import { memo } from 'react';
import { hasEnded } from '../../../shared/runs';
import { moveInQueue, queuePlace, toggleStar } from '../../state/runActions';
import { focusRun, useRuns } from '../../state/runsStore';
import { attempt } from '../../state/windowStore';
import { decibelText, measuredTimeText, megabytesText, momentText } from '../parts/text';
import { StatusMark } from './StatusMark';
import { useTimeToPsnr } from './useTimeToPsnr';

interface Props {
  readonly id: string;
  /** `range`: with all from the run that was ticked before. */
  readonly onTick: (id: string, range: boolean) => void;
}

/** Remembered, so that scrolling draws only the rows that come into sight. */
export const RunRow = memo(function RunRow({ id, onTick }: Props): React.JSX.Element | null {
  const run = useRuns((state) => state.runs.get(id));
  const progress = useRuns((state) => state.progress.get(id));
  const focused = useRuns((state) => state.focused === id);
  const ticked = useRuns((state) => state.selected.has(id));
  const place = useRuns((state) => queuePlace(state.queue.waiting, id));
  const toTarget = useTimeToPsnr(id);
  if (run === undefined) return null;
  const fraction = progress?.fraction ?? run.iterations_done / run.row.max_runs;
  return (
    <tr className="run-row" id={`run-${id}`} aria-selected={focused} data-run={id} data-status={run.status} onClick={() => focusRun(id)}>
      <td>
        <input
          type="checkbox"
          tabIndex={-1}
          checked={ticked}
          aria-label={`Tick ${run.label}`}
          title="Tick; Shift+click ticks all from the one before"
          onClick={(event) => event.stopPropagation()}
          onChange={({ nativeEvent }) => onTick(id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
        />
      </td>
      <td>
        <button
          type="button"
          className="icon-button star"
          tabIndex={-1}
          aria-pressed={run.annotation.starred}
          aria-label={`Star ${run.label}`}
          title="Star (s)"
          onClick={(event) => {
            event.stopPropagation();
            void attempt(() => toggleStar(run));
          }}
        >
          <Star aria-hidden="true" />
        </button>
      </td>
      <td className="run-name">
        <span className="ellipsis name" title={run.label}>
          {run.label}
        </span>
        <span className="run-second">
          <span className="muted ellipsis">
            {momentText(run.created_at, new Date())}
            {run.row.n_repetitions > 1 && `, repetition ${run.repetition + 1} of ${run.row.n_repetitions}`}
          </span>
          {run.annotation.tags.map((tag) => (
            <span key={tag} className="badge accent">
              {tag}
            </span>
          ))}
        </span>
      </td>
      <td>
        <StatusMark run={run} place={place} />
      </td>
      <td className="run-progress">
        {place !== null ? (
          <QueueArrows id={id} label={run.label} />
        ) : hasEnded(run.status) || run.status === 'queued' ? (
          <span title="Iterations">{run.iterations_done === 0 ? '' : run.iterations_done}</span>
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
      </td>
      <td className="number" title="PSNR, dB">
        {run.psnr === null ? '' : `${decibelText(run.psnr)} dB`}
      </td>
      <td className="number widest">{run.ssim === null ? '' : run.ssim.toFixed(4)}</td>
      <td className="number cost" title="Solver time">
        {run.time_sec > 0 ? measuredTimeText(run.time_sec) : ''}
      </td>
      <td
        className="number wide"
        title={
          toTarget === null ? 'Time to target PSNR' : `Solver time to ${decibelText(toTarget.target)} dB: the first iterate at or above it`
        }
      >
        {toTarget === null ? '' : toTarget.seconds === null ? 'not reached' : measuredTimeText(toTarget.seconds)}
      </td>
      <td className="number wide" title="Peak memory of one rank">
        {run.peak_memory_mb === null ? '' : megabytesText(run.peak_memory_mb)}
      </td>
    </tr>
  );
});

/** Also Alt+Up and Alt+Down in the list. */
function QueueArrows({ id, label }: { readonly id: string; readonly label: string }): React.JSX.Element {
  const arrows = [
    { step: -1, icon: ArrowUp, words: 'Earlier' },
    { step: 1, icon: ArrowDown, words: 'Later' },
  ] as const;
  return (
    <span className="queue-arrows">
      {arrows.map(({ step, icon: Icon, words }) => (
        <button
          key={words}
          type="button"
          className="icon-button"
          tabIndex={-1}
          title={`${words} in the queue (Alt+${step < 0 ? 'Up' : 'Down'})`}
          aria-label={`${words}: ${label}`}
          onClick={(event) => {
            event.stopPropagation();
            void attempt(() => moveInQueue(id, step));
          }}
        >
          <Icon aria-hidden="true" />
        </button>
      ))}
    </span>
  );
}
