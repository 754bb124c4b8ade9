/** Writes a dictionary of tensors and numbers as torch.save does, streaming, so that PyTorch and this program read it. Format: design notes on formats, section 7. */
import { basename } from 'node:path';
import { crc32 } from '../../shared/crc32';
import { bytesOf } from './randomAccessFile';
import { elementCount } from './stridedReader';
import { type WholeFile, writeFileWhole } from './wholeFile';

export interface TensorToWrite {
  readonly key: string;
  readonly shape: readonly number[];
  readonly type: 'float32' | 'float64';
  /** Calls `put` with the elements in row-major order, in pieces of any size. */
  readonly write: (put: (part: Float32Array | Float64Array) => Promise<void>) => Promise<void>;
}

interface Member {
  readonly name: string;
  readonly bytes: number;
  readonly offset: number;
  readonly payload: number;
  crc: number;
}

const alignment = 64;
const localHeaderBytes = 30;
/** Extra field of torch: filler that brings the payload to a multiple of 64. */
const fillerId = 0x4246;
const wideSize = 0xffffffff;

/** Writes { key: tensor, ..., name: number, ... }. Answers the file's size in bytes. System errors pass as they are. */
export async function writeTorchFile(
  path: string,
  tensors: readonly TensorToWrite[],
  numbers: Readonly<Record<string, number>>,
): Promise<number> {
  const root = basename(path).replace(/\.[^.]*$/, '') || 'archive';
  const pickle = dictionaryPickle(tensors, numbers);
  const version = new TextEncoder().encode('3\n');
  const members: Member[] = [];
  let end = 0;
  const place = (name: string, bytes: number): Member => {
    const nameBytes = new TextEncoder().encode(name).length;
    const wide = bytes >= wideSize ? 20 : 0;
    const before = end + localHeaderBytes + nameBytes + wide + 4;
    const payload = Math.ceil(before / alignment) * alignment;
    const member = { name, bytes, offset: end, payload, crc: 0 };
    members.push(member);
    end = payload + bytes;
    return member;
  };
  const pickleMember = place(`${root}/data.pkl`, pickle.length);
  const tensorMembers = tensors.map((tensor, index) =>
    place(`${root}/data/${index}`, elementCount(tensor.shape) * (tensor.type === 'float32' ? 4 : 8)),
  );
  const versionMember = place(`${root}/version`, version.length);
  const directory = () => centralDirectory(members, end);
  const total = end + directory().length;

  await writeFileWhole(path, total, async (file) => {
    await writeMember(file, pickleMember, (put) => put(pickle));
    for (const [index, tensor] of tensors.entries()) {
      const member = tensorMembers[index];
      if (member !== undefined) await writeMember(file, member, (put) => tensor.write((part) => put(bytesOf(part))));
    }
    await writeMember(file, versionMember, (put) => put(version));
    await file.write(directory(), end);
  });
  return total;
}

/** The payload first, then its header, which holds the checksum. */
async function writeMember(
  file: WholeFile,
  member: Member,
  work: (put: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  let done = 0;
  await work(async (bytes) => {
    if (done + bytes.length > member.bytes) throw new RangeError(`${member.name} is longer than its shape`);
    await file.write(bytes, member.payload + done);
    member.crc = crc32(bytes, member.crc);
    done += bytes.length;
  });
  if (done !== member.bytes) throw new RangeError(`${member.name} has ${done} bytes where its shape needs ${member.bytes}`);
  await file.write(localHeader(member), member.offset);
}

function localHeader(member: Member): Uint8Array {
  const name = new TextEncoder().encode(member.name);
  const isWide = member.bytes >= wideSize;
  const header = new Uint8Array(member.payload - member.offset);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, isWide ? 45 : 0, true);
  view.setUint32(14, member.crc, true);
  view.setUint32(18, isWide ? wideSize : member.bytes, true);
  view.setUint32(22, isWide ? wideSize : member.bytes, true);
  view.setUint16(26, name.length, true);
  view.setUint16(28, header.length - localHeaderBytes - name.length, true);
  header.set(name, localHeaderBytes);
  let at = localHeaderBytes + name.length;
  if (isWide) at = writeWide(view, at, [member.bytes, member.bytes]);
  view.setUint16(at, fillerId, true);
  view.setUint16(at + 2, header.length - at - 4, true);
  header.fill(0x5a, at + 4);
  return header;
}

