/** Brings a database to the newest schema, one numbered migration after the other, each in a transaction of its own. */
import type { Database } from 'better-sqlite3';
import { UserError } from '../../../shared/errors';
import { runsMigration } from './0001-runs';
import { voxelSizeMigration } from './0002-voxel-size';
import { memoryMigration } from './0003-memory';
import { resumeMigration } from './0004-resume';
import { annotationsMigration } from './0005-annotations';

/** Position + 1 is the schema version a migration leads to. */
const migrations: readonly string[] = [runsMigration, voxelSizeMigration, memoryMigration, resumeMigration, annotationsMigration];
export const newestSchema: number = migrations.length;

/** "TomB": marks the file as ours, so that no other program's database is ever changed. */
const APPLICATION_ID = 0x546f6d42;

/**
 * Applies what is missing and answers the schema version. Throws UserError for a database of another program or of a newer TomoBench.
 * Two programs may open the same file at the same moment: the version is read again inside each transaction.
 */
export function migrate(database: Database, file: string): number {
  const version = (): number => database.pragma('user_version', { simple: true }) as number;
  const apply = database.transaction((): void => {
    const from = version();
    const migration = migrations[from];
    if (migration === undefined) return;
    if (from === 0 && database.prepare('SELECT 1 FROM sqlite_master').get() !== undefined) {
      throw new UserError(`${file} is a database of another program. Choose another workspace folder, or move that file away.`);
    }
    database.exec(migration);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${from + 1}`);
  });
  const opened = version();
  if (opened > 0 && database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new UserError(`${file} is a database of another program. Choose another workspace folder, or move that file away.`);
  }
  if (opened > newestSchema) {
    throw new UserError(
      `${file} was written by a newer TomoBench (schema ${opened}; this one knows ${newestSchema}). Update TomoBench or choose another workspace folder.`,
      'unsupported',
    );
  }
  while (version() < newestSchema) apply.immediate();
  return version();
}
