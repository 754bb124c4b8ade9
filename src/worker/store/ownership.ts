/**
 * Which running program owns which runs, so that one program never declares another's live runs dead.
 * Each program has a token and, while it lives, an exclusive lock on WORKSPACE/programs/TOKEN.lock. The lock is SQLite's own (on an empty
 * database): the operating system releases it when the process ends, however it ends, and process numbers used again cannot deceive.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { UserError } from '../../shared/errors';

const TOKEN = /^[0-9a-zA-Z-]{1,64}$/;

function lockFile(workspace: string, token: string): string {
  if (!TOKEN.test(token)) throw new UserError(`"${token}" cannot name a program.`, 'internal');
  return join(workspace, 'programs', `${token}.lock`);
}

/** Takes the lock, or answers null where a living program holds it. */
function tryLock(file: string): Database | null {
  const database = new Sqlite(file, { timeout: 0 });
  try {
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}

/** Marks the program `token` as alive until `release` is called or this process ends. */
export function holdOwnership(workspace: string, token: string): { release(): void } {
  const file = lockFile(workspace, token);
  mkdirSync(join(workspace, 'programs'), { recursive: true });
  const lock = tryLock(file);
  if (!lock) throw new UserError(`The workspace ${workspace} is already open in this program.`, 'internal');
  return {
    release: () => {
      lock.close();
      rmSync(file, { force: true });
    },
  };
}

/** True when no living program holds the token; its lock file is cleared away then. */
export function isAbandoned(workspace: string, token: string): boolean {
  const file = lockFile(workspace, token);
  if (!existsSync(file)) return true;
  const lock = tryLock(file);
  if (!lock) return false;
  lock.close();
  rmSync(file, { force: true });
  return true;
}
