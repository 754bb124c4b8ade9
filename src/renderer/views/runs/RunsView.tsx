/** Queue and history on the left, the chosen run's page on the right. */
import { ListChecks, ListFilter, Play } from 'lucide-react';
import { chosenRows, runNow, runObstacle, useExperiment } from '../../state/experimentStore';
import { noFilter, setRunFilter, useListedRuns } from '../../state/runFilter';
import { useRuns } from '../../state/runsStore';
import { showView } from '../../state/windowStore';
import { AfterPaint } from '../parts/AfterPaint';
import { EmptyState } from '../parts/EmptyState';
import { ExampleButton } from '../parts/ExampleButton';
import { Split } from '../parts/Split';
import { FilterBar } from './FilterBar';
import { RunPage } from './RunPage';
import { RunTable } from './RunTable';
import { RunToolbar } from './RunToolbar';

export function RunsView(): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  const listed = useListedRuns();
  const obstacle = useExperiment(runObstacle);
  const starting = useExperiment((state) => state.starting);
  const rows = useExperiment((state) => chosenRows(state).length);
  if (count === 0 && starting) {
    return (
      <EmptyState icon={ListChecks} title={`Queuing ${rows === 1 ? '1 row' : `${rows} rows`}`} text="They are shown here in a moment." />
    );
  }
  if (count === 0) {
    return (
      <EmptyState
        icon={ListChecks}
        title="No runs yet"
        text="Every run stays here with its curves, step times, log and what it was made with. Start with the rows of the experiment."
      >
        <button
          type="button"
          className="button primary"
          disabled={obstacle !== null}
          title={obstacle ?? undefined}
          onClick={() => void runNow()}
        >
          <Play aria-hidden="true" />
          Run
        </button>
        <button type="button" className="button" onClick={() => showView('experiment')}>
          Show the experiment
        </button>
        <ExampleButton />
      </EmptyState>
    );
  }
  const list = (
    <section className="card runs-list" aria-label="Runs">
      <RunToolbar listed={listed} />
      <FilterBar shown={listed.length} />
      {listed.length === 0 ? (
        <EmptyState
          icon={ListFilter}
          title="No run passes the filter"
          text="Change the words, the status or the tag above, or show all runs again."
        >
          <button type="button" className="button" onClick={() => setRunFilter(noFilter)}>
            Show all runs
          </button>
        </EmptyState>
      ) : (
        <RunTable order={listed} />
      )}
    </section>
  );
  const page = (
    <AfterPaint placeholder={<section className="card run-page" aria-label="Run" />}>
      <RunPage />
    </AfterPaint>
  );
  return (
    <div className="page">
      <Split
        name="runs"
        label="Border between the list and the run's page"
        left={{ content: list, size: '52%', least: 340 }}
        right={{ content: page, size: '48%', least: 340 }}
      />
    </div>
  );
}
