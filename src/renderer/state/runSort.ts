/** The order of the list of runs: as the grids were queued, or by a column. */
import { create } from 'zustand';
import type { RunSort } from '../../shared/contract';
import type { Run } from '../../shared/runs';

export type SortColumn = RunSort['column'];

interface RunSortState {
  /** null: newest experiment first, rows as in their grid. */
  readonly sort: RunSort | null;
}

export const useRunSort = create<RunSortState>(() => ({ sort: null }));

/** Quality is best when high, what it costs when low. */
const bestHigh: ReadonlySet<SortColumn> = new Set(['psnr', 'ssim', 'iterations']);

const values: Record<SortColumn, (run: Run) => string | number | null> = {
  name: ({ label }) => label,
  status: ({ status }) => status,
  iterations: ({ iterations_done }) => iterations_done,
  psnr: ({ psnr }) => psnr,
  ssim: ({ ssim }) => ssim,
  time: ({ time_sec }) => (time_sec > 0 ? time_sec : null),
  memory: ({ peak_memory_mb }) => peak_memory_mb,
};

// Made once: a collator costs more than a thousand of its answers. Numbers in names count as numbers.
const collator = new Intl.Collator('en', { numeric: true });

/** Runs without a value stand last in either direction; equal ones keep their order. */
export function sortRuns(order: readonly string[], runs: ReadonlyMap<string, Run>, sort: RunSort | null): readonly string[] {
  if (sort === null) return order;
  const { column, descending } = sort;
  const keyed = order.map((id) => {
    const run = runs.get(id);
    return { id, value: run === undefined ? null : values[column](run) };
  });
  const compare = (a: string | number, b: string | number): number =>
    typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return keyed
    .toSorted((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return (descending ? -1 : 1) * compare(a.value, b.value);
    })
    .map(({ id }) => id);
}

/** Best first, then the other way round, then as they were queued. */
export function nextSort(sort: RunSort | null, column: SortColumn): RunSort | null {
  const first = bestHigh.has(column);
  if (sort?.column !== column) return { column, descending: first };
  return sort.descending === first ? { column, descending: !first } : null;
}

export function sortBy(column: SortColumn): void {
  useRunSort.setState(({ sort }) => ({ sort: nextSort(sort, column) }));
}
