/**
 * Reads grey TIFF images as they come from scanners and ImageJ: classic and BigTIFF, one page or many, in strips,
 * whole and real numbers of 8 to 64 bits; unpacking is tiffPacking's, which files make a stack is imageSequence's. Format: TIFF 6.0 and the BigTIFF proposal.
 */
import { UserError } from '../../shared/errors';
import { decodeElements, type ElementType, elementBytes, sameRepresentation } from './elementTypes';
import { bytesOf, RandomAccessFile } from './randomAccessFile';
import { BadPacking, packingMethods, undoDifferences, undoFloatDifferences, unpack } from './tiffPacking';
import type { TiffFile, TiffPage } from './tiffTypes';

interface Directory extends TiffPage {
  readonly littleEndian: boolean;
  readonly strips: readonly { readonly offset: number; readonly rows: number; readonly bytes: number }[];
  readonly compression: number;
  /** 1: pixels as they are; 2, 3: differences. */
  readonly predictor: number;
}

interface Field {
  readonly type: number;
  readonly count: number;
  /** Position of the values, inline or elsewhere. */
  readonly offset: number;
}

const tag = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  xResolution: 282,
  predictor: 317,
  tileWidth: 322,
  sampleFormat: 339,
} as const;
/** Bytes of one value of a field, by TIFF type number; scanners write others too, which are passed over. */
const fieldBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 16: 8 };
const elementTypes: Readonly<Record<string, ElementType>> = {
  '1/8': 'uint8',
  '1/16': 'uint16',
  '1/32': 'uint32',
  '2/8': 'int8',
  '2/16': 'int16',
  '2/32': 'int32',
  '3/16': 'float16',
  '3/32': 'float32',
  '3/64': 'float64',
};
const unreadMethods: Readonly<Record<number, string>> = { 6: 'JPEG', 7: 'JPEG', 34712: 'JPEG 2000', 34887: 'LERC', 50000: 'ZSTD' };
const maxPages = 100_000;
const maxFields = 4096;
const maxPixels = 2 ** 28;
const maxTextBytes = 64 * 1024;

/** Throws UserError for files that are cut off, damaged, in colour, in tiles, or packed by a method that is not read. */
export async function openTiff(path: string): Promise<TiffFile> {
  const file = await RandomAccessFile.open(path);
  try {
    return await new TiffReader(file).open();
  } catch (error) {
    await file.close();
    throw error;
  }
}

class TiffReader {
  private littleEndian = true;
  private big = false;

  constructor(private readonly file: RandomAccessFile) {}

  async open(): Promise<TiffFile> {
    const { file } = this;
    const directories: Directory[] = [];
    let description = '';
    let pixelsPerUnit: number | null = null;
    const seen = new Set<number>();
    for (let at = await this.firstDirectory(); at !== 0; ) {
      if (seen.has(at) || directories.length >= maxPages) this.damaged(`its pages go round in a circle or are more than ${maxPages}`);
      seen.add(at);
      const { fields, next } = await this.fields(at);
      if (directories.length === 0) {
        description = await this.text(fields.get(tag.description));
        pixelsPerUnit = await this.fraction(fields.get(tag.xResolution));
      }
      directories.push(await this.directory(fields));
      at = next;
    }
    const pages = this.expandImageJ(directories, description);
    return {
      path: file.path,
      name: file.name,
      bytes: file.size,
      pages,
      spacingMm: spacing(description, pixelsPerUnit),
      readPage: (page, target) => this.readPage(pages[page], page, target),
      close: () => file.close(),
    };
  }

  private async firstDirectory(): Promise<number> {
    const { file } = this;
    if (file.size < 8) throw new UserError(`${file.name} has only ${file.size} bytes, so it holds no image. Get it again.`);
    const head = await this.view(0, Math.min(16, file.size));
    const order = head.getUint16(0, false);
    this.littleEndian = order === 0x4949;
    const version = head.getUint16(2, this.littleEndian);
    this.big = version === 43;
    if ((order !== 0x4949 && order !== 0x4d4d) || (version !== 42 && version !== 43)) {
      throw new UserError(`${file.name} is no TIFF image. Choose a .tif or .tiff file.`);
    }
    if (!this.big) return head.getUint32(4, this.littleEndian);
    if (file.size < 16) this.damaged('it ends inside its first line');
    return this.wide(head, 8);
  }

