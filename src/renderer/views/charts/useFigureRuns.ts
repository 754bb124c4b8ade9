/** The drawn runs with their iterations, which are fetched when missing. */
import { useEffect, useMemo } from 'react';
import type { FigureRun } from '../../../engine/figures/figure';
import { chartRunIds, ensureDetail, useRuns } from '../../state/runsStore';

/** More could not be told apart. */
export const drawnAtMost = 60;

export function useFigureRuns(): { runs: FigureRun[]; ticked: number } {
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  const selected = useRuns((state) => state.selected);
  const details = useRuns((state) => state.details);
  const ticked = useMemo(() => chartRunIds({ order, runs, selected }), [order, runs, selected]);
  const ids = useMemo(() => ticked.slice(0, drawnAtMost), [ticked]);
  useEffect(() => {
    for (const id of ids) void ensureDetail(id);
  }, [ids]);
  const loaded = useMemo(
    () =>
      ids.flatMap((id) => {
        const detail = details.get(id);
        return detail === undefined ? [] : [detail];
      }),
    [ids, details],
  );
  return { runs: loaded, ticked: ticked.length };
}
