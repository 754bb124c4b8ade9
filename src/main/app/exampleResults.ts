/** The example results: finished runs of the bundled sample, looked at in a copy so that the originals stay as they are. */
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ProgramFolders } from '../processes/programFolders';
import type { Program } from './program';
import { SessionKeeper } from './sessionKeeper';

const manifestSchema = z.object({ sample: z.string(), files: z.array(z.object({ file: z.string() })) });

/** What is shown first. */
const FIRST_CONFIGURATION = 'batch-and-workers.yml';

/** Puts a fresh copy into `target`; what was there from an earlier look goes. */
export async function copyExampleResults(examples: string, target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await cp(join(examples, 'results'), target, { recursive: true });
}

/** The records name their sample by its file name alone; here they learn where it lies, and the window what to show. */
export async function settleExampleResults(program: Program, folders: ProgramFolders): Promise<void> {
  const { sample } = manifestSchema.parse(JSON.parse(await readFile(join(folders.examples, 'manifest.json'), 'utf8')));
  const dataPath = join(folders.samples, sample);
  await program.store.call('moveData', { from: sample, to: dataPath });
  const configPath = join(folders.examples, FIRST_CONFIGURATION);
  const sessions = new SessionKeeper(program.store, folders);
  const first = await sessions.read();
  const configText = await readFile(configPath, 'utf8');
  await sessions.save({ ...first, configText, configPath, dataPath, view: 'charts', chart: 'overview' });
}
