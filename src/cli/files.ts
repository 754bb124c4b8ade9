/** Where result files go: in folders made where they lack. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../shared/errors';
import { volumeFormatOf } from '../shared/volumeFormats';

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

/** The absolute path of a volume to write, in the format its ending asks for (volumeFormatOf); a folder of slices keeps its slash. */
export async function outputVolume(path: string): Promise<string> {
  if (volumeFormatOf(path).name !== 'tiff-slices') return outputFile(path);
  const absolute = resolve(path);
  if ((await stat(absolute).catch(() => null))?.isDirectory()) {
    if ((await readdir(absolute)).length > 0)
      throw new UserError(`${path} is there already and not empty; name a new folder for the slices.`);
  } else await outputFile(absolute);
  return `${absolute}/`;
}
