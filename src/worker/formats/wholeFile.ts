/** Writes a file of known length in pieces, in any order; it gets its name only when it is complete. What the bytes are is left to the writers of each format. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';

export class WholeFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Creates PATH.part of `bytes` bytes. System errors (no folder, no permission, disk full) pass as they are. */
  static async create(path: string, bytes: number): Promise<WholeFile> {
    const handle = await open(`${path}.part`, 'w');
    const file = new WholeFile(path, handle);
    try {
      await handle.truncate(bytes);
    } catch (error) {
      await file.discard();
      throw error;
    }
    return file;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.handle
        .write(bytes, done, Math.min(bytes.length - done, 1 << 30), position + done)
        .catch((error) => this.named(error));
      if (bytesWritten === 0) {
        throw new UserError(`${basename(this.path)} cannot be written: the disk takes no more. Free some space.`, 'no_space');
      }
      done += bytesWritten;
    }
  }

  /** System errors of a handle do not say which file it is. */
  private named(error: unknown): never {
    if (error instanceof Error && !('path' in error)) Object.assign(error, { path: this.path });
    throw error;
  }

  /** Gives the file its name, in place of one that may have had it. */
  async finish(): Promise<void> {
    await this.handle.close();
    await rename(`${this.path}.part`, this.path);
  }

  /** Gives up and removes what was written. */
  async discard(): Promise<void> {
    await this.handle.close();
    await rm(`${this.path}.part`, { force: true });
  }
}

/** Creates a file, lets `work` fill it, and finishes it, or removes it where `work` fails. */
export async function writeFileWhole(path: string, bytes: number, work: (file: WholeFile) => Promise<void>): Promise<void> {
  const file = await WholeFile.create(path, bytes);
  try {
    await work(file);
  } catch (error) {
    await file.discard();
    throw error;
  }
  await file.finish();
}
