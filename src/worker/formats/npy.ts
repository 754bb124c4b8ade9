/** Reads and writes NumPy's .npy: any part of a number array without loading the rest; volumes are written slice by slice. Format: numpy/lib/format.py. */
import { UserError } from '../../shared/errors';
import { type ElementType, elementBytes, type NumberArray } from './elementTypes';
import { bytesOf, RandomAccessFile } from './randomAccessFile';
import { elementCount, planeLayout, readStrided, rowMajorStrides, type StridedLayout } from './stridedReader';
import { WholeFile } from './wholeFile';

export interface NpyFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  readonly elements: number;
  /** target[0..count) = elements start..start+count in row-major order, also where the file is in Fortran order. */
  read(target: NumberArray, start: number, count: number): Promise<void>;
  /** One plane of a three-axis array, row-major: axis 0 (H,W), 1 (D,W), 2 (D,H). */
  readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): Promise<void>;
  close(): Promise<void>;
}

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const maxHeaderBytes = 64 * 1024;
const maxAxes = 8;
const typesByCode: Readonly<Record<string, ElementType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
};

/** Throws UserError for a file that is cut off, damaged, or holds anything but plain numbers. */
export async function openNpy(path: string): Promise<NpyFile> {
  const file = await RandomAccessFile.open(path);
  try {
    return new OpenNpy(file, await readLayout(file));
  } catch (error) {
    await file.close();
    throw error;
  }
}

class OpenNpy implements NpyFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  readonly elements: number;

  constructor(
    private readonly file: RandomAccessFile,
    private readonly layout: StridedLayout,
  ) {
    this.path = file.path;
    this.bytes = file.size;
    this.modifiedMs = file.modifiedMs;
    this.shape = layout.shape;
    this.dtype = layout.type;
    this.elements = elementCount(layout.shape);
  }

  async read(target: NumberArray, start: number, count: number): Promise<void> {
    if (start < 0 || count < 0 || start + count > this.elements || count > target.length) {
      throw new RangeError(`elements ${start}..${start + count} of ${this.elements} do not fit`);
    }
    if (count > 0) await readStrided(this.file, this.layout, start, count, target);
  }

  async readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): Promise<void> {
    const size = this.shape[axis] ?? 0;
    if (this.shape.length !== 3 || index < 0 || index >= size)
      throw new RangeError(`plane ${index} of axis ${axis} with ${size} planes does not exist`);
    await readStrided(this.file, planeLayout(this.layout, axis, index), 0, this.elements / size, target);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function readLayout(file: RandomAccessFile): Promise<StridedLayout> {
  const head = await file.read(0, Math.min(12, file.size));
  if (head.length < 12 || !magic.every((byte, index) => head[index] === byte)) {
    throw new UserError(`${file.name} is no .npy file: it does not begin with NumPy's mark. Save the array with numpy.save.`);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = head[6] ?? 0;
  if (version < 1 || version > 3)
    throw new UserError(`${file.name} is .npy version ${version}; versions 1 to 3 are read. Save it with numpy.save.`);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes) damaged(file, 'its header is too long');
  const header = new TextDecoder('latin1').decode(await file.read(start, length));
  const { type, littleEndian, fortran, shape } = parseHeader(file, header);
  const elements = elementCount(shape);
  if (!Number.isSafeInteger(elements * 8)) damaged(file, `its shape (${shape.join(', ')}) is too large`);
  const offset = start + length;
  if (file.size < offset + elements * elementBytes(type)) {
    throw new UserError(
      `${file.name} ends before its data does: an array of shape (${shape.join(', ')}) needs ${elements * elementBytes(type)} bytes. Get it again.`,
    );
  }
  const strides = fortran ? rowMajorStrides([...shape].reverse()).reverse() : rowMajorStrides(shape);
  return { type, littleEndian, shape, strides, offset };
}

/** The header is a Python dictionary with exactly these three keys; it is matched, never evaluated. */
function parseHeader(
  file: RandomAccessFile,
  header: string,
): { type: ElementType; littleEndian: boolean; fortran: boolean; shape: number[] } {
  const descr = /'descr'\s*:\s*'([<>=|])([a-zA-Z]\d{1,2})'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  const type = typesByCode[descr?.[2] ?? ''];
  if (descr === null || type === undefined) {
    const found = /'descr'\s*:\s*([^,}]{1,40})/.exec(header)?.[1] ?? 'unknown';
    throw new UserError(`${file.name} holds elements of type ${found.trim()}; real numbers are read. Save it with .astype('float32').`);
  }
  if (order === null || shapeText === undefined) return damaged(file, 'its header is not readable');
  const shape = shapeText
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  if (shape.length > maxAxes) damaged(file, `it has ${shape.length} axes; at most ${maxAxes} are read`);
  return { type, littleEndian: descr[1] !== '>', fortran: order[1] === 'True', shape };
}

