// Makes a clone ready for one kind of command, step by step, skipping what is done; everything slow is kept in the user's cache.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isBundleReady, provideBundle } from './bundle.mjs';
import { provideDebianPackages } from './debian.mjs';
import { isElectronReady, provideElectron } from './electron.mjs';
import { withLock } from './lock.mjs';
import { nativeBinary, nativeQuickKey, provideNative } from './native.mjs';
import { environmentFor, findNode } from './node.mjs';
import { packagesKey, provideOnnxCuda, providePackages } from './packages.mjs';
import { buildFolder, readState, recordState } from './state.mjs';

/** @typedef {'tools' | 'terminal' | 'window' | 'tests'} Purpose tools: npm packages only; terminal: the command line; window: Electron too; tests: everything */

/** @type {Record<Purpose, import('./debian.mjs').Need[]>} */
const debianNeeds = { tools: [], terminal: ['compile'], window: ['compile', 'window'], tests: ['compile', 'window', 'tests'] };

/** @param {Purpose} purpose */
function isReady(purpose) {
  const state = readState();
  if (state.packages !== packagesKey() || !existsSync(join(buildFolder, '..', 'node_modules', '.package-lock.json'))) return false;
  if (purpose === 'tools') return true;
  if (state.native !== nativeQuickKey() || !existsSync(nativeBinary) || !isBundleReady()) return false;
  if (purpose === 'terminal') return true;
  return isElectronReady() && (purpose === 'window' || state.debian === debianNeeds.tests.join());
}

/**
 * Makes this clone ready and returns how to start its programs.
 * @param {Purpose} purpose
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>} a Node >= 22.14 and an environment with it first on PATH
 */
export async function setUp(purpose) {
  const node = await findNode();
  const env = environmentFor(node);
  if (isReady(purpose)) return { node, env };
  await withLock(join(buildFolder, '.set-up.lock'), async () => {
    if (isReady(purpose)) return;
    const needs = debianNeeds[purpose];
    await provideDebianPackages(needs);
    await providePackages(env);
    recordState({ packages: packagesKey(), debian: needs.join() });
    if (purpose === 'tools') return;
    await provideOnnxCuda(node, env);
    await provideNative(env);
    await provideBundle(node, env);
    if (purpose === 'terminal') return;
    await provideElectron(node, env);
  });
  return { node, env };
}
