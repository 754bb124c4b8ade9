/** SHA-256 of a data file or of a folder of files, so that a run can name exactly what it worked on. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

async function addFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
}

/** Of a file its bytes; of a folder the names, sizes and bytes of its files in sorted order. Lower-case hexadecimal. */
export async function contentHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  if (!(await stat(path)).isDirectory()) {
    await addFile(hash, path);
    return hash.digest('hex');
  }
  const names = (await readdir(path, { recursive: true })).map((name) => name.replaceAll('\\', '/')).sort();
  for (const name of names) {
    const file = join(path, name);
    const { size, isFile } = await stat(file).then((entry) => ({ size: entry.size, isFile: entry.isFile() }));
    if (!isFile) continue;
    hash.update(`${name}\0${size}\0`);
    await addFile(hash, file);
  }
  return hash.digest('hex');
}
