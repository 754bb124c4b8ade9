/** Makes a large scan that takes no room on the disk: the smallest sample with a hole of any size before the list of its parts. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const sample = join(import.meta.dirname, '..', 'resources', 'samples', 'walnut-tiny.pt');

export function writeLargeScan(path: string, holeBytes: number): void {
  const bytes = readFileSync(sample);
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const end64 = bytes.lastIndexOf('PK\x06\x06', undefined, 'latin1');
  const locator = bytes.lastIndexOf('PK\x06\x07', undefined, 'latin1');
  const list = Number(bytes.readBigUInt64LE(end64 + 48));
  bytes.writeBigUInt64LE(BigInt(list + holeBytes), end64 + 48);
  bytes.writeBigUInt64LE(BigInt(end64 + holeBytes), locator + 8);
  // All ones: as the 64-bit record says.
  bytes.writeUInt32LE(0xffffffff, end + 16);
  const file = openSync(path, 'w');
  writeSync(file, bytes, 0, list, 0);
  writeSync(file, bytes, list, bytes.length - list, list + holeBytes);
  closeSync(file);
}
