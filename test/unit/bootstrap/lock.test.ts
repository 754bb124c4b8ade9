// The lock between two set-ups: one at a time, released on failure, and taken over from a process that is gone.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isStale, withLock } from '../../../scripts/bootstrap/lock.mjs';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-lock-'));
  path = join(folder, 'deep', 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leaveLock(owner: unknown): void {
  mkdirSync(path, { recursive: true });
  if (owner !== undefined) writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
}

/** Process id of a process that has just ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

test('only one holder at a time', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('a failure releases the lock and passes through', async () => {
  const failing = withLock(path, async () => {
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(await withLock(path, async () => 7)).toBe(7);
});

test('a lock of a process that is gone is taken over', async () => {
  leaveLock({ pid: deadPid(), host: hostname() });
  expect(isStale(path)).toBe(true);
  expect(await withLock(path, async () => 'mine')).toBe('mine');
});

test('a living holder, a fresh lock without an owner and another machine are waited for', () => {
  leaveLock({ pid: process.pid, host: hostname() });
  expect(isStale(path)).toBe(false);
  rmSync(path, { recursive: true });
  leaveLock(undefined);
  expect(isStale(path)).toBe(false);
  rmSync(path, { recursive: true });
  leaveLock({ pid: deadPid(), host: 'elsewhere' });
  expect(isStale(path)).toBe(false);
});

test('a lock whose heartbeat stopped is stale wherever its holder ran', () => {
  leaveLock({ pid: process.pid, host: 'elsewhere' });
  const twoMinutesAgo = Date.now() / 1000 - 120;
  utimesSync(path, twoMinutesAgo, twoMinutesAgo);
  expect(isStale(path)).toBe(true);
});
