/** What choosing a point of a chart does: one opens in the viewer, two are compared there. */
import { pinPoint, useCharts } from '../../state/chartsStore';
import { attempt } from '../../state/windowStore';
import { openComparison, openInViewer } from '../openInViewer';

/** `compare`: the first point waits for the second. */
export function choosePoint(runId: string, iteration: number | null, compare: boolean): void {
  const { pinned } = useCharts.getState();
  const point = { runId, iteration };
  if (!compare) void attempt(() => openInViewer({ id: runId }, iteration));
  else if (pinned === null) pinPoint(point);
  else {
    pinPoint(null);
    void attempt(() => openComparison([pinned, point]));
  }
}
