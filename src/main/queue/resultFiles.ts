/** Recorded runs as files: CSV, Parquet, JSON, or a reproduce bundle that holds all of them with configurations and hashes. The window and the command line share it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { type BundleManifest, bundleInputs, bundleManifestSchema, bundleNames, bundleRunsSchema } from '../../engine/results/bundle';
import { resultsParquet } from '../../engine/results/parquet';
import { resultsCsv, resultsJson } from '../../engine/results/table';
import { UserError } from '../../shared/errors';
import type { ExperimentRecord, ResultFormat, RunDetail } from '../../shared/runs';
import type { StoreMethods } from '../../shared/workerMessages';
import type { WorkerCalls } from '../processes/workerClient';
import { writeFileWhole } from '../processes/writeFileWhole';
import { hashFile } from './hashFile';

/** Far more than the records of 1,000 runs take. */
const LARGEST_BUNDLE_BYTES = 1024 * 2 ** 20;
/** One date for all members: zip dates have no time zone. */
const MEMBER_DATE = '2000-01-01T00:00:00';

const README = `A TomoBench reproduce bundle.

manifest.json    what this is, SHA-256 of every file here, of the data and of the networks the runs used
configs/         the configurations as they were written
runs.json        every run: expanded row, seeds, versions, hardware, git state, every iteration and rank
results.csv, results.parquet    one line per run, iteration and rank under benchopt's column names

Repeat it and see what differs:  tomobench run THIS-FILE --data SCAN
`;

export interface ResultSource {
  readonly store: WorkerCalls<StoreMethods>;
  /** Folder of the kept iterates. */
  readonly workspace: string;
  readonly appVersion: string;
  /** Told how far a bundle is, 0 to 1; aborted, it rejects and writes nothing. */
  readonly progress?: { readonly signal: AbortSignal; report(fraction: number): void };
}

export async function writeResults(format: ResultFormat, runs: readonly RunDetail[], file: string, source: ResultSource): Promise<void> {
  await writeFileWhole(file, format === 'bundle' ? await bundleBytes(runs, source) : plainBytes(format, runs));
}

function plainBytes(format: 'csv' | 'parquet' | 'json', runs: readonly RunDetail[]): string | Uint8Array {
  if (format === 'csv') return resultsCsv(runs);
  return format === 'json' ? resultsJson(runs) : resultsParquet(runs);
}

async function bundleBytes(runs: readonly RunDetail[], { store, workspace, appVersion, progress }: ResultSource): Promise<Uint8Array> {
  const experiments: BundleManifest['experiments'] = [];
  const members = new Map<string, Uint8Array>();
  for (const id of new Set(runs.map((run) => run.experiment_id))) {
    const { config_text, ...experiment } = await store.call('getExperiment', { id });
    const config = `configs/${experiments.length}.yml`;
    members.set(config, strToU8(config_text));
    experiments.push({ ...experiment, config });
  }
  members.set(bundleNames.runs, strToU8(resultsJson(runs)));
  members.set(bundleNames.csv, strToU8(resultsCsv(runs)));
  members.set(bundleNames.parquet, resultsParquet(runs));
  members.set('README.txt', strToU8(README));
  const lastIterates: Record<string, string> = {};
  for (const [index, run] of runs.entries()) {
    progress?.signal.throwIfAborted();
    progress?.report(index / runs.length);
    const digest = await lastIterateHash(run, workspace);
    if (digest !== null) lastIterates[run.id] = digest;
  }
  const manifest: BundleManifest = {
    format: 'tomobench-bundle',
    format_version: 1,
    created_at: new Date().toISOString(),
    tomobench: appVersion,
    files: Object.fromEntries([...members].map(([name, bytes]) => [name, sha256(bytes)])),
    experiments,
    ...bundleInputs(runs),
    last_iterates: lastIterates,
  };
  const all = { [bundleNames.manifest]: strToU8(`${JSON.stringify(manifest, null, 2)}\n`), ...Object.fromEntries(members) };
  return zipSync(all, { mtime: MEMBER_DATE });
}

/** SHA-256 of the newest kept iterate; null where none was kept or its file is gone. */
export async function lastIterateHash({ iterations }: Pick<RunDetail, 'iterations'>, workspace: string): Promise<string | null> {
  const file = iterations.findLast(({ volume_file }) => volume_file !== null)?.volume_file;
  return file ? hashFile(join(workspace, file)).catch(() => null) : null;
}

export interface Bundle {
  readonly manifest: BundleManifest;
  readonly experiments: readonly ExperimentRecord[];
  readonly runs: readonly RunDetail[];
}

/** Throws UserError where the file is no bundle, is damaged or of a newer program. */
export async function readBundle(path: string): Promise<Bundle> {
  const { size } = await stat(path);
  if (size > LARGEST_BUNDLE_BYTES) throw new UserError(`${path} has ${Math.ceil(size / 2 ** 20)} MiB, too much for a bundle.`);
  const members = unzip(path, await readFile(path));
  const member = (name: string): Uint8Array => {
    const bytes = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!bytes) throw new UserError(`${path} lacks ${name}, so it is no complete bundle. Export it anew.`);
    return bytes;
  };
  const text = (name: string): string => strFromU8(member(name));
  const manifest = parsed(path, bundleNames.manifest, text(bundleNames.manifest), (value) => bundleManifestSchema.parse(value));
  for (const [name, digest] of Object.entries(manifest.files)) {
    if (sha256(member(name)) !== digest)
      throw new UserError(`${name} in ${path} was changed since the bundle was made (its SHA-256 differs). Export it anew.`);
  }
  const { runs } = parsed(path, bundleNames.runs, text(bundleNames.runs), (value) => bundleRunsSchema.parse(value));
  if (runs.length === 0) throw new UserError(`${path} holds no run.`);
  const experiments = manifest.experiments.map(({ config, ...experiment }) => ({ ...experiment, config_text: text(config) }));
  return { manifest, experiments, runs };
}

function unzip(path: string, bytes: Uint8Array): Record<string, Uint8Array> {
  let unpacked = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ originalSize }) => {
        unpacked += originalSize;
        if (unpacked > LARGEST_BUNDLE_BYTES) throw new UserError(`${path} unpacks to too much for a bundle.`);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path} is no bundle, or it is damaged (${error instanceof Error ? error.message : String(error)}). Export it anew.`,
    );
  }
}

function parsed<T>(path: string, name: string, text: string, check: (value: unknown) => T): T {
  try {
    return check(JSON.parse(text));
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    throw new UserError(`${name} in ${path} is not what this version of TomoBench writes. Export the bundle anew.`, 'unsupported', details);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
