/** Lists a ZIP or ZIP64 archive from its central directory and finds where a member's bytes lie; unpacks small members only. Format: PKWARE APPNOTE 6.3. */
import { inflateRawSync } from 'node:zlib';
import { UserError } from '../../shared/errors';
import type { RandomAccessFile } from './randomAccessFile';

export interface ZipMember {
  readonly name: string;
  /** 0: stored as it is; 8: deflated. */
  readonly method: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const longestComment = 0xffff;
const centralHeaderLength = 46;
const localHeaderLength = 30;
const maxMembers = 200_000;
const maxDirectoryBytes = 64 * 1024 * 1024;

/** All members by name, in the order of the directory. Throws UserError for a file that is cut off, inconsistent, or names a member twice. */
export async function readZipDirectory(file: RandomAccessFile): Promise<Map<string, ZipMember>> {
  const { offset, length, count } = await findDirectory(file);
  if (count > maxMembers || length > maxDirectoryBytes) broken(file, `its list of ${count} members is too long`);
  const bytes = await file.read(offset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + centralHeaderLength > length || view.getUint32(at, true) !== centralSignature)
      broken(file, `its list of members ends at member ${index}`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + centralHeaderLength + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > length) broken(file, `its list of members ends inside member ${index}`);
    if ((view.getUint16(at + 8, true) & 1) !== 0)
      throw new UserError(`${file.name} is encrypted, which a data file must not be. Save it without a password.`);
    const name = new TextDecoder().decode(bytes.subarray(at + centralHeaderLength, at + centralHeaderLength + nameLength));
    if (members.has(name)) broken(file, `the member ${JSON.stringify(name)} is there twice`);
    const extra = new DataView(bytes.buffer, bytes.byteOffset + at + centralHeaderLength + nameLength, extraLength);
    const [size, storedBytes, headerOffset] = wideSizes(file, extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    if (headerOffset + localHeaderLength + storedBytes > file.size)
      broken(file, `the member ${JSON.stringify(name)} reaches beyond its end`);
    members.set(name, { name, method: view.getUint16(at + 10, true), storedBytes, bytes: size, headerOffset });
    at = next;
  }
  return members;
}

/** Byte position of a member's content. The local header has extra fields of its own (torch pads with them), so it must be read. */
export async function memberOffset(file: RandomAccessFile, member: ZipMember): Promise<number> {
  const header = await file.read(member.headerOffset, localHeaderLength);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== localSignature) broken(file, `the member ${JSON.stringify(member.name)} is not where the list says`);
  const offset = member.headerOffset + localHeaderLength + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + member.storedBytes > file.size) broken(file, `the member ${JSON.stringify(member.name)} reaches beyond its end`);
  return offset;
}

/** The whole content of a small member, unpacked where it is deflated. Throws UserError beyond `maxBytes`. */
export async function readSmallMember(file: RandomAccessFile, member: ZipMember, maxBytes: number): Promise<Uint8Array> {
  if (member.bytes > maxBytes || member.storedBytes > maxBytes) {
    throw new UserError(
      `${file.name}: ${member.name} is ${Math.round(member.bytes / 1048576)} MiB long; at most ${Math.round(maxBytes / 1048576)} MiB are read.`,
    );
  }
  const content = await file.read(await memberOffset(file, member), member.storedBytes);
  if (member.method === 0) return content;
  if (member.method !== 8)
    throw new UserError(`${file.name}: ${member.name} is packed by method ${member.method}, which is not supported. Save the file again.`);
  try {
    return inflateRawSync(content, { maxOutputLength: maxBytes });
  } catch {
    return broken(file, `the packed member ${member.name} cannot be unpacked`);
  }
}

async function findDirectory(file: RandomAccessFile): Promise<{ offset: number; length: number; count: number }> {
  const tailLength = Math.min(file.size, endLength + longestComment + 20);
  const tailStart = file.size - tailLength;
  const tail = await file.read(tailStart, tailLength);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tailLength - endLength;
  while (at >= 0 && view.getUint32(at, true) !== endSignature) at--;
  if (at < 0)
    throw new UserError(`${file.name} ends before its data does: the list of members at its end is missing. Copy or download it again.`);
  let count = view.getUint16(at + 10, true);
  let length = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  const locator = at - 20;
  if (locator >= 0 && view.getUint32(locator, true) === locator64Signature) {
    const position = wide(file, view, locator + 8);
    if (position + 56 > file.size) broken(file, 'its 64-bit end record lies beyond its end');
    const record = await file.read(position, 56);
    const wideView = new DataView(record.buffer, record.byteOffset, record.byteLength);
    if (wideView.getUint32(0, true) !== end64Signature) broken(file, 'its 64-bit end record is missing');
    count = wide(file, wideView, 32);
    length = wide(file, wideView, 40);
    offset = wide(file, wideView, 48);
  }
  if (offset + length > file.size) broken(file, 'its list of members reaches beyond its end');
  return { offset, length, count };
}

/** Sizes and offset of a member; those that read 0xFFFFFFFF stand in the ZIP64 extra field, in this order. */
function wideSizes(file: RandomAccessFile, extra: DataView, narrow: [number, number, number]): [number, number, number] {
  if (!narrow.includes(0xffffffff)) return narrow;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const fieldLength = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) !== 1) {
      at += 4 + fieldLength;
      continue;
    }
    let field = at + 4;
    const end = Math.min(field + fieldLength, extra.byteLength);
    const [size, stored, offset] = narrow.map((value) => {
      if (value !== 0xffffffff) return value;
      if (field + 8 > end) return broken(file, 'a 64-bit size is missing');
      const result = wide(file, extra, field);
      field += 8;
      return result;
    });
    return [size ?? 0, stored ?? 0, offset ?? 0];
  }
  return narrow;
}

function wide(file: RandomAccessFile, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : broken(file, 'a size in it is absurd');
}

function broken(file: RandomAccessFile, reason: string): never {
  throw new UserError(`${file.name} is damaged: ${reason}. Get it again, or save it again with torch.save.`);
}
