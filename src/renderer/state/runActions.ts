/** What can be done with runs beside watching them: star, tags and notes, places in the queue, trying again. */
import type { Annotation, Run } from '../../shared/runs';
import { request } from '../api/client';
import { takeRunAsRow } from './experimentStore';
import { useRuns } from './runsStore';
import { showNote, showView } from './windowStore';

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

export async function retryRun(id: string): Promise<void> {
  await request('runs.retry', { id });
}

/** Writes the run's row into the configuration as a row of its own, and shows it. */
export async function duplicateAsRow(run: Run): Promise<void> {
  await takeRunAsRow(run.row);
  showView('experiment');
  showNote('The row was added to the configuration. Change it, then run it.');
}
