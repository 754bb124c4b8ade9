/** The files a command works on: the scan (the bundled sample where none is named) and configurations. Opening scans is the data worker's job. */
import { open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { loadConfig } from '../engine/plan/planConfig';
import type { DataSummary } from '../shared/contract';
import { formatCorrections, parseCorrections } from '../shared/corrections';
import { UserError } from '../shared/errors';
import type { ExperimentRow } from '../shared/experiment';
import type { Arguments } from './arguments';
import type { VerbContext } from './verb';

/** Far more than any hand-written grid has. */
const LARGEST_CONFIG_BYTES = 8 * 1024 * 1024;

export interface NamedConfig {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  readonly text: string;
  readonly rows: readonly ExperimentRow[];
}

/** Reads and expands a configuration; its warnings become notes. Throws UserError with its first error. */
export async function readConfig(path: string, context: Pick<VerbContext, 'output'>): Promise<NamedConfig> {
  const absolute = resolve(path);
  const file = await open(absolute, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new UserError(`The configuration ${path} does not exist. Check the path.`, 'not_found') : error;
  });
  let text: string;
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new UserError(`${path} is no file. Name a configuration (.yml).`);
    if (status.size > LARGEST_CONFIG_BYTES)
      throw new UserError(`${path} has ${Math.ceil(status.size / 2 ** 20)} MiB, too much for a configuration. Choose a YAML file.`);
    text = new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${path} is not text in UTF-8. Choose a YAML file.`);
    throw error;
  } finally {
    await file.close();
  }
  const { rows, warnings } = loadConfig(text, path);
  for (const { line, message } of warnings) context.output.note(`${path}${line === null ? '' : `, line ${line}`}: ${message}`);
  return { path: absolute, name: basename(path), text, rows };
}

/** The absolute path of --data, or of the bundled sample, which a note names. */
export function dataPath(args: Arguments, { output, session }: Pick<VerbContext, 'output' | 'session'>): string {
  const given = args.text('data');
  if (given !== null) return resolve(given);
  const sample = join(session.folders.samples, 'walnut-mini.pt');
  output.note(`No --data given: using the bundled sample ${sample}.`);
  return sample;
}

/** --correct in its canonical form; null where it is not given. Throws UserError naming the part that is wrong. */
export function corrections(args: Arguments): string | null {
  return formatCorrections(parseCorrections(args.text('correct') ?? ''));
}

/** Looks into a scan before anything starts. Throws UserError where it cannot be used; doubts become notes. */
export async function inspectScan(
  path: string,
  voxelSizeMm: number | null,
  { output, session }: Pick<VerbContext, 'output' | 'session'>,
): Promise<DataSummary> {
  await requireFile(path, 'The data file');
  const summary = await session.data.call('inspect', { path, voxelSizeMm });
  const error = summary.problems.find((problem) => problem.severity === 'error');
  if (error) throw new UserError(error.message.includes(summary.name) ? error.message : `${summary.name}: ${error.message}`);
  for (const { severity, message } of summary.problems) if (severity === 'warning') output.note(`${summary.name}: ${message}`);
  return summary;
}

/** `what` begins the sentence, e.g. "The data file". */
export async function requireFile(path: string, what: string): Promise<void> {
  await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new UserError(`${what} ${path} does not exist. Check the path.`, 'not_found');
    throw error;
  });
}
