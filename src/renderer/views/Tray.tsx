/** Long work that is no run, in the corner: how far, how long still, and Cancel. Never in the way of anything; how it ended is said by who asked for it. */
import { request } from '../api/client';
import { useJobs } from '../state/jobsStore';
import { attempt } from '../state/windowStore';
import { durationText } from './parts/text';

export function Tray(): React.JSX.Element | null {
  const jobs = useJobs((state) => state.jobs);
  if (jobs.length === 0) return null;
  return (
    <section className="tray" aria-label="Work under way">
      {jobs.map(({ id, title, fraction, etaSec, stopping }) => (
        <div key={id} className="tray-job">
          <span className="ellipsis grow" title={title}>
            {title}
          </span>
          <span className="muted small">{stopping ? 'stopping' : etaSec === null ? '' : `about ${durationText(etaSec)} left`}</span>
          <button
            type="button"
            className="button small"
            disabled={stopping}
            aria-label={`Cancel: ${title}`}
            onClick={() => void attempt(() => request('jobs.cancel', { id }))}
          >
            Cancel
          </button>
          <div
            className={fraction === null ? 'progress unknown' : 'progress'}
            role="progressbar"
            aria-label={title}
            aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <span style={{ width: `${(fraction ?? 1) * 100}%` }} />
          </div>
        </div>
      ))}
    </section>
  );
}
