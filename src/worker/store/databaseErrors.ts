/** SQLite's error codes as sentences that name the file and say what to do. */
import Sqlite from 'better-sqlite3';
import { UserError } from '../../shared/errors';

function sentence(code: string, file: string): UserError | null {
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_SHMSIZE') {
    return new UserError(`The disk is full while writing ${file}. Free some space or choose another workspace folder.`, 'no_space');
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_PERM') {
    return new UserError(`${file} cannot be written. Choose a workspace folder you may write to, or change its permissions.`, 'read_only');
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return new UserError(
      `${file} cannot be opened or created. Choose a workspace folder you may write to, or change its permissions.`,
      'read_only',
    );
  }
  if (code === 'SQLITE_NOTADB') {
    return new UserError(`${file} is not a database. It was left as it is; move it away or choose another workspace folder.`);
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new UserError(`${file} is damaged. It was left as it is; restore it from a backup, or move it away to start a new one.`);
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new UserError(`${file} is in use by another program. Close other programs that use this workspace.`, 'in_use');
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new UserError(`${file} cannot be read or written. Check the disk it is on, or choose another workspace folder.`, 'internal');
  }
  return null;
}

/** The sentence for an error of SQLite; anything else comes back as it is. */
export function explainDatabaseError(error: unknown, file: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const explained = sentence(error.code, file);
  return explained ? new UserError(explained.message, explained.code, `${error.code}: ${error.message}`) : error;
}
