// The user's cache folder: downloads and builds under names that carry version and hash, made aside and renamed into place when complete.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { SetUpError } from './report.mjs';

/**
 * Folder of TomoBench's cache on this platform.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [platform]
 */
export function cacheFolder(env = process.env, platform = process.platform) {
  const home = env.HOME ?? homedir();
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'tomobench');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'tomobench');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'tomobench');
  return join(home, '.cache', 'tomobench');
}

const abandonedAfterMs = 24 * 3600 * 1000;

/** @param {string} folder removes half-made entries that interrupted set-ups left behind */
function removeAbandoned(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith('.making-') && Date.now() - statSync(path).mtimeMs > abandonedAfterMs)
      rmSync(path, { recursive: true, force: true });
  }
}

/**
 * The cache entry `name` (a folder), made by `make` when it is not there yet. `make` gets an empty folder to fill.
 * @param {string} name carries version and hash, so that an entry never changes once it is there
 * @param {(folder: string) => Promise<void>} make
 * @returns {Promise<string>} absolute path of the entry
 */
export async function cached(name, make) {
  const folder = cacheFolder();
  const entry = join(folder, name);
  if (existsSync(entry)) return entry;
  try {
    mkdirSync(dirname(entry), { recursive: true });
  } catch (error) {
    throw new SetUpError(
      `the cache folder ${folder} cannot be written (${/** @type {Error} */ (error).message}); free it or set XDG_CACHE_HOME to another folder.`,
    );
  }
  return withLock(join(folder, '.locks', name.replaceAll(/[\\/]/g, '-')), async () => {
    if (existsSync(entry)) return entry;
    removeAbandoned(folder);
    const making = join(folder, `.making-${process.pid}-${name.replaceAll(/[\\/]/g, '-')}`);
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    try {
      await make(making);
      renameSync(making, entry);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
    return entry;
  });
}
