// The npm packages of package-lock.json, and the CUDA part of ONNX Runtime where a driver for it is present.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentKey } from './fingerprint.mjs';
import { npmCommand, retryOptions } from './npmPackage.mjs';
import { findProgram, runLogged } from './processes.mjs';
import { SetUpError, say, step } from './report.mjs';
import { buildFolder, readState, recordState, root } from './state.mjs';

/**
 * Whether npm's record of node_modules holds every package of the lock file in its version (optional ones may be absent).
 * @param {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} lock
 * @param {{ packages?: Record<string, { version?: string }> }} installed
 */
export function matchesLock(lock, installed) {
  const present = installed.packages ?? {};
  return Object.entries(lock.packages ?? {}).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || present[path]?.version === version || ((optional || devOptional) && present[path] === undefined),
  );
}

function isInstalled() {
  try {
    /** @param {string} path */
    const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
    return matchesLock(read(join(root, 'package-lock.json')), read(join(root, 'node_modules', '.package-lock.json')));
  } catch {
    return false; // npm writes its record last, so an interrupted installation has none.
  }
}

/** @returns {string} key of the packages that this clone wants */
export function packagesKey() {
  return contentKey(root, ['package-lock.json']);
}

/** @param {NodeJS.ProcessEnv} env environment with a Node >= 22.14 first on PATH */
export async function providePackages(env) {
  if (isInstalled()) return;
  await step('installing npm packages', 'half a minute; minutes on a slow network', async () => {
    const { program, script } = npmCommand();
    await runLogged(program, [script, 'ci', '--prefer-offline', '--no-audit', '--no-fund', ...retryOptions], {
      cwd: root,
      env: { ...env, npm_config_ignore_scripts: undefined },
      log: join(buildFolder, 'logs', 'npm-ci.log'),
      timeLimitSec: 1800,
      failure: 'the npm packages could not be installed; check the network and free disk space, then run the same command again.',
    });
    if (!isInstalled())
      throw new SetUpError('npm finished without installing every package; delete node_modules and run the same command again.');
  });
}

/**
 * ONNX Runtime's npm package brings its CUDA part by a download of its own; without it the CPU and WebGPU parts work.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
export async function provideOnnxCuda(node, env) {
  const key = packagesKey();
  const hasDriver = existsSync('/proc/driver/nvidia/version') || findProgram('nvidia-smi') !== undefined;
  if (!hasDriver || process.platform === 'darwin' || readState().onnxCuda === key) return;
  try {
    await step('downloading the CUDA part of ONNX Runtime, because an NVIDIA driver is present', '300 MB, some minutes', () =>
      runLogged(node, [join(root, 'node_modules', 'onnxruntime-node', 'script', 'install.js')], {
        cwd: join(root, 'node_modules', 'onnxruntime-node'),
        // With these two the script takes itself for a part of ONNX Runtime's own source tree and does nothing.
        env: { ...env, npm_config_local_prefix: undefined, npm_package_json: undefined },
        log: join(buildFolder, 'logs', 'onnx-cuda.log'),
        timeLimitSec: 900,
        failure: 'the CUDA part of ONNX Runtime could not be downloaded',
      }),
    );
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(`${error.message}. Networks will run on the other providers; delete build/set-up.json to try again.`);
  }
  recordState({ onnxCuda: key });
}
