/** Opens iterates in the viewer: one beside the reference where that is open, or two to four to compare. */
import type { Run } from '../../shared/runs';
import { formatVolumeRef } from '../../shared/volumes';
import { readSlice, volumeInfo } from '../api/volumes';
import { openReference, useExperiment } from '../state/experimentStore';
import { ensureDetail, useRuns } from '../state/runsStore';
import { compareVolumes, insideOrMiddle, openIterate, useViewer } from '../state/viewerStore';
import { showNote, showView } from '../state/windowStore';

/** `iteration` null: the last one kept. An iteration that was not kept opens the nearest one that was, and says so. */
export async function openInViewer(run: Pick<Run, 'id'>, iteration: number | null): Promise<void> {
  await ensureDetail(run.id);
  const nearest = nearestOf(keptIterations(run.id), iteration);
  if (nearest === null) {
    showNote('This run has kept no iterate yet.');
    return;
  }
  if (iteration !== null && nearest !== iteration) showNote(`Iterate ${iteration} was not kept; this is iterate ${nearest}.`);
  openIterate(run.id, nearest, openReference(useExperiment.getState()));
  // Who asks for a volume does not want to see the scan.
  useViewer.setState(({ layout }) => ({ layout: layout === 'scan' ? 'four' : layout }));
  readAhead(formatVolumeRef({ kind: 'iterate', runId: run.id, iteration: nearest }));
  showView('viewer');
}

/** Opens two to four iterates beside each other; those that were not kept are replaced by the nearest that were. */
export async function openComparison(chosen: readonly Chosen[]): Promise<void> {
  const kept: string[] = [];
  for (const one of chosen) {
    const reference = await keptNear(one);
    if (reference !== null) kept.push(reference);
  }
  if (kept.length < chosen.length) {
    showNote('One of these runs has kept no iterate yet.');
    return;
  }
  compareVolumes(kept);
  for (const reference of kept) readAhead(reference);
  showView('viewer');
}

/** Reads what the viewer, as it is set up now, asks for first, while it is being drawn. A failure is the viewer's to say, which asks again. */
function readAhead(reference: string): void {
  const { axis, layout, slices } = useViewer.getState();
  const first = layout === 'compare' ? axis : 0;
  void volumeInfo(reference)
    .then(({ shape }) => readSlice(reference, first, insideOrMiddle(slices[first], shape[first])))
    .catch(() => {});
}

interface Chosen {
  readonly runId: string;
  /** null: the last one kept. */
  readonly iteration: number | null;
}

async function keptNear({ runId, iteration }: Chosen): Promise<string | null> {
  await ensureDetail(runId);
  const nearest = nearestOf(keptIterations(runId), iteration);
  return nearest === null ? null : formatVolumeRef({ kind: 'iterate', runId, iteration: nearest });
}

function nearestOf(kept: readonly number[], wanted: number | null): number | null {
  const last = kept.at(-1);
  if (last === undefined || wanted === null) return last ?? null;
  return kept.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best), last);
}

export function keptIterations(runId: string): number[] {
  const iterations = useRuns.getState().details.get(runId)?.iterations ?? [];
  return iterations.filter(({ volume_file }) => volume_file !== null).map(({ iteration }) => iteration);
}
