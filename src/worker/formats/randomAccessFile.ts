/** A file read at any position, exactly as many bytes as asked for; what the bytes mean is left to the readers of each format. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';

/** Linux reads at most 2 GiB - 4 KiB at once; smaller pieces cost nothing. */
const largestRead = 1 << 30;

export class RandomAccessFile {
  /** File name without folder, for messages. */
  readonly name: string;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    readonly size: number,
    readonly modifiedMs: number,
  ) {
    this.name = basename(path);
  }

  /** Throws UserError for a folder or a special file; system errors (not found, no permission) pass as they are. */
  static async open(path: string): Promise<RandomAccessFile> {
    const handle = await open(path, 'r');
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw new UserError(`${basename(path)} is not a file. Choose a file to read.`);
      return new RandomAccessFile(path, handle, status.size, status.mtimeMs);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Fills `target` from byte `position`. Throws UserError where the file ends before. */
  async readInto(target: Uint8Array, position: number): Promise<void> {
    if (position < 0 || position + target.byteLength > this.size) this.endsEarly();
    let done = 0;
    while (done < target.byteLength) {
      const wanted = Math.min(target.byteLength - done, largestRead);
      const { bytesRead } = await this.handle.read(target, done, wanted, position + done);
      if (bytesRead === 0) this.endsEarly();
      done += bytesRead;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    if (length > this.size - position) this.endsEarly();
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, position);
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private endsEarly(): never {
    throw new UserError(`${this.name} ends before its data does; it was cut off while it was written or copied. Get it again.`);
  }
}

/** The bytes of a typed array, not copied. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
