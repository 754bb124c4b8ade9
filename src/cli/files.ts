/** Where result files go: in folders made where they lack. */
import { mkdir, stat } from 'node:fs/promises';
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
