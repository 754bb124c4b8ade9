/** Opens what torch.save wrote: lists its tensors and numbers at once, reads only the elements asked for. What the arrays mean is left to scanData and the model importer. */
import { UserError } from '../../shared/errors';
import { elementBytes, type NumberArray } from './elementTypes';
import { PickleGlobal, PickleOpaque, PickleTuple, type PickleValue } from './pickleMachine';
import { RandomAccessFile } from './randomAccessFile';
import { elementCount, planeLayout, readStrided, rowMajorStrides, type StridedLayout } from './stridedReader';
import { legacyMagic, readLegacyContent } from './torchLegacy';
import { StorageRef, TensorRecord } from './torchTensors';
import { readZipContent, type StorageFinder } from './torchZip';

/** One tensor of the file. Elements count in row-major order whatever its strides are. */
export interface TorchTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As torch names it; arrays of complex or quantised numbers are listed but cannot be read. */
  readonly dtype: string;
  readonly elements: number;
  /** False where the elements lie apart in the file (a transposed or sliced tensor): reading takes longer. */
  readonly contiguous: boolean;
  /** target[0..count) = elements start..start+count, converted to the target's type. */
  read(target: NumberArray, start: number, count: number): Promise<void>;
  /** `count` entries of axis 0 from `first`. */
  readSlices(first: number, count: number, target: NumberArray): Promise<void>;
  /** One plane of a three-axis tensor, row-major: axis 0 (H,W), 1 (D,W), 2 (D,H). */
  readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): Promise<void>;
}

