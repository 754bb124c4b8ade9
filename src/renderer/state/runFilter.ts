/** Which runs the list shows: by words, status, tag and star, or the queue in the order in which it runs. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { QueueState } from '../../shared/contract';
import { type Run, type RunStatus, wasWorkerKilled } from '../../shared/runs';
import { sortRuns, useRunSort } from './runSort';
import { useRuns } from './runsStore';

export interface RunFilter {
  /** Every word must occur in the label, the solver, a tag or the note. */
  readonly text: string;
  /** queue: what runs and waits, the next one first. */
  readonly status: RunStatus | 'worker_killed' | 'all' | 'queue';
  /** '': any or none. */
  readonly tag: string;
  readonly starredOnly: boolean;
}

export const noFilter: RunFilter = { text: '', status: 'all', tag: '', starredOnly: false };

export const useRunFilter = create<RunFilter>(() => noFilter);

export function setRunFilter(change: Partial<RunFilter>): void {
  useRunFilter.setState(change);
}

export function isFiltering({ text, status, tag, starredOnly }: RunFilter): boolean {
  return text.trim() !== '' || status !== 'all' || tag !== '' || starredOnly;
}

/** The runs that pass, in the order of `order`, or of the queue where the queue is asked for. */
export function filterRuns(order: readonly string[], runs: ReadonlyMap<string, Run>, queue: QueueState, filter: RunFilter): string[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const passes = (run: Run): boolean => {
    const { starred, tags, note } = run.annotation;
    if (filter.starredOnly && !starred) return false;
    if (filter.tag !== '' && !tags.includes(filter.tag)) return false;
    if (filter.status !== 'all' && filter.status !== 'queue' && (wasWorkerKilled(run) ? 'worker_killed' : run.status) !== filter.status)
      return false;
    if (words.length === 0) return true;
    const text = [run.label, run.row.solver.name, ...tags, note].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const listed = filter.status === 'queue' ? [...(queue.runningRunId === null ? [] : [queue.runningRunId]), ...queue.waiting] : order;
  return listed.filter((id) => {
    const run = runs.get(id);
    return run !== undefined && passes(run);
  });
}

/** The list as it is shown. */
export function useListedRuns(): readonly string[] {
  const order = useRuns((state) => state.order);
  const runs = useRuns((state) => state.runs);
  const queue = useRuns((state) => state.queue);
  const filter = useRunFilter();
  const sort = useRunSort((state) => state.sort);
  return useMemo(() => {
    const passing = isFiltering(filter) ? filterRuns(order, runs, queue, filter) : order;
    return filter.status === 'queue' ? passing : sortRuns(passing, runs, sort);
  }, [order, runs, queue, filter, sort]);
}

/** All tags in use, in alphabetical order. */
export function allTags(runs: ReadonlyMap<string, Run>): string[] {
  return [...new Set([...runs.values()].flatMap(({ annotation }) => annotation.tags))].toSorted((a, b) => a.localeCompare(b));
}
