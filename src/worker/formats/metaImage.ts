/** Reads MetaImage stacks (.mhd with its data file, .mha with the data inside), plane by plane, uncompressed. Their header keeps the pixel sizes that RTK's geometry lacks. */
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors';
import { type ElementType, elementBytes } from './elementTypes';
import { RandomAccessFile } from './randomAccessFile';
import { elementCount, planeLayout, readStrided, rowMajorStrides, type StridedLayout } from './stridedReader';

export interface MetaImage {
  readonly name: string;
  readonly bytes: number;
  /** Of the file with the numbers. */
  readonly dataPath: string;
  readonly type: ElementType;
  /** (z,y,x), as the elements follow each other. */
  readonly shape: readonly [number, number, number];
  /** (z,y,x). */
  readonly spacingMm: readonly [number, number, number];
  /** Centre of the element (0,0,0), as (x,y,z). */
  readonly firstMm: readonly [number, number, number];
  /** target (y,x) = plane z. */
  readPlane(z: number, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}

const largestHeaderBytes = 64 * 1024;
const types: Readonly<Record<string, ElementType>> = {
  MET_CHAR: 'int8',
  MET_UCHAR: 'uint8',
  MET_SHORT: 'int16',
  MET_USHORT: 'uint16',
  MET_INT: 'int32',
  MET_UINT: 'uint32',
  MET_FLOAT: 'float32',
  MET_DOUBLE: 'float64',
};

/** Throws UserError for a header that is broken, compressed or turned data, and a data file that is missing, elsewhere or too short. */
export async function openMetaImage(path: string): Promise<MetaImage> {
  const header = await RandomAccessFile.open(path);
  let data: RandomAccessFile | null = null;
  try {
    const { fields, end } = await readHeader(header);
    const description = describe(header.name, fields);
    const place = field(header.name, fields, 'ElementDataFile');
    data = place === 'LOCAL' ? header : await openData(path, place);
    const layout: StridedLayout = { ...description, strides: rowMajorStrides(description.shape), offset: place === 'LOCAL' ? end : 0 };
    const needed = layout.offset + elementCount(layout.shape) * elementBytes(layout.type);
    if (data.size < needed)
      throw new UserError(`${data.name} has ${data.size} bytes where ${header.name} promises ${needed}. Get it again.`);
    const file = data;
    if (file !== header) await header.close();
    return {
      name: header.name,
      bytes: file.size,
      dataPath: file.path,
      type: layout.type,
      shape: description.shape,
      spacingMm: description.spacingMm,
      firstMm: description.firstMm,
      readPlane: async (z, target) => {
        if (z < 0 || z >= description.shape[0]) throw new RangeError(`plane ${z} of ${description.shape[0]} does not exist`);
        await readStrided(file, planeLayout(layout, 0, z), 0, description.shape[1] * description.shape[2], target);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await header.close();
    if (data !== header) await data?.close();
    throw error;
  }
}

/** `Key = value` lines up to ElementDataFile, which is the last one. */
async function readHeader(file: RandomAccessFile): Promise<{ fields: Map<string, string>; end: number }> {
  const bytes = await file.read(0, Math.min(file.size, largestHeaderBytes));
  const text = new TextDecoder('latin1').decode(bytes);
  const fields = new Map<string, string>();
  for (let start = 0; start < text.length; ) {
    const stop = text.indexOf('\n', start);
    const line = text.slice(start, stop < 0 ? text.length : stop);
    start = stop < 0 ? text.length : stop + 1;
    const match = /^\s*(\w{1,60})\s*=\s*(.*?)\s*$/.exec(line);
    if (match === null) {
      if (line.trim() === '') continue;
      throw new UserError(`${file.name} is no MetaImage: ${JSON.stringify(line.slice(0, 40))} is no line of its header.`);
    }
    fields.set(match[1] ?? '', match[2] ?? '');
    if (match[1] === 'ElementDataFile') return { fields, end: start };
  }
  throw new UserError(`${file.name} is no MetaImage, or it is cut off: ElementDataFile is missing.`);
}

function describe(name: string, fields: Map<string, string>) {
  if (fields.get('CompressedData')?.toLowerCase() === 'true')
    throw new UserError(`${name} is compressed, which is not read. Save it with CompressedData = False.`, 'unsupported');
  if (fields.get('BinaryData')?.toLowerCase() === 'false')
    throw new UserError(`${name} holds its numbers as text, which is not read. Save it with BinaryData = True.`, 'unsupported');
  if ((fields.get('ElementNumberOfChannels') ?? '1') !== '1')
    throw new UserError(`${name} has several numbers for each pixel. Save it with one.`, 'unsupported');
  const typeName = field(name, fields, 'ElementType');
  const type = Object.hasOwn(types, typeName) ? types[typeName] : undefined;
  if (type === undefined)
    throw new UserError(`${name} has elements of type ${typeName.slice(0, 40)}, which are not read. Save it as MET_FLOAT.`, 'unsupported');
  const dimensions = Number(field(name, fields, 'NDims'));
  if (dimensions !== 2 && dimensions !== 3) throw new UserError(`${name} has NDims = ${fields.get('NDims')}; stacks have 2 or 3 axes.`);
  const list = (key: string, otherKey: string, missing: number): [number, number, number] => {
    const text = fields.get(key) ?? fields.get(otherKey);
    const numbers = text === undefined ? Array.from({ length: dimensions }, () => missing) : text.split(/\s+/).map(Number);
    if (numbers.length !== dimensions || !numbers.every(Number.isFinite))
      throw new UserError(`${name}: ${key} is ${JSON.stringify(text?.slice(0, 60))}; it needs ${dimensions} numbers.`);
    return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? (missing === 0 ? 0 : 1)];
  };
  const [x, y, z] = list('DimSize', 'DimSize', Number.NaN);
  const shape = [z, y, x] as const;
  if (![...shape].every((size) => Number.isSafeInteger(size) && size > 0) || !Number.isSafeInteger(x * y * z * 8))
    throw new UserError(`${name}: DimSize is ${fields.get('DimSize')?.slice(0, 60)}; it needs whole numbers greater than 0.`);
  const spacing = list('ElementSpacing', 'ElementSize', 1);
  if (!spacing.every((size) => size > 0))
    throw new UserError(`${name}: ElementSpacing is ${spacing.join(' ')}; it must be greater than 0.`);
  const turn = (fields.get('TransformMatrix') ?? fields.get('Rotation') ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
  const isPlain = turn.every((value, index) => value === (index % (dimensions + 1) === 0 ? 1 : 0));
  if (!isPlain)
    throw new UserError(`${name} is turned or mirrored (TransformMatrix), which is not read. Save it without a direction.`, 'unsupported');
  const big = (fields.get('BinaryDataByteOrderMSB') ?? fields.get('ElementByteOrderMSB') ?? 'False').toLowerCase() === 'true';
  return {
    type,
    littleEndian: !big,
    shape,
    spacingMm: [spacing[2], spacing[1], spacing[0]] as const,
    firstMm: list(fields.has('Offset') ? 'Offset' : 'Position', 'Origin', 0),
  };
}

function field(name: string, fields: Map<string, string>, key: string): string {
  const value = fields.get(key);
  if (value === undefined || value === '') throw new UserError(`${name}: ${key} is missing. Get the file again.`);
  return value;
}

/** Only a file beside the header: a name that leads elsewhere could read any file of this computer. */
async function openData(path: string, place: string): Promise<RandomAccessFile> {
  const name = basename(path);
  if (place === 'LIST' || place.includes('%'))
    throw new UserError(`${name} keeps each slice in its own file, which is not read. Save it as one file.`, 'unsupported');
  if (/[/\\\0]/.test(place) || place === '..' || place === '.')
    throw new UserError(
      `${name} names the data file ${JSON.stringify(place.slice(0, 80))}; only files in the same folder are read. Put it there and name it without folder.`,
    );
  const file = join(dirname(path), place);
  return RandomAccessFile.open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT')
      throw new UserError(`${place} is missing, which holds the numbers of ${name}. Put it into the same folder.`, 'not_found');
    throw error;
  });
}
