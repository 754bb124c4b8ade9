// Debian packages that set-up needs: finds the missing ones and installs them as root, or names them in one apt-get line.

import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { capture, findProgram, runLogged } from './processes.mjs';
import { say, step } from './report.mjs';
import { buildFolder } from './state.mjs';

/** @typedef {'compile' | 'window' | 'tests'} Need */

/** @type {Record<Need, string[]>} */
const packagesFor = {
  compile: ['cmake', 'ninja-build', 'g++', 'make', 'python3'],
  window: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libxss1', 'libxtst6', 'libatk-bridge2.0-0', 'libdrm2'],
  tests: ['xvfb', 'xauth', 'doctest-dev'],
};

/**
 * Names in `wanted` that neither a package nor a "provides" line of the installed packages covers.
 * @param {string[]} wanted
 * @param {string} installed lines "name<TAB>status<TAB>provides" of dpkg-query
 */
export function missingPackages(wanted, installed) {
  const present = new Set();
  for (const line of installed.split('\n')) {
    const [name = '', status = '', provides = ''] = line.split('\t');
    if (!status.startsWith('ii')) continue;
    present.add(name);
    for (const item of provides.split(',')) present.add(item.trim().split(/[ :]/)[0]);
  }
  return wanted.filter((name) => !present.has(name));
}

/** dpkg-query's format: name, status and provided names, by tabs. */
const fields = ['Package', 'db:Status-Abbrev', 'Provides'].map((field) => `\${${field}}`).join('\\t');

/** @param {string} name newer Debian releases renamed some libraries to NAMEt64 */
async function nameHere(name) {
  const renamed = await capture('apt-cache', ['policy', `${name}t64`]);
  return renamed && /Candidate: (?!\(none\))/.test(renamed) ? `${name}t64` : name;
}

async function mayInstall() {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return false;
  if (process.env.CI || !process.stdin.isTTY) return true;
  const question = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await question.question('set-up: install these packages now? [Y/n] ');
  question.close();
  return !/^n/i.test(answer.trim());
}

/**
 * Installs what is missing or names it; whether a missing one stops the set-up is decided by the step that needs it.
 * @param {Need[]} needs
 */
export async function provideDebianPackages(needs) {
  if (process.platform !== 'linux' || !findProgram('dpkg-query')) return;
  const installed = await capture('dpkg-query', ['-W', '-f', `${fields}\\n`]);
  if (installed === undefined) return;
  const missing = missingPackages(
    needs.flatMap((need) => packagesFor[need]),
    installed,
  );
  if (missing.length === 0) return;
  const line = `apt-get install -y ${missing.join(' ')}`;
  say(`these Debian packages are missing: ${missing.join(' ')}`);
  if (!(await mayInstall())) {
    say(`install them with: sudo ${line}`);
    return;
  }
  await step('installing Debian packages', 'about a minute', async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const failure = `the Debian packages could not be installed; check the network, run "apt-get update && ${line}" by hand, then run the same command again.`;
    await runLogged('apt-get', ['update'], { env, log: join(buildFolder, 'logs', 'apt-update.log'), timeLimitSec: 600, failure });
    const names = await Promise.all(missing.map(nameHere));
    await runLogged('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
      env,
      log: join(buildFolder, 'logs', 'apt-install.log'),
      timeLimitSec: 1800,
      failure,
    });
  });
}

/**
 * The one line that installs everything for the given needs, for messages.
 * @param {Need[]} needs
 */
export function aptLine(needs) {
  return `sudo apt-get install -y ${needs.flatMap((need) => packagesFor[need]).join(' ')}`;
}