/** Central directory with both end records, the 64-bit one always, as torch writes it. */
function centralDirectory(members: readonly Member[], start: number): Uint8Array {
  const entries = members.map((member) => {
    const name = new TextEncoder().encode(member.name);
    const [wide, far] = [member.bytes >= wideSize, member.offset >= wideSize];
    const values = [...(wide ? [member.bytes, member.bytes] : []), ...(far ? [member.offset] : [])];
    const entry = new Uint8Array(46 + name.length + (values.length === 0 ? 0 : 4 + 8 * values.length));
    const view = new DataView(entry.buffer);
    view.setUint32(0, 0x02014b50, true);
    view.setUint16(6, values.length === 0 ? 0 : 45, true);
    view.setUint32(16, member.crc, true);
    view.setUint32(20, wide ? wideSize : member.bytes, true);
    view.setUint32(24, wide ? wideSize : member.bytes, true);
    view.setUint16(28, name.length, true);
    view.setUint16(30, entry.length - 46 - name.length, true);
    view.setUint32(42, far ? wideSize : member.offset, true);
    entry.set(name, 46);
    if (values.length > 0) writeWide(view, 46 + name.length, values);
    return entry;
  });
  const length = entries.reduce((sum, entry) => sum + entry.length, 0);
  const end = new Uint8Array(56 + 20 + 22);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setUint16(12, 45, true);
  view.setUint16(14, 45, true);
  for (const at of [24, 32]) view.setBigUint64(at, BigInt(members.length), true);
  view.setBigUint64(40, BigInt(length), true);
  view.setBigUint64(48, BigInt(start), true);
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(start + length), true);
  view.setUint32(72, 1, true);
  view.setUint32(76, 0x06054b50, true);
  for (const at of [84, 86]) view.setUint16(at, members.length, true);
  view.setUint32(88, length, true);
  view.setUint32(92, Math.min(start, wideSize), true);
  const bytes = new Uint8Array(length + end.length);
  let at = 0;
  for (const part of [...entries, end]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function writeWide(view: DataView, at: number, values: readonly number[]): number {
  view.setUint16(at, 1, true);
  view.setUint16(at + 2, 8 * values.length, true);
  values.forEach((value, index) => {
    view.setBigUint64(at + 4 + 8 * index, BigInt(value), true);
  });
  return at + 4 + 8 * values.length;
}

/** Protocol 2: {key: torch._utils._rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict()), ..., name: float}. */
function dictionaryPickle(tensors: readonly TensorToWrite[], numbers: Readonly<Record<string, number>>): Uint8Array {
  const items = tensors.map((tensor, index) => {
    const strides = tensor.shape.map((_, axis) => elementCount(tensor.shape.slice(axis + 1)));
    const storageClass = `ctorch\n${tensor.type === 'float32' ? 'Float' : 'Double'}Storage\n`;
    const storage = `(${text('storage')}${storageClass}${text(String(index))}${text('cpu')}${integer(elementCount(tensor.shape))}tQ`;
    const tuple = (values: readonly number[]) => `(${values.map(integer).join('')}t`;
    const hooks = 'ccollections\nOrderedDict\n)R';
    return `${text(tensor.key)}ctorch._utils\n_rebuild_tensor_v2\n(${storage}K\0${tuple(tensor.shape)}${tuple(strides)}\x89${hooks}tR`;
  });
  const floats = Object.entries(numbers).map(([name, value]) => `${text(name)}G${float(value)}`);
  return Uint8Array.from(`\x80\x02}(${[...items, ...floats].join('')}u.`, (character) => character.charCodeAt(0));
}

/** Bytes as characters of the same code. */
function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function text(value: string): string {
  const bytes = new TextEncoder().encode(value);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return `X${latin(length)}${latin(bytes)}`;
}

/** BININT where it fits, else LONG1 of eight bytes. */
function integer(value: number): string {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(value), true);
  return value < 2 ** 31 ? `J${latin(bytes.subarray(0, 4))}` : `\x8a\x08${latin(bytes)}`;
}

function float(value: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, false);
  return latin(bytes);
}
