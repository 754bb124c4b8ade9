/** Writes archives like those of torch.save for tests, among them broken ones and one of gigabytes that takes no room on the disk. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

interface Options {
  /** A member to write a second time. */
  readonly repeat?: string;
  readonly deflate?: boolean;
  readonly extra?: Record<string, Buffer>;
}

interface Member {
  readonly name: string;
  readonly content: Buffer;
  readonly size: number;
  readonly method: number;
  readonly offset: number;
}

/** A ZIP archive with archive/data.pkl and archive/data/KEY. */
export function torchArchive(pickle: Buffer | null, storages: Record<string, Buffer>, options: Options = {}): Buffer {
  const contents: [string, Buffer][] = [];
  if (pickle !== null) contents.push(['data.pkl', pickle]);
  for (const [key, bytes] of Object.entries(storages)) contents.push([`data/${key}`, bytes]);
  for (const [name, bytes] of Object.entries(options.extra ?? {})) contents.push([name, bytes]);
  const again = contents.find(([name]) => name === options.repeat);
  if (again) contents.push(again);
  contents.push(['version', Buffer.from('3\n')]);
  const pieces: Buffer[] = [];
  const members: Member[] = [];
  let offset = 0;
  for (const [name, raw] of contents) {
    const method = options.deflate === true ? 8 : 0;
    const content = method === 8 ? deflateRawSync(raw) : raw;
    const header = localHeader(`archive/${name}`, raw, content, method);
    members.push({ name: `archive/${name}`, content, size: raw.length, method, offset });
    pieces.push(header, content);
    offset += header.length + content.length;
  }
  const directory = Buffer.concat(members.map((member) => centralHeader(member, member.size, member.content.length)));
  return Buffer.concat([...pieces, directory, endRecord(members.length, directory.length, offset)]);
}

export interface TestArray {
  readonly shape: readonly number[];
  /** All zero where absent. */
  readonly values?: readonly number[];
  readonly type?: 'Float' | 'Double';
}
export type TestScan = Readonly<Record<string, TestArray | number>>;

/** A dictionary of arrays and numbers as torch.save writes it. */
export function scanFile(content: TestScan): Buffer {
  const storages: Record<string, Buffer> = {};
  let items = '';
  for (const [key, value] of Object.entries(content)) {
    items += text(key);
    if (typeof value === 'number') {
      const double = Buffer.alloc(9);
      double[0] = 0x47;
      double.writeDoubleBE(value, 1);
      items += double.toString('latin1');
      continue;
    }
    const elements = value.shape.reduce((product, size) => product * size, 1);
    const values = value.values ?? new Array<number>(elements).fill(0);
    const data = value.type === 'Double' ? Float64Array.from(values) : Float32Array.from(values);
    const storageKey = String(Object.keys(storages).length);
    storages[storageKey] = Buffer.from(data.buffer);
    const strides = value.shape.map((_, axis) => value.shape.slice(axis + 1).reduce((product, size) => product * size, 1));
    const storage = `(${text('storage')}ctorch\n${value.type ?? 'Float'}Storage\n${text(storageKey)}${text('cpu')}${integer(elements)}tQ`;
    items += `ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\x00(${value.shape.map(integer).join('')}t(${strides.map(integer).join('')}t\x89NtR`;
  }
  return torchArchive(Buffer.from(`\x80\x02}(${items}u.`, 'latin1'), storages);
}

function text(value: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  return `X${length.toString('latin1')}${value}`;
}

function integer(value: number): string {
  const buffer = Buffer.alloc(5);
  buffer[0] = 0x4a;
  buffer.writeInt32LE(value, 1);
  return buffer.toString('latin1');
}

/**
 * A file as torch.save writes it for {"sinogram": float32 of `shape`}, all zero but the last element, which is 42; beyond 4 GiB with
 * ZIP64 sizes. The zeros are a hole in the file.
 */
export function sparseTorchFile(path: string, shape: readonly [number, number, number]): void {
  const elements = shape[0] * shape[1] * shape[2];
  const bytes = elements * 4;
  const dims = shape.map(integer).join('');
  const strides = [shape[1] * shape[2], shape[2], 1].map(integer).join('');
  const storage = `(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu${integer(elements)}tQ`;
  const pickle = Buffer.from(
    `\x80\x02}X\x08\x00\x00\x00sinogramctorch._utils\n_rebuild_tensor_v2\n(${storage}K\x00(${dims}t(${strides}t\x89NtRs.`,
    'latin1',
  );
  const file = openSync(path, 'w');
  const first = localHeader('large/data.pkl', pickle, pickle, 0);
  writeSync(file, Buffer.concat([first, pickle]));
  const offset = first.length + pickle.length;
  const second = localHeader('large/data/0', Buffer.alloc(0), Buffer.alloc(0), 0);
  writeSync(file, second, 0, second.length, offset);
  const end = offset + second.length + bytes;
  ftruncateSync(file, end);
  writeSync(file, Buffer.from(Float32Array.of(42).buffer), 0, 4, end - 4);
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(bytes), 4);
  extra.writeBigUInt64LE(BigInt(bytes), 12);
  const directory = Buffer.concat([
    centralHeader({ name: 'large/data.pkl', content: pickle, size: pickle.length, method: 0, offset: 0 }, pickle.length, pickle.length),
    centralHeader({ name: 'large/data/0', content: pickle, size: 0, method: 0, offset }, 0xffffffff, 0xffffffff, extra),
  ]);
  const end64 = Buffer.alloc(56 + 20);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(2n, 24);
  end64.writeBigUInt64LE(2n, 32);
  end64.writeBigUInt64LE(BigInt(directory.length), 40);
  end64.writeBigUInt64LE(BigInt(end), 48);
  end64.writeUInt32LE(0x07064b50, 56);
  end64.writeBigUInt64LE(BigInt(end + directory.length), 64);
  end64.writeUInt32LE(1, 72);
  const tail = Buffer.concat([directory, end64, endRecord(2, directory.length, 0xffffffff)]);
  writeSync(file, tail, 0, tail.length, end);
  closeSync(file);
}

function localHeader(name: string, raw: Buffer, content: Buffer, method: number): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc32(raw), 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt32LE(raw.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

function centralHeader(member: Member, size: number, stored: number, extra = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(member.method, 10);
  header.writeUInt32LE(size === 0xffffffff ? 0 : crcOf(member), 16);
  header.writeUInt32LE(stored, 20);
  header.writeUInt32LE(size, 24);
  header.writeUInt16LE(member.name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(member.offset, 42);
  return Buffer.concat([header, Buffer.from(member.name), extra]);
}

function crcOf(member: Member): number {
  return member.method === 0 ? crc32(member.content) : 0;
}

function endRecord(count: number, directoryLength: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryLength, 12);
  end.writeUInt32LE(directoryOffset, 16);
  return end;
}
