/** How long a run took to the PSNR its grid is compared at; reads its iterations once it has been in sight for a moment. */
import { useEffect } from 'react';
import { type PsnrReferences, psnrReferences, psnrTarget, timeToPsnr } from '../../../engine/results/timeToPsnr';
import type { Run } from '../../../shared/runs';
import { ensureDetail, useRuns } from '../../state/runsStore';

/** Rows that only scroll past load nothing. */
const LOOK_MS = 250;

/** Every row in sight asks for the same ones; a map of runs is never changed, there is a new one. */
const known = new WeakMap<ReadonlyMap<string, Run>, PsnrReferences>();

function referencesOf(runs: ReadonlyMap<string, Run>): PsnrReferences {
  const references = known.get(runs) ?? psnrReferences(runs.values());
  known.set(runs, references);
  return references;
}

/** `target` in dB, `seconds` null where the run has not reached it; null where there is nothing to compare with. */
export function useTimeToPsnr(id: string): { readonly target: number; readonly seconds: number | null } | null {
  const target = useRuns(({ runs }) => {
    const run = runs.get(id);
    return run === undefined ? null : psnrTarget(run, referencesOf(runs));
  });
  const detail = useRuns((state) => state.details.get(id));
  const wanted = useRuns(({ runs }) => (runs.get(id)?.iterations_done ?? 0) > 0) && target !== null;
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setTimeout(() => void ensureDetail(id), LOOK_MS);
    return () => clearTimeout(timer);
  }, [id, wanted]);
  return target === null || detail === undefined ? null : { target, seconds: timeToPsnr(detail.iterations, target) };
}
