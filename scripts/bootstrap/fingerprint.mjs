// Decides whether inputs changed: a quick list of sizes and times for the second start, and a digest of contents where that list differs.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * All files below the given paths (files or folders), sorted; paths that do not exist are left out.
 * @param {string} root
 * @param {string[]} paths relative to root
 * @param {(path: string) => boolean} [keep] gets the path relative to root with forward slashes
 * @returns {string[]} relative paths with forward slashes
 */
export function listFiles(root, paths, keep = () => true) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) visit(join(path, name));
      return;
    }
    const name = relative(root, path).replaceAll('\\', '/');
    if (keep(name)) found.push(name);
  };
  for (const path of paths) visit(join(root, path));
  return found.sort();
}

/**
 * Digest of names, sizes and modification times: a few milliseconds for a few hundred files.
 * @param {string} root
 * @param {string[]} files
 * @param {string[]} extra anything else the result depends on
 */
export function quickKey(root, files, extra = []) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  for (const item of extra) hash.update(`${item}\0`);
  return hash.digest('hex');
}

/**
 * Digest of names and contents: the same for the same sources in another clone.
 * @param {string} root
 * @param {string[]} files
 * @param {string[]} extra
 */
export function contentKey(root, files, extra = []) {
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  for (const item of extra) hash.update(`${item}\0`);
  return hash.digest('hex');
}
