/** Slices of what the drawn rows ended with, beside the reference and with their differences from it, for a paper's set. */
import type { PanelsFigure } from '../../../engine/figures/slicePanels';
import type { Run } from '../../../shared/runs';
import { formatVolumeRef } from '../../../shared/volumes';
import { volumeHistogram, volumeInfo } from '../../api/volumes';
import { openReference, useExperiment } from '../../state/experimentStore';
import { useViewer } from '../../state/viewerStore';
import { keptIterations } from '../openInViewer';
import { sameShape } from '../viewer/difference';
import { comparisonFigure } from '../viewer/panelsFigure';
import { automaticWindow } from '../viewer/useWindows';

/** Panels beside each other that are large enough to be looked at. */
const panelsAtMost = 4;

/** The first rows, one repetition each; null where no row has kept a volume. The plane and the slice are the viewer's. Rejects where a volume cannot be read. */
export async function slicesOfRuns(runs: readonly Run[]): Promise<PanelsFigure | null> {
  const kept = runs.flatMap((run) => {
    const iteration = keptIterations(run.id).at(-1);
    if (iteration === undefined || run.repetition > 0) return [];
    return [{ title: run.label, reference: formatVolumeRef({ kind: 'iterate', runId: run.id, iteration }) }];
  });
  const [first] = kept;
  if (first === undefined) return null;
  const open = openReference(useExperiment.getState());
  // What is open may be another scan than the runs are of.
  const fits = open !== null && sameShape((await volumeInfo(first.reference)).shape, (await volumeInfo(open)).shape);
  const shown = [...(fits ? [{ title: 'Reference volume', reference: open }] : []), ...kept].slice(0, panelsAtMost);
  const volumes = await Promise.all(
    shown.map(async ({ title, reference }) => ({ title, facts: { reference, info: await volumeInfo(reference), histogram: null } })),
  );
  const [lead] = volumes;
  if (lead === undefined) return null;
  // One window for all, so one histogram: counting takes seconds for a large volume.
  const window = automaticWindow({ ...lead.facts, histogram: await volumeHistogram(lead.facts.reference) });
  return comparisonFigure(
    volumes.map((one) => ({ ...one, window })),
    useViewer.getState().axis,
    fits,
  );
}
