/** What can be done with runs beside watching them: star, tags and notes, places in the queue, trying again. */
import type { Annotation, Run } from '../../shared/runs';
import { request } from '../api/client';
import { takeRunAsRow } from './experimentStore';
import { type RunsState, useRuns } from './runsStore';
import { showNote, showOffer, showView } from './windowStore';

export async function annotate(ids: readonly string[], change: Partial<Annotation>): Promise<void> {
  await request('runs.annotate', { ids: [...ids], change });
}

export function toggleStar({ id, annotation }: Run): Promise<void> {
  return annotate([id], { starred: !annotation.starred });
}

/** Adds a tag to each of the runs; the tags they have stay. */
export async function addTag(ids: Iterable<string>, tag: string): Promise<void> {
  const name = tag.trim().slice(0, 40);
  if (name === '') return;
  const { runs } = useRuns.getState();
  for (const id of ids) {
    const tags = runs.get(id)?.annotation.tags ?? [];
    if (!tags.includes(name)) await annotate([id], { tags: [...tags, name].slice(-20) });
  }
}

/** Place in the queue from 0, null for a run that does not wait. */
export function queuePlace(waiting: readonly string[], id: string): number | null {
  const place = waiting.indexOf(id);
  return place < 0 ? null : place;
}

export async function moveInQueue(id: string, step: -1 | 1): Promise<void> {
  const { waiting } = useRuns.getState().queue;
  const place = queuePlace(waiting, id);
  if (place === null) return;
  const to = Math.max(0, Math.min(waiting.length - 1, place + step));
  if (to !== place) await request('queue.move', { id, to });
}

/** True for a run that ended before its last iteration and can be queued again. */
export function canRetry({ status, stop_reason }: Run): boolean {
  return status !== 'queued' && status !== 'running' && stop_reason !== 'max_runs';
}

/** Those of the runs that can be queued again, in the order of the list. */
export function retriable({ runs, order }: Pick<RunsState, 'runs' | 'order'>, ids: Iterable<string>): string[] {
  const wanted = new Set(ids);
  return order.filter((id) => {
    const run = wanted.has(id) ? runs.get(id) : undefined;
    return run !== undefined && canRetry(run);
  });
}

export async function retryRuns(ids: readonly string[]): Promise<void> {
  await request('runs.retry', { ids: [...ids] });
}

/** A row that ran out of memory again, with half its batch, as a run of its own. */
export async function retryHalved(id: string): Promise<void> {
  await request('runs.retryHalved', { id });
}

/** After the program died over runs: asks whether they shall go on, as long as nobody queued them otherwise. */
export function offerInterrupted(interrupted: readonly string[]): void {
  const state = useRuns.getState();
  const { runs } = state;
  const left = new Set(retriable(state, interrupted));
  // As they stood in the queue, which is not the order of the list.
  const ids = interrupted.filter((id) => left.has(id));
  if (ids.length === 0) return;
  const started = ids.filter((id) => runs.get(id)?.status === 'failed').length;
  const count = (number: number): string => (number === 1 ? '1 run' : `${number} runs`);
  const [under, waiting] = [`${count(started)} under way`, `${count(ids.length - started)} waiting`];
  const what = started === ids.length ? under : started === 0 ? waiting : `${under} and ${waiting}`;
  showOffer(`TomoBench ended unexpectedly with ${what}. Iterates that were kept are still here.`, {
    label: ids.length === 1 ? 'Go on with it' : `Go on with all ${ids.length}`,
    act: () => retryRuns(ids),
  });
}

/** Writes the run's row into the configuration as a row of its own, and shows it. */
export async function duplicateAsRow(run: Run): Promise<void> {
  await takeRunAsRow(run.row);
  showView('experiment');
  showNote('The row was added to the configuration. Change it, then run it.');
}
