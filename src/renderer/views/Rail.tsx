/** Chooses the view, on the left edge. */
import { ChartLine, CircleHelp, FlaskConical, Layers, ListChecks, type LucideIcon, Moon, Sun } from 'lucide-react';
import { useRuns } from '../state/runsStore';
import { setTheme, showDialog, showView, useWindow, type ViewName } from '../state/windowStore';

const entries: readonly { view: ViewName; label: string; icon: LucideIcon }[] = [
  { view: 'experiment', label: 'Experiment', icon: FlaskConical },
  { view: 'runs', label: 'Runs', icon: ListChecks },
  { view: 'viewer', label: 'Viewer', icon: Layers },
  { view: 'charts', label: 'Charts', icon: ChartLine },
];

export function Rail(): React.JSX.Element {
  const current = useWindow((state) => state.view);
  const theme = useWindow((state) => state.theme);
  const unfinished = useRuns(({ queue }) => queue.queued + (queue.runningRunId === null ? 0 : 1));
  const dark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <nav className="rail" aria-label="Views">
      {entries.map(({ view, label, icon: Icon }, index) => (
        <button
          key={view}
          type="button"
          aria-current={current === view ? 'page' : undefined}
          title={`${label} (Ctrl+${index + 1})`}
          onClick={() => showView(view)}
        >
          <Icon aria-hidden="true" />
          {label}
          {view === 'runs' && unfinished > 0 && (
            <span className="count" aria-hidden="true">
              {unfinished}
            </span>
          )}
        </button>
      ))}
      <button type="button" className="bottom" title="Switch between light and dark" onClick={() => setTheme(dark ? 'light' : 'dark')}>
        {dark ? <Sun aria-hidden="true" /> : <Moon aria-hidden="true" />}
        {dark ? 'Light' : 'Dark'}
      </button>
      <button type="button" className="help" title="User guide (F1); ? lists the keys" onClick={() => showDialog('guide')}>
        <CircleHelp aria-hidden="true" />
        Help
      </button>
    </nav>
  );
}