export interface TorchFile {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Dictionaries within the dictionary are flattened: `state_dict.m_head.weight`. */
  readonly entries: ReadonlyMap<string, TorchTensor>;
  readonly scalars: ReadonlyMap<string, number | string | boolean | null>;
  /** What is in the file but was passed over, in sentences. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const maxDepth = 8;
const maxValues = 200_000;

/** Throws UserError for a file that is cut off, damaged, hostile, or not of torch.save. */
export async function openTorchFile(path: string): Promise<TorchFile> {
  const file = await RandomAccessFile.open(path);
  try {
    const content = await readContent(file);
    const list = new ContentList(file, content.find, content.littleEndian);
    list.add('', content.root, 0);
    return {
      path,
      bytes: file.size,
      modifiedMs: file.modifiedMs,
      entries: list.entries,
      scalars: list.scalars,
      problems: list.problems,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readContent(file: RandomAccessFile): ReturnType<typeof readZipContent> {
  if (file.size < 4) throw new UserError(`${file.name} has only ${file.size} bytes, so it holds no data. Get it again.`);
  const head = await file.read(0, Math.min(512, file.size));
  if (head[0] === 0x50 && head[1] === 0x4b) return readZipContent(file);
  if (legacyMagic.every((byte, index) => head[index] === byte)) return readLegacyContent(file);
  const tarMark = new TextDecoder('latin1').decode(head.subarray(257, 262));
  if (tarMark === 'ustar') {
    throw new UserError(`${file.name} is of a very old version of torch.save (a tar archive). Load it with torch and save it again.`);
  }
  if (legacyMagic.subarray(0, head.length).every((byte, index) => head[index] === byte)) {
    throw new UserError(`${file.name} ends before its data does. Get it again.`);
  }
  throw new UserError(
    `${file.name} was not written by torch.save: it begins neither as a ZIP archive nor as the older form. Choose a .pt or .pth file.`,
  );
}

/** Flattens the unpickled value into named tensors and scalars. */
class ContentList {
  readonly entries = new Map<string, TorchTensor>();
  readonly scalars = new Map<string, number | string | boolean | null>();
  readonly problems: string[] = [];
  private values = 0;

  constructor(
    private readonly file: RandomAccessFile,
    private readonly find: StorageFinder,
    private readonly littleEndian: boolean,
  ) {}

  add(name: string, value: PickleValue, depth: number): void {
    if (++this.values > maxValues)
      throw new UserError(`${this.file.name} holds more than ${maxValues} values; it is not a scan or a model.`);
    const shown = name === '' ? 'tensor' : name;
    if (value instanceof TensorRecord) this.entries.set(shown, new FileTensor(shown, value, this.file, this.find, this.littleEndian));
    else if (value === null || typeof value === 'boolean' || typeof value === 'string') this.scalars.set(shown, value);
    else if (typeof value === 'number' || typeof value === 'bigint') this.scalars.set(shown, Number(value));
    else if (value instanceof PickleGlobal) this.scalars.set(shown, value.name);
    else if (value instanceof PickleOpaque || value instanceof StorageRef || value instanceof Set || !isCollection(value)) {
      this.problems.push(`${shown} is of a kind that is not read (${value instanceof PickleOpaque ? value.name : 'storage or set'}).`);
    } else if (depth >= maxDepth) this.problems.push(`${shown} is nested deeper than ${maxDepth} levels and was passed over.`);
    else {
      for (const [key, item] of children(value)) this.add(name === '' ? key : `${name}.${key}`, item, depth + 1);
    }
  }
}

type Collection = PickleTuple | PickleValue[] | Map<PickleValue, PickleValue>;

function isCollection(value: PickleValue): value is Collection {
  return value instanceof PickleTuple || Array.isArray(value) || value instanceof Map;
}

function* children(value: Collection): Generator<[string, PickleValue]> {
  if (value instanceof Map) for (const [key, item] of value) yield [typeof key === 'object' ? 'unnamed' : String(key), item];
  else for (const [index, item] of (value instanceof PickleTuple ? value.items : value).entries()) yield [String(index), item];
}

class FileTensor implements TorchTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly elements: number;
  readonly contiguous: boolean;
  private layout: Promise<StridedLayout> | null = null;

  constructor(
    readonly name: string,
    private readonly record: TensorRecord,
    private readonly file: RandomAccessFile,
    private readonly find: StorageFinder,
    private readonly littleEndian: boolean,
  ) {
    this.shape = record.shape;
    this.dtype = record.typeName;
    this.elements = elementCount(record.shape);
    const dense = rowMajorStrides(record.shape);
    this.contiguous = record.strides.every((stride, axis) => stride === dense[axis] || record.shape[axis] === 1);
  }

  async read(target: NumberArray, start: number, count: number): Promise<void> {
    if (start < 0 || count < 0 || start + count > this.elements || count > target.length) {
      throw new RangeError(`elements ${start}..${start + count} of ${this.elements} do not fit`);
    }
    if (count === 0) return;
    await readStrided(this.file, await this.located(), start, count, target);
  }

  async readPlane(axis: 0 | 1 | 2, index: number, target: NumberArray): Promise<void> {
    const size = this.shape[axis] ?? 0;
    if (this.shape.length !== 3 || index < 0 || index >= size)
      throw new RangeError(`plane ${index} of axis ${axis} with ${size} planes does not exist`);
    const plane = planeLayout(await this.located(), axis, index);
    await readStrided(this.file, plane, 0, this.elements / size, target);
  }

  private located(): Promise<StridedLayout> {
    this.layout ??= this.locate();
    return this.layout;
  }

  async readSlices(first: number, count: number, target: NumberArray): Promise<void> {
    const slice = elementCount(this.shape.slice(1));
    await this.read(target, first * slice, count * slice);
  }

  private async locate(): Promise<StridedLayout> {
    const { record } = this;
    if (record.type === null) {
      throw new UserError(
        `${this.file.name}: ${this.name} holds numbers of type ${record.typeName}, which cannot be read. Save it as float32.`,
      );
    }
    const position = await this.find(record.storage);
    const offset = position + (record.storage.viewOffset + record.offset) * elementBytes(record.type);
    return { type: record.type, littleEndian: this.littleEndian, shape: record.shape, strides: record.strides, offset };
  }
}
