/** Writes result files: whole or not at all, in folders made where they lack. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../shared/errors';

/** The absolute path of a file to write; its folder is made. Throws UserError where it cannot be a file. */
export async function outputFile(path: string): Promise<string> {
  const absolute = resolve(path);
  const status = await stat(absolute).catch(() => null);
  if (status?.isDirectory()) throw new UserError(`${path} is a folder; name a file to write.`);
  try {
    await mkdir(dirname(absolute), { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new UserError(`${dirname(path)} is a file, so ${path} cannot be written.`);
    throw error;
  }
  return absolute;
}

/** The file has its name only once it is complete. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
