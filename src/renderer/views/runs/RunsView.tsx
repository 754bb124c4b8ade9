/** Queue and history on the left, the chosen run's page on the right. */
import { ListChecks, Play } from 'lucide-react';
import { runNow, runObstacle, useExperiment } from '../../state/experimentStore';
import { useRuns } from '../../state/runsStore';
import { showView } from '../../state/windowStore';
import { EmptyState } from '../parts/EmptyState';
import { ExampleButton } from '../parts/ExampleButton';
import { RunPage } from './RunPage';
import { RunTable } from './RunTable';
import { RunToolbar } from './RunToolbar';

export function RunsView(): React.JSX.Element {
  const count = useRuns((state) => state.order.length);
  const obstacle = useExperiment(runObstacle);
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
  return (
    <div className="page runs-page">
      <section className="card runs-list" aria-label="Runs">
        <RunToolbar />
        <RunTable />
      </section>
      <RunPage />
    </div>
  );
}