function damaged(file: RandomAccessFile, reason: string): never {
  throw new UserError(`${file.name} is damaged: ${reason}. Save it again with numpy.save.`);
}

/** The bytes before the data of a C-order array; a multiple of 64 long, as NumPy writes it. */
export function npyHeader(shape: readonly number[], type: 'float32' | 'float64' = 'float32'): Uint8Array {
  const code = type === 'float32' ? '<f4' : '<f8';
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${code}', 'fortran_order': False, 'shape': (${axes}), }`;
  const padded = Math.ceil((magic.length + 4 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(padded).fill(0x20);
  bytes.set(magic);
  bytes.set([1, 0], magic.length);
  new DataView(bytes.buffer).setUint16(magic.length + 2, padded - magic.length - 4, true);
  bytes.set(new TextEncoder().encode(text), magic.length + 4);
  bytes[padded - 1] = 0x0a;
  return bytes;
}

/** Writes a float32 array in C order, in any order of its parts. The file has its name only once `finish` has returned: a crash leaves no half volume. */
export class NpyWriter {
  private constructor(
    private readonly file: WholeFile,
    private readonly headerBytes: number,
    private readonly elements: number,
  ) {}

  /** System errors pass as they are. */
  static async create(path: string, shape: readonly number[]): Promise<NpyWriter> {
    const header = npyHeader(shape);
    const elements = elementCount(shape);
    const file = await WholeFile.create(path, header.length + elements * 4);
    try {
      await file.write(header, 0);
    } catch (error) {
      await file.discard();
      throw error;
    }
    return new NpyWriter(file, header.length, elements);
  }

  /** Elements start..start+values.length of the array. */
  async write(values: Float32Array, start: number): Promise<void> {
    if (start < 0 || start + values.length > this.elements) {
      throw new RangeError(`elements ${start}..${start + values.length} of ${this.elements} do not fit`);
    }
    await this.file.write(bytesOf(values), this.headerBytes + start * 4);
  }

  /** Answers the size of the file in bytes. */
  async finish(): Promise<number> {
    await this.file.finish();
    return this.headerBytes + this.elements * 4;
  }

  /** Gives up and removes what was written. */
  discard(): Promise<void> {
    return this.file.discard();
  }
}

const partElements = 2 * 1024 * 1024;

/** Fills a buffer with the elements of a volume from `start`. */
export type ReadElements = (start: number, target: Float32Array) => Promise<void> | void;

/** Writes a volume of `shape` in parts that `read` hands out. Answers the file's size in bytes. */
export async function writeNpyVolume(path: string, shape: readonly number[], read: ReadElements): Promise<number> {
  const writer = await NpyWriter.create(path, shape);
  try {
    await inParts(elementCount(shape), read, (part, start) => writer.write(part, start));
  } catch (error) {
    await writer.discard();
    throw error;
  }
  return writer.finish();
}

/** Hands all elements from `read` to `write` in parts of a few MiB. */
export async function inParts(
  total: number,
  read: ReadElements,
  write: (part: Float32Array, start: number) => Promise<void>,
): Promise<void> {
  const buffer = new Float32Array(Math.min(partElements, total));
  for (let start = 0; start < total; start += partElements) {
    const part = buffer.subarray(0, Math.min(partElements, total - start));
    await read(start, part);
    await write(part, start);
  }
}