  /** The fields of the page description at `at`, those of unknown type left out, and where the next page is described. */
  private async fields(at: number): Promise<{ fields: Map<number, Field>; next: number }> {
    const countBytes = this.big ? 8 : 2;
    const entryBytes = this.big ? 20 : 12;
    const countView = await this.view(at, countBytes);
    const count = this.big ? this.wide(countView, 0) : countView.getUint16(0, this.littleEndian);
    if (count === 0 || count > maxFields) this.damaged(`a page has ${count} fields`);
    const offsetBytes = this.big ? 8 : 4;
    const entries = await this.view(at + countBytes, count * entryBytes + offsetBytes);
    const fields = new Map<number, Field>();
    for (let index = 0; index < count; index++) {
      const start = index * entryBytes;
      const type = entries.getUint16(start + 2, this.littleEndian);
      const size = fieldBytes[type];
      if (size === undefined) continue;
      const values = this.big ? this.wide(entries, start + 4) : entries.getUint32(start + 4, this.littleEndian);
      const inline = start + (this.big ? 12 : 8);
      const offset =
        values * size <= offsetBytes
          ? at + countBytes + inline
          : this.big
            ? this.wide(entries, inline)
            : entries.getUint32(inline, this.littleEndian);
      fields.set(entries.getUint16(start, this.littleEndian), { type, count: values, offset });
    }
    const end = count * entryBytes;
    return { fields, next: this.big ? this.wide(entries, end) : entries.getUint32(end, this.littleEndian) };
  }

  private async directory(fields: Map<number, Field>): Promise<Directory> {
    const width = await this.number(fields, tag.width, 0);
    const height = await this.number(fields, tag.height, 0);
    if (width < 1 || height < 1 || width * height > maxPixels) this.damaged(`a page has ${width} x ${height} pixels`);
    const compression = await this.number(fields, tag.compression, 1);
    if (compression !== 1 && !packingMethods.includes(compression)) {
      const name = unreadMethods[compression] ?? `method ${compression}`;
      throw new UserError(
        `${this.file.name} is compressed with ${name}, which is not read. Save it uncompressed, or with LZW or Deflate.`,
        'unsupported',
      );
    }
    if (fields.has(tag.tileWidth)) {
      throw new UserError(`${this.file.name} is stored in tiles, which are not read. Save it as a TIFF in strips.`, 'unsupported');
    }
    if ((await this.number(fields, tag.samples, 1)) !== 1) {
      throw new UserError(`${this.file.name} is a colour image. Save it in grey, one value for each pixel.`, 'unsupported');
    }
    const bits = await this.number(fields, tag.bits, 1);
    const format = await this.number(fields, tag.sampleFormat, 1);
    const type = elementTypes[`${format}/${bits}`];
    if (type === undefined) {
      throw new UserError(
        `${this.file.name} has pixels of ${bits} bits in format ${format}, which are not read. Save it with 8, 16 or 32 bits.`,
        'unsupported',
      );
    }
    const rowsPerStrip = Math.min(await this.number(fields, tag.rowsPerStrip, height), height);
    const offsets = await this.numbers(fields.get(tag.stripOffsets), height);
    const needed = rowsPerStrip < 1 ? 0 : Math.ceil(height / rowsPerStrip);
    if (offsets.length === 0 || offsets.length !== needed) this.damaged(`a page has ${offsets.length} strips where ${needed} are expected`);
    const sizes = compression === 1 ? [] : await this.numbers(fields.get(tag.stripBytes), height);
    const strips = offsets.map((offset, index) => {
      const rows = Math.min(rowsPerStrip, height - index * rowsPerStrip);
      return { offset, rows, bytes: compression === 1 ? rows * width * elementBytes(type) : (sizes[index] ?? Number.POSITIVE_INFINITY) };
    });
    for (const strip of strips) {
      if (strip.offset + strip.bytes > this.file.size) {
        throw new UserError(`${this.file.name} ends before its pixels do; it was cut off while it was written or copied. Get it again.`);
      }
    }
    const predictor = compression === 1 ? 1 : await this.number(fields, tag.predictor, 1);
    const isFloat = type.startsWith('float');
    if (predictor > 3 || (predictor === 2 && isFloat) || (predictor === 3 && !isFloat))
      this.damaged(`predictor ${predictor} does not fit its pixels`);
    return { width, height, type, littleEndian: this.littleEndian, strips, compression, predictor };
  }

  /** ImageJ describes only the first page of a stack beyond 4 GiB; the others follow it without a gap. */
  private expandImageJ(directories: readonly Directory[], description: string): readonly Directory[] {
    const [first] = directories;
    const images = Number(/^images=(\d{1,6})\s*$/m.exec(description)?.[1] ?? 1);
    if (first === undefined || directories.length !== 1 || !description.startsWith('ImageJ=') || images <= 1 || first.compression !== 1)
      return directories;
    const pageBytes = first.width * first.height * elementBytes(first.type);
    const start = first.strips[0]?.offset ?? 0;
    const contiguous = first.strips.every((strip, index) => index === 0 || strip.offset === stripEnd(first, index - 1));
    if (!contiguous || start + images * pageBytes > this.file.size) {
      throw new UserError(
        `${this.file.name} ends before its ${images} pages do; it was cut off while it was written or copied. Get it again.`,
      );
    }
    return Array.from({ length: images }, (_, page) => ({
      ...first,
      strips: [{ offset: start + page * pageBytes, rows: first.height, bytes: pageBytes }],
    }));
  }

