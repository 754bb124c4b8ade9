/** `run BUNDLE`: what a reproduce bundle asks to be run, and what its repetition gave that the bundle does not say. */
import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { compareRuns, type RunDifference } from '../engine/results/bundle';
import { type Bundle, lastIterateHash, readBundle } from '../main/queue/resultFiles';
import { UserError } from '../shared/errors';
import type { ExperimentRow } from '../shared/experiment';
import type { RunDetail } from '../shared/runs';
import { textTable } from './textTable';
import type { VerbContext } from './verb';

/** What would change the rows of a bundle: then it is no repetition. */
const changing = ['max-runs', 'rows', 'correct', 'resume'];
const ZIP_MAGIC = 'PK';

/** True where the file begins like a zip archive: no configuration does. */
export async function isBundle(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return false;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === ZIP_MAGIC;
  } catch {
    // A folder: whoever reads it as a configuration says so.
    return false;
  } finally {
    await file.close();
  }
}

export interface BundleGrid {
  /** In the bundle. */
  readonly experimentId: string;
  readonly name: string;
  readonly configText: string;
  readonly rows: readonly ExperimentRow[];
  readonly labels: readonly string[];
  readonly saveEvery: number;
  readonly devices: readonly string[] | null;
}

/** Throws UserError for a file that is no bundle, and for options that would change its rows. */
export async function openBundle(
  path: string,
  { args, output }: VerbContext,
): Promise<{ bundle: Bundle; grids: BundleGrid[]; dataPath: string | null }> {
  const given = changing.find((name) => args.flag(name));
  if (given) throw new UserError(`${basename(path)} is a bundle, which is repeated as it is; leave --${given} out.`);
  const bundle = await readBundle(resolve(path));
  const grids = bundle.experiments.flatMap((experiment): BundleGrid[] => {
    const runs = bundle.runs.filter((run) => run.experiment_id === experiment.id);
    const rows = new Map(runs.map((run) => [run.row.index, run]));
    if (rows.size === 0) return [];
    return [
      {
        experimentId: experiment.id,
        name: experiment.name,
        configText: experiment.config_text,
        rows: [...rows.values()].map(({ row }) => row),
        labels: [...rows.values()].map(({ label }) => label),
        saveEvery: experiment.settings.save_every,
        devices: experiment.settings.devices,
      },
    ];
  });
  const paths = [...new Set(bundle.experiments.map((experiment) => experiment.data_path))];
  if (paths.length > 1 && args.text('data') === null)
    throw new UserError(`The runs in ${basename(path)} used ${paths.length} scans (${paths.join(', ')}); name one with --data.`);
  if (args.text('data') === null) output.note(`No --data given: using the bundle's ${paths[0]}.`);
  return { bundle, grids, dataPath: paths[0] ?? null };
}

/** One comparison for each repeated run that the bundle holds, in the order they ran. `experimentOf`: id of a run here -> experiment in the bundle. */
export async function compareWithBundle(
  bundle: Bundle,
  runs: readonly RunDetail[],
  experimentOf: ReadonlyMap<string, string>,
  workspace: string,
): Promise<RunDifference[]> {
  const differences: RunDifference[] = [];
  for (const here of runs) {
    const there = bundle.runs.find(
      (run) => run.experiment_id === experimentOf.get(here.id) && run.row.index === here.row.index && run.repetition === here.repetition,
    );
    if (!there) continue;
    const lastIterates = { bundle: bundle.manifest.last_iterates[there.id] ?? null, here: await lastIterateHash(here, workspace) };
    differences.push(compareRuns(there, here, lastIterates));
  }
  return differences;
}

/** The comparison for a person: a line for each run, then what is not the same about the circumstances. */
export function differencesText(differences: readonly RunDifference[]): string {
  const signed = (value: number | null, digits: number): string =>
    value === null ? '-' : `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
  const table = textTable(
    [
      { title: 'row', align: 'right' },
      { title: 'configuration', align: 'left' },
      { title: 'status', align: 'left' },
      { title: 'last iterate', align: 'left' },
      { title: 'PSNR difference', align: 'right' },
      { title: 'SSIM difference', align: 'right' },
      { title: 'time', align: 'right' },
    ],
    differences.map((run) => [
      String(run.row),
      run.label,
      run.status.bundle === run.status.here ? run.status.here : `${run.status.here} (bundle: ${run.status.bundle})`,
      run.same_bits === null ? 'not kept' : run.same_bits ? 'same bits' : 'differs',
      run.psnr_difference_db === null ? '-' : `${signed(run.psnr_difference_db, 4)} dB`,
      signed(run.ssim_difference, 5),
      run.time_ratio === null ? '-' : `${run.time_ratio.toFixed(2)} x`,
    ]),
  );
  const circumstances = new Set(
    differences.flatMap((run) => run.circumstances.map(({ what, bundle, here }) => `${what}: ${bundle} in the bundle, ${here} here`)),
  );
  return [table, ...(circumstances.size === 0 ? ['Data, network, versions and hardware are the same.'] : circumstances)].join('\n');
}
