/** How long a run took to the PSNR its grid is compared at; reads its iterations once it has been in sight for a moment. */
import { useEffect, useMemo } from 'react';
import { psnrTarget, timeToPsnr } from '../../../engine/results/timeToPsnr';
import { ensureDetail, useRuns } from '../../state/runsStore';

/** Rows that only scroll past load nothing. */
const LOOK_MS = 250;

/** `target` in dB, `seconds` null where the run has not reached it; null where there is nothing to compare with. */
export function useTimeToPsnr(id: string): { readonly target: number; readonly seconds: number | null } | null {
  const runs = useRuns((state) => state.runs);
  const detail = useRuns((state) => state.details.get(id));
  const run = runs.get(id);
  const target = useMemo(() => (run === undefined ? null : psnrTarget(run, runs.values())), [run, runs]);
  const wanted = target !== null && run !== undefined && run.iterations_done > 0;
  useEffect(() => {
    if (!wanted) return undefined;
    const timer = setTimeout(() => void ensureDetail(id), LOOK_MS);
    return () => clearTimeout(timer);
  }, [id, wanted]);
  return target === null || detail === undefined ? null : { target, seconds: timeToPsnr(detail.iterations, target) };
}
