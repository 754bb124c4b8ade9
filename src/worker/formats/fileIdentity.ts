/** Tells files apart: quickly by path, size and time, or by the SHA-256 of their content. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

interface FileStamp {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

const known = new Map<string, string>();

/** 32 hex digits that change when path, size or time of the file change; of all files for a folder. */
export async function fileIdentity(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await filesOf(await realpath(path))) hash.update(`${file.path}\0${file.size}\0${file.modifiedMs}\0`);
  return hash.digest('hex').slice(0, 32);
}

/** SHA-256 of a file's bytes (for one file what sha256sum prints), or of names and bytes of a folder's files in order. */
export async function contentHash(path: string, onProgress: (fraction: number) => void = () => {}): Promise<string> {
  const identity = await fileIdentity(path);
  const before = known.get(identity);
  if (before !== undefined) return before;
  const root = await realpath(path);
  const files = await filesOf(root);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const hash = createHash('sha256');
  let done = 0;
  for (const file of files) {
    if (file.path !== root) hash.update(`${file.path.slice(root.length)}\0`);
    for await (const chunk of createReadStream(file.path, { highWaterMark: 4 * 1024 * 1024 })) {
      hash.update(chunk as Uint8Array);
      done += (chunk as Uint8Array).length;
      onProgress(total === 0 ? 1 : done / total);
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
