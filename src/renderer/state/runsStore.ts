/** Runs as the window knows them: the list, details that were asked for, live progress, and the selection. Many events become few renders. */
import { create } from 'zustand';
import type { EventPayload, QueueState } from '../../shared/contract';
import type { Run, RunDetail } from '../../shared/runs';
import { request } from '../api/client';
import { showError } from './windowStore';

export interface RunProgress {
  readonly step: string;
  readonly fraction: number;
  readonly etaSec: number | null;
}

export interface RunsState {
  loaded: boolean;
  runs: ReadonlyMap<string, Run>;
  /** Newest experiment first, rows of an experiment in their order. */
  order: readonly string[];
  details: ReadonlyMap<string, RunDetail>;
  progress: ReadonlyMap<string, RunProgress>;
  queue: QueueState;
  /** Ticked runs: what charts draw and what Remove and Export act on. */
  selected: ReadonlySet<string>;
  /** The run whose page is open. */
  focused: string | null;
}

export const useRuns = create<RunsState>(() => ({
  loaded: false,
  runs: new Map(),
  order: [],
  details: new Map(),
  progress: new Map(),
  queue: { paused: false, runningRunId: null, queued: 0, waiting: [], etaSec: null },
  selected: new Set(),
  focused: null,
}));

const logLinesKept = 2000;

/** Experiments by their newest run, newest first; inside one, in the order they were queued. */
export function orderRuns(runs: Iterable<Run>): string[] {
  const byExperiment = new Map<string, Run[]>();
  for (const run of runs) {
    const list = byExperiment.get(run.experiment_id);
    if (list === undefined) byExperiment.set(run.experiment_id, [run]);
    else list.push(run);
  }
  const groups = [...byExperiment.values()].map((list) => ({
    newest: list.reduce((latest, run) => (run.created_at > latest ? run.created_at : latest), ''),
    list: list.toSorted((a, b) => a.row.index - b.row.index || a.repetition - b.repetition),
  }));
  return groups
    .toSorted((a, b) => (a.newest < b.newest ? 1 : a.newest > b.newest ? -1 : 0))
    .flatMap(({ list }) => list.map(({ id }) => id));
}

export async function loadRuns(): Promise<void> {
  const [list, queue] = await Promise.all([request('runs.list', {}), request('queue.state', {})]);
  const runs = new Map(list.map((run) => [run.id, run]));
  useRuns.setState(({ selected, focused }) => ({
    loaded: true,
    runs,
    queue,
    order: orderRuns(list),
    selected: new Set([...selected].filter((id) => runs.has(id))),
    focused: focused !== null && runs.has(focused) ? focused : null,
  }));
}

const loading = new Set<string>();

/** Reads iterations and log of a run unless they are here; events keep them up to date. */
export async function ensureDetail(id: string): Promise<void> {
  if (useRuns.getState().details.has(id) || loading.has(id)) return;
  loading.add(id);
  try {
    const detail = await request('runs.get', { id });
    useRuns.setState(({ details }) => ({ details: new Map(details).set(id, detail) }));
  } catch (error) {
    showError(error);
  } finally {
    loading.delete(id);
  }
}

export function focusRun(id: string | null): void {
  useRuns.setState({ focused: id });
  if (id !== null) void ensureDetail(id);
}

/** Ticks exactly these runs and opens the page of the first. */
export function selectRuns(ids: readonly string[]): void {
  useRuns.setState({ selected: new Set(ids) });
  focusRun(ids[0] ?? null);
}

export function setSelected(ids: Iterable<string>): void {
  useRuns.setState({ selected: new Set(ids) });
}

/** Ticks `to`, or unticks it, and does the same with all from `from` to there in `order`. */
export function tickRange(order: readonly string[], from: string, to: string): void {
  useRuns.setState(({ selected }) => {
    const ends = [order.indexOf(from), order.indexOf(to)];
    const range = ends.includes(-1) ? [to] : order.slice(Math.min(...ends), Math.max(...ends) + 1);
    const next = new Set(selected);
    const ticks = !selected.has(to);
    for (const id of range) {
      if (ticks) next.add(id);
      else next.delete(id);
    }
    return { selected: next };
  });
}

/** The runs that charts draw: the ticked ones, else those of the newest experiment. */
export function chartRunIds({ selected, order, runs }: Pick<RunsState, 'selected' | 'order' | 'runs'>): string[] {
  if (selected.size > 0) return order.filter((id) => selected.has(id));
  const newest = order[0] === undefined ? undefined : runs.get(order[0])?.experiment_id;
  return order.filter((id) => runs.get(id)?.experiment_id === newest);
}

/** What happened since the last render. */
export interface RunEvents {
  changed: Map<string, Run>;
  iterations: EventPayload<'run.iteration'>[];
  progress: Map<string, RunProgress>;
  log: EventPayload<'run.log'>[];
  removed: string[];
}

/** Applies gathered events in one step. */
export function applyRunEvents({ changed, iterations, progress, log, removed }: RunEvents): void {
  useRuns.setState((state) => {
    const runs = new Map(state.runs);
    const details = new Map(state.details);
    const live = new Map(state.progress);
    for (const [id, run] of changed) {
      runs.set(id, run);
      const detail = details.get(id);
      if (detail !== undefined) details.set(id, { ...detail, ...run });
      if (run.status !== 'running') live.delete(id);
    }
    for (const [id, one] of progress) if (runs.get(id)?.status === 'running') live.set(id, one);
    for (const { runId, iteration } of iterations) {
      const detail = details.get(runId);
      if (detail === undefined) continue;
      const others = detail.iterations.filter((known) => known.iteration !== iteration.iteration);
      details.set(runId, { ...detail, iterations: [...others, iteration].toSorted((a, b) => a.iteration - b.iteration) });
    }
    for (const { runId, line } of log) {
      const detail = details.get(runId);
      if (detail !== undefined) details.set(runId, { ...detail, log: [...detail.log, line].slice(-logLinesKept) });
    }
    const selected = new Set(state.selected);
    for (const id of removed) {
      runs.delete(id);
      details.delete(id);
      live.delete(id);
      selected.delete(id);
    }
    const sameRuns = removed.length === 0 && [...changed.keys()].every((id) => state.runs.has(id));
    return {
      runs,
      details,
      progress: live,
      order: sameRuns ? state.order : orderRuns(runs.values()),
      selected: removed.length === 0 ? state.selected : selected,
      focused: state.focused !== null && runs.has(state.focused) ? state.focused : null,
    };
  });
}