  private async readPage(directory: Directory | undefined, page: number, target: Float32Array): Promise<void> {
    if (directory === undefined || target.length !== directory.width * directory.height)
      throw new RangeError(`page ${page} does not fit its target`);
    const { type, width, littleEndian } = directory;
    let done = 0;
    for (const { offset, rows, bytes } of directory.strips) {
      const count = rows * width;
      if (directory.compression !== 1) this.decodePacked(await this.file.read(offset, bytes), directory, count, target, done);
      else if (sameRepresentation(type, littleEndian, target))
        await this.file.readInto(bytesOf(target.subarray(done, done + count)), offset);
      else decodeElements(await this.file.read(offset, count * elementBytes(type)), type, littleEndian, target, done, count);
      done += count;
    }
  }

  private decodePacked(packed: Uint8Array, directory: Directory, count: number, target: Float32Array, start: number): void {
    const { type, width, littleEndian, compression, predictor } = directory;
    const size = elementBytes(type);
    let pixels: Uint8Array;
    try {
      pixels = unpack(packed, compression, count * size);
    } catch (error) {
      if (error instanceof BadPacking) this.damaged(error.message);
      throw error;
    }
    if (predictor === 2) undoDifferences(pixels, width, size, littleEndian);
    if (predictor === 3) pixels = undoFloatDifferences(pixels, width, size);
    decodeElements(pixels, type, predictor === 3 ? false : littleEndian, target, start, count);
  }

  private async number(fields: Map<number, Field>, key: number, fallback: number): Promise<number> {
    const field = fields.get(key);
    return field === undefined ? fallback : ((await this.numbers({ ...field, count: Math.min(field.count, 1) }, 1))[0] ?? fallback);
  }

  private async numbers(field: Field | undefined, most: number): Promise<number[]> {
    if (field === undefined) return [];
    const size = fieldBytes[field.type] ?? 0;
    if (field.count > most) this.damaged(`a field has ${field.count} values where ${most} are possible`);
    const view = await this.view(field.offset, field.count * size);
    return Array.from({ length: field.count }, (_, index) => {
      if (size === 1) return view.getUint8(index);
      if (size === 2) return view.getUint16(index * 2, this.littleEndian);
      return size === 4 ? view.getUint32(index * 4, this.littleEndian) : this.wide(view, index * 8);
    });
  }

  private async fraction(field: Field | undefined): Promise<number | null> {
    if (field?.type !== 5 || field.count !== 1) return null;
    const view = await this.view(field.offset, 8);
    const value = view.getUint32(0, this.littleEndian) / view.getUint32(4, this.littleEndian);
    return Number.isFinite(value) && value > 0 ? value : null;
  }

  /** ImageJ writes Latin-1. */
  private async text(field: Field | undefined): Promise<string> {
    if (field?.type !== 2 || field.count > maxTextBytes) return '';
    return new TextDecoder('latin1').decode(await this.file.read(field.offset, field.count)).split('\0')[0] ?? '';
  }

  private async view(position: number, length: number): Promise<DataView> {
    const bytes = await this.file.read(position, length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private wide(view: DataView, at: number): number {
    const value = view.getBigUint64(at, this.littleEndian);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : this.damaged('a position in it is absurd');
  }

  private damaged(reason: string): never {
    throw new UserError(`${this.file.name} is damaged: ${reason}. Get it again.`);
  }
}

function stripEnd(directory: Directory, index: number): number {
  const strip = directory.strips[index];
  return strip === undefined ? 0 : strip.offset + strip.rows * directory.width * elementBytes(directory.type);
}

const mmPerUnit: Readonly<Record<string, number>> = {
  mm: 1,
  millimeter: 1,
  cm: 10,
  um: 1e-3,
  micron: 1e-3,
  µm: 1e-3,
  '\\u00B5m': 1e-3,
  nm: 1e-6,
  m: 1000,
};

function spacing(description: string, pixelsPerUnit: number | null): { z: number | null; xy: number | null } {
  const scale = mmPerUnit[/^unit=(\S+)\s*$/m.exec(description)?.[1] ?? ''];
  const z = Number(/^spacing=([\d.eE+-]+)\s*$/m.exec(description)?.[1] ?? Number.NaN);
  if (scale === undefined) return { z: null, xy: null };
  return { z: z > 0 ? z * scale : null, xy: pixelsPerUnit === null ? null : scale / pixelsPerUnit };
}
