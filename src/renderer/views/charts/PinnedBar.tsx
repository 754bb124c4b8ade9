/** The first of two points to compare, while the second is being chosen. */
import { Pin } from 'lucide-react';
import { pinPoint, useCharts } from '../../state/chartsStore';
import { useRuns } from '../../state/runsStore';

export function PinnedBar(): React.JSX.Element | null {
  const pinned = useCharts((state) => state.pinned);
  const label = useRuns((state) => (pinned === null ? undefined : state.runs.get(pinned.runId)?.label));
  if (pinned === null) return null;
  const iterate = pinned.iteration === null ? 'The last iterate' : `Iterate ${pinned.iteration}`;
  return (
    <div className="pinned-bar" role="status">
      <Pin aria-hidden="true" />
      <span className="grow">
        {iterate} of {label ?? 'a run'} waits. Shift+click another point to compare the two.
      </span>
      <button type="button" className="button small" onClick={() => pinPoint(null)}>
        Let go
      </button>
    </div>
  );
}
