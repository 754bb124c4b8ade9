/** What can be shown: the reference and the projections of the open data, and the kept iterates of runs. */
import { useMemo } from 'react';
import { formatVolumeRef, parseVolumeRef } from '../../../shared/volumes';
import { useExperiment } from '../../state/experimentStore';
import { useRuns } from '../../state/runsStore';

export interface Source {
  /** A data reference, or the run's id. */
  readonly id: string;
  readonly label: string;
  readonly group: string;
  /** The reference to show when the source is chosen. */
  readonly newest: string;
}

const runsListed = 300;

export function useSources(): readonly Source[] {
  const data = useExperiment((state) => state.data);
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  return useMemo(() => {
    const ofData: Source[] = [];
    if (data !== null) {
      const reference = formatVolumeRef({ kind: 'data', dataId: data.id, array: 'reference' });
      const sinogram = formatVolumeRef({ kind: 'data', dataId: data.id, array: 'sinogram' });
      if (data.hasReference) ofData.push({ id: reference, label: 'Reference volume', group: data.name, newest: reference });
      ofData.push({ id: sinogram, label: 'Projections', group: data.name, newest: sinogram });
    }
    const ofRuns = order.slice(0, runsListed).flatMap((id) => {
      const run = runs.get(id);
      if (run === undefined || (run.iterations_done === 0 && run.initial_psnr === null)) return [];
      const newest = formatVolumeRef({ kind: 'iterate', runId: id, iteration: run.iterations_done });
      return [{ id, label: run.label, group: 'Runs, newest first', newest }];
    });
    return [...ofData, ...ofRuns];
  }, [data, order, runs]);
}

/** The source a reference belongs to: its run, or itself. */
export function sourceIdOf(reference: string): string {
  const parsed = parseVolumeRef(reference);
  return parsed?.kind === 'iterate' ? parsed.runId : reference;
}

/** What a volume is likeliest compared with: a run with the reference, the reference with the newest run; null where there is neither. */
export function counterpartOf(reference: string, sources: readonly Source[]): string | null {
  const id = sourceIdOf(reference);
  const parsed = sources.map((source) => ({ source, what: parseVolumeRef(source.newest) }));
  const other = parsed.find(({ source, what }) => source.id !== id && (what?.kind === 'iterate' || what?.array === 'reference'));
  return other?.source.newest ?? null;
}

/** "Reference volume" or "max_batch_size 4, iterate 3". */
export function titleOf(reference: string, sources: readonly Source[]): string {
  const parsed = parseVolumeRef(reference);
  const label = sources.find(({ id }) => id === sourceIdOf(reference))?.label;
  if (parsed?.kind === 'iterate') return `${label ?? 'Run'}, iterate ${parsed.iteration}`;
  return label ?? (parsed?.array === 'sinogram' ? 'Projections' : 'Reference volume');
}
