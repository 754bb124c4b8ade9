/** Opens WORKSPACE/tomobench.sqlite for writing, brings it up to date and settles what a program that died left behind. Never overwrites a file it cannot read. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { UserError } from '../../shared/errors';
import { explainDatabaseError } from './databaseErrors';
import { migrate } from './migrations/migrate';
import { holdOwnership, isAbandoned } from './ownership';

/** How long a writer of another program is waited for, milliseconds. */
/** Of an opening, for which somebody waits; then calls are refused at once, so that reading goes on, and are made again by the caller. */
const BUSY_TIMEOUT_MS = { opening: 5000, open: 100 };
const OWNER_LOOKS = 5;
const OWNER_PAUSE_MS = 60;

const INTERRUPTED = 'The program ended before this run did. Its kept iterates are still here.';
const NEVER_STARTED = 'The program ended before this run started. Run it again.';

export interface OpenWorkspace {
  readonly database: Database;
  readonly file: string;
  readonly schemaVersion: number;
  /** Runs found `running` without a living program; now `failed`. */
  readonly interruptedRunIds: string[];
  close(): void;
}

/** Creates a folder and those above it one by one: Node's own recursion never ends where a file system answers "does not exist" to every attempt (/proc). */
function createMissing(folder: string): void {
  const missing: string[] = [];
  for (let place = folder; !existsSync(place) && dirname(place) !== place; place = dirname(place)) missing.unshift(place);
  for (const place of missing) {
    try {
      mkdirSync(place);
    } catch (error) {
      // Another program may have made it in between.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
}

function createFolder(workspace: string): void {
  try {
    createMissing(resolve(workspace));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new UserError(`The workspace ${workspace} is, or lies under, a file. Choose a folder.`);
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT') {
      throw new UserError(
        `The workspace folder ${workspace} cannot be created. Choose a folder you may write to.`,
        'read_only',
        String(error),
      );
    }
    throw error;
  }
}

/** A program killed a moment ago may leave its store process alive for some milliseconds; so an owner counts as living only after a second look. */
function findAbandoned(workspace: string, owners: readonly string[]): string[] {
  const abandoned: string[] = [];
  let living = [...owners];
  for (let look = 0; look < OWNER_LOOKS; look++) {
    if (look > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OWNER_PAUSE_MS);
    abandoned.push(...living.filter((owner) => isAbandoned(workspace, owner)));
    living = living.filter((owner) => !abandoned.includes(owner));
    if (living.length === 0) break;
  }
  return abandoned;
}

/** Runs of programs that are no more become `failed` or `cancelled`; answers their ids, those that were running first. */
function settleAbandonedRuns(database: Database, workspace: string, self: string): string[] {
  const owners = database
    .prepare<[string], { owner: string }>("SELECT DISTINCT owner FROM runs WHERE status IN ('queued', 'running') AND owner <> ?")
    .all(self)
    .map((row) => row.owner);
  const abandoned = findAbandoned(workspace, owners);
  if (abandoned.length === 0) return [];
  const check = database.pragma('quick_check(1)', { simple: true });
  if (check !== 'ok') throw new Sqlite.SqliteError(String(check), 'SQLITE_CORRUPT');
  const left = database.prepare<[string], { id: string }>(
    "SELECT id FROM runs WHERE owner = ? AND status IN ('running', 'queued') ORDER BY status = 'queued', sequence",
  );
  const settle = database.prepare('UPDATE runs SET status = ?, error_json = ?, finished_at = ? WHERE owner = ? AND status = ?');
  const finishedAt = new Date().toISOString();
  const sentence = (message: string): string => JSON.stringify({ message, details: null });
  return database
    .transaction((): string[] => {
      const ids = abandoned.flatMap((owner) => left.all(owner).map((row) => row.id));
      for (const owner of abandoned) {
        settle.run('failed', sentence(INTERRUPTED), finishedAt, owner, 'running');
        settle.run('cancelled', sentence(NEVER_STARTED), finishedAt, owner, 'queued');
      }
      return ids;
    })
    .immediate();
}

/** `owner` is this program's token; opening again with the same token (after the store process died) keeps the program's runs alive. */
export function openWorkspace(workspace: string, owner: string): OpenWorkspace {
  const file = join(workspace, 'tomobench.sqlite');
  createFolder(workspace);
  let database: Database | null = null;
  let ownership: { release(): void } | null = null;
  try {
    database = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS.opening });
    database.pragma('foreign_keys = ON');
    const schemaVersion = migrate(database, file);
    // Only after the file is known to be ours: WAL is remembered in the file.
    database.pragma('journal_mode = WAL');
    // Survives the death of any process; only a power cut may lose the last transactions.
    database.pragma('synchronous = NORMAL');
    ownership = holdOwnership(workspace, owner);
    const interruptedRunIds = settleAbandonedRuns(database, workspace, owner);
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS.open}`);
    const opened = { database, ownership };
    return {
      database,
      file,
      schemaVersion,
      interruptedRunIds,
      close: () => {
        opened.database.close();
        opened.ownership.release();
      },
    };
  } catch (error) {
    ownership?.release();
    database?.close();
    throw explainDatabaseError(error, file);
  }
}
