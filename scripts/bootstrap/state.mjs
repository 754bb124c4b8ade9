// What this clone's set-up has finished (build/set-up.json), so that the next start can skip it.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of this clone. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folder for everything that set-up makes inside the clone; ignored by git. */
export const buildFolder = join(root, 'build');

export const stateFile = join(buildFolder, 'set-up.json');

/**
 * Writes a file so that readers see the old or the new text, never half of it.
 * @param {string} path
 * @param {string} text
 */
export function writeAtomically(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  writeFileSync(aside, text);
  renameSync(aside, path);
}

/** @returns {Record<string, string>} finished steps with their keys; empty where nothing was set up or the file is damaged */
export function readState() {
  if (!existsSync(stateFile)) return {};
  try {
    const value = JSON.parse(readFileSync(stateFile, 'utf8'));
    return value && typeof value === 'object' ? value : {};
  } catch {
    return {};
  }
}

/** @param {Record<string, string>} finished keys to add or replace */
export function recordState(finished) {
  writeAtomically(stateFile, `${JSON.stringify({ ...readState(), ...finished }, null, 2)}\n`);
}
