/** Tells files apart: quickly by path, size and time, or by the SHA-256 of their content. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { Watch } from '../watch';

interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

const known = new Map<string, string>();

/** 32 hex digits that change when path, size or time of any of the files change; of all files in it for a folder. */
export async function fileIdentity(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths)
    for (const file of await filesOf(await realpath(path))) hash.update(`${file.path}\0${file.size}\0${file.modifiedMs}\0`);
  return hash.digest('hex').slice(0, 32);
}

/**
 * SHA-256 of a file's bytes (for one file what sha256sum prints), or of names and bytes of several files, those of folders in order. Kept for as long as
 * paths, sizes and times stay the same.
 */
export async function contentHash(paths: readonly string[], watch: Watch): Promise<string> {
  const identity = await fileIdentity(paths);
  const before = known.get(identity);
  if (before !== undefined) return before;
  const found = await Promise.all(
    paths.map(async (path) => {
      const root = await realpath(path);
      // A folder's files are named from the folder, several files by their own names: a scan that was moved stays the same scan.
      const named = (file: FileStamp) => (file.path !== root ? file.path.slice(root.length) : paths.length > 1 ? `/${basename(root)}` : '');
      return (await filesOf(root)).map((file) => ({ ...file, name: named(file) }));
    }),
  );
  const files = found.flat();
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const file of files) {
    if (file.name !== '') hash.update(`${file.name}\0`);
    for await (const chunk of createReadStream(file.path, { highWaterMark: 4 * 1024 * 1024 })) {
      if (watch.cancelled()) throw new UserError('Computing the checksum was cancelled.', 'cancelled');
      hash.update(chunk as Uint8Array);
      done += (chunk as Uint8Array).length;
      watch.progress(done / total);
    }
  }
  const digest = hash.digest('hex');
  known.set(identity, digest);
  return digest;
}

async function filesOf(path: string): Promise<FileStamp[]> {
  const status = await stat(path);
  if (!status.isDirectory()) return [{ path, size: status.size, modifiedMs: status.mtimeMs }];
  const names = (await readdir(path)).sort();
  return (await Promise.all(names.map((name) => filesOf(join(path, name))))).flat();
}
