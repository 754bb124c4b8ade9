// A lock between processes made of a folder: two set-ups at once wait for each other, and a killed one never blocks the next.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { say } from './report.mjs';

const heartbeatSec = 5;
const staleAfterSec = 60;

/** @param {string} path */
function readOwner(path) {
  try {
    return JSON.parse(readFileSync(join(path, 'owner.json'), 'utf8'));
  } catch {
    return undefined; // Just made and not yet written, or just removed.
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // Killed, but kept by a parent that does not ask: containers without an init process are full of these.
    return !(existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Whether the lock's holder is gone: its process has ended, or its heartbeat has stopped (another machine, a reused process id).
 * @param {string} path
 */
export function isStale(path) {
  let ageSec;
  try {
    ageSec = (Date.now() - statSync(path).mtimeMs) / 1000;
  } catch {
    return false; // Released meanwhile.
  }
  const owner = readOwner(path);
  if (owner && owner.host === hostname() && !isAlive(owner.pid)) return true;
  return ageSec > staleAfterSec;
}

/**
 * Holds the lock at `path` while `work` runs.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, work) {
  mkdirSync(dirname(path), { recursive: true });
  let said = false;
  for (;;) {
    try {
      mkdirSync(path);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isStale(path)) {
      // Renaming is atomic: of several waiting processes only one removes the dead lock.
      const grave = `${path}.stale-${process.pid}-${Date.now()}`;
      try {
        renameSync(path, grave);
        rmSync(grave, { recursive: true, force: true });
      } catch {
        // Another process was quicker.
      }
      continue;
    }
    if (!said) {
      say(`another set-up is running (process ${readOwner(path)?.pid ?? 'unknown'}); waiting for it`);
      said = true;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  writeFileSync(join(path, 'owner.json'), JSON.stringify({ pid: process.pid, host: hostname() }));
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // The folder was removed by hand: nothing to keep alive.
    }
  }, heartbeatSec * 1000);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(path, { recursive: true, force: true });
  }
}
