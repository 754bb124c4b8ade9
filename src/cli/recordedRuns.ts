/** Finds recorded runs by what a person types: an id, its beginning, "last" (the newest experiment) or nothing for the same. */
import { UserError } from '../shared/errors';
import type { Run, RunDetail } from '../shared/runs';
import type { VerbContext } from './verb';

/** In the order named; the runs of an experiment in row order. Throws UserError where one is not there. */
export async function findRuns(names: readonly string[], { session, args }: VerbContext): Promise<RunDetail[]> {
  const store = await session.store(args.text('workspace'));
  const all = await store.call('listRuns', {});
  const chosen = names.length === 0 ? newestExperiment(all) : names.flatMap((name) => matching(name, all));
  const ids = [...new Set(chosen.map(({ id }) => id))];
  const details: RunDetail[] = [];
  for (const id of ids) details.push(await store.call('getRun', { id }));
  return details;
}

function matching(name: string, runs: readonly Run[]): readonly Run[] {
  if (name === 'last') return newestExperiment(runs);
  if (name === 'all') return inRowOrder(runs);
  const exact = runs.filter(({ id }) => id === name);
  const experiment = runs.filter(({ experiment_id }) => experiment_id === name);
  if (exact.length > 0) return exact;
  if (experiment.length > 0) return inRowOrder(experiment);
  const beginning = runs.filter(({ id }) => id.startsWith(name));
  if (beginning.length === 1) return beginning;
  if (beginning.length > 1) throw new UserError(`${beginning.length} runs have an id that begins with "${name}"; give more of it.`);
  throw new UserError(`There is no run "${name}" in this workspace. Give ids as "run --json" lists them, "last" or "all".`, 'not_found');
}

function newestExperiment(runs: readonly Run[]): readonly Run[] {
  const newest = runs.reduce<Run | null>((a, b) => (a !== null && a.created_at >= b.created_at ? a : b), null);
  if (newest === null)
    throw new UserError('No run is recorded in this workspace yet. Start one with "run", or name another --workspace.', 'not_found');
  return inRowOrder(runs.filter(({ experiment_id }) => experiment_id === newest.experiment_id));
}

function inRowOrder(runs: readonly Run[]): readonly Run[] {
  return runs.toSorted((a, b) =>
    a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.row.index - b.row.index || a.repetition - b.repetition,
  );
}
