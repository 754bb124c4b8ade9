/** Opens an iterate of a run in the viewer, beside the reference where that is open. */
import type { Run } from '../../shared/runs';
import { formatVolumeRef } from '../../shared/volumes';
import { useExperiment } from '../state/experimentStore';
import { ensureDetail, useRuns } from '../state/runsStore';
import { openIterate } from '../state/viewerStore';
import { showNote, showView } from '../state/windowStore';

/** `iteration` null: the last one kept. An iteration that was not kept opens the nearest one that was, and says so. */
export async function openInViewer(run: Pick<Run, 'id'>, iteration: number | null): Promise<void> {
  await ensureDetail(run.id);
  const kept = keptIterations(run.id);
  const last = kept.at(-1);
  if (last === undefined) {
    showNote('This run has kept no iterate yet.');
    return;
  }
  const wanted = iteration ?? last;
  const nearest = kept.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best), last);
  if (nearest !== wanted) showNote(`Iterate ${wanted} was not kept; this is iterate ${nearest}.`);
  const { data } = useExperiment.getState();
  const reference = data?.hasReference === true ? formatVolumeRef({ kind: 'data', dataId: data.id, array: 'reference' }) : null;
  openIterate(run.id, nearest, reference);
  showView('viewer');
}

export function keptIterations(runId: string): number[] {
  const iterations = useRuns.getState().details.get(runId)?.iterations ?? [];
  return iterations.filter(({ volume_file }) => volume_file !== null).map(({ iteration }) => iteration);
}
