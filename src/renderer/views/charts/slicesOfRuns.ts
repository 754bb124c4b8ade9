/** Slices of what the drawn rows ended with, beside the reference and with their differences from it, for a paper's set. */
import type { PanelsFigure } from '../../../engine/figures/slicePanels';
import type { Run } from '../../../shared/runs';
import { formatVolumeRef } from '../../../shared/volumes';
import { volumeHistogram, volumeInfo } from '../../api/volumes';
import { useExperiment } from '../../state/experimentStore';
import { useViewer } from '../../state/viewerStore';
import type { VolumeFacts } from '../../viewer/useVolume';
import { keptIterations } from '../openInViewer';
import { type Compared, comparisonFigure } from '../viewer/panelsFigure';
import { automaticWindow } from '../viewer/useWindows';

/** Panels beside each other that are large enough to be looked at. */
const panelsAtMost = 4;

/** The first rows, one repetition each; null where no row has kept a volume. The plane and the slice are the viewer's. Rejects where a volume cannot be read. */
export async function slicesOfRuns(runs: readonly Run[]): Promise<PanelsFigure | null> {
  const { data } = useExperiment.getState();
  const kept = runs.flatMap((run) => {
    const iteration = keptIterations(run.id).at(-1);
    if (iteration === undefined || run.repetition > 0) return [];
    return [{ title: run.label, reference: formatVolumeRef({ kind: 'iterate', runId: run.id, iteration }) }];
  });
  const [first] = kept;
  if (first === undefined) return null;
  const truth = data?.hasReference === true ? await factsOf(formatVolumeRef({ kind: 'data', dataId: data.id, array: 'reference' })) : null;
  // What is open may be another scan than the runs are of.
  const fits = truth !== null && (await volumeInfo(first.reference)).shape.every((size, axis) => size === truth.info.shape[axis]);
  const shown = await Promise.all(
    kept.slice(0, fits ? panelsAtMost - 1 : panelsAtMost).map(async ({ title, reference }) => ({ title, facts: await factsOf(reference) })),
  );
  const window = automaticWindow(fits ? truth : (shown[0]?.facts ?? null));
  const volumes: Compared[] = [...(fits ? [{ title: 'Reference volume', facts: truth }] : []), ...shown].map((one) => ({ ...one, window }));
  return comparisonFigure(volumes, useViewer.getState().axis, fits);
}

async function factsOf(reference: string): Promise<VolumeFacts> {
  return { reference, info: await volumeInfo(reference), histogram: await volumeHistogram(reference) };
}
