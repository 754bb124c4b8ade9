/**
 * Reads grey TIFF images as they come from scanners and ImageJ: classic and BigTIFF, one page or many, in strips or tiles, whole and real numbers of 8 to
 * 64 bits. This file finds the pages; their pixels are tiffBlocks', which files make a stack is imageSequence's. Format: TIFF 6.0 and the BigTIFF proposal.
 */
import { UserError } from '../../shared/errors';
import { type ElementType, elementBytes } from './elementTypes';
import { RandomAccessFile } from './randomAccessFile';
import { readPixels, type TiffBlock, type TiffPixels } from './tiffBlocks';
import { packingMethods } from './tiffPacking';
import type { TiffFile } from './tiffTypes';

interface Field {
  readonly type: number;
  readonly count: number;
  /** Position of the values, inline or elsewhere. */
  readonly offset: number;
}

const tag = {
  kind: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  xResolution: 282,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  sampleFormat: 339,
} as const;
/** Bytes of one value of a field, by TIFF type number; scanners write others too, which are passed over. */
const fieldBytes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 16: 8 };
const elementTypes: Readonly<Record<string, ElementType>> = {
  '1/8': 'uint8',
  '1/16': 'uint16',
  '1/32': 'uint32',
  '1/64': 'uint64',
  '2/8': 'int8',
  '2/16': 'int16',
  '2/32': 'int32',
  '2/64': 'int64',
  '3/16': 'float16',
  '3/32': 'float32',
  '3/64': 'float64',
};
const unreadMethods: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT fax',
  4: 'CCITT fax',
  6: 'JPEG',
  7: 'JPEG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50001: 'WebP',
  50002: 'JPEG XL',
};
const maxPages = 100_000;
const maxFields = 4096;
const maxPixels = 2 ** 28;
/** A tile beyond 4096 x 4096 is a sign of damage; its memory is taken before its bytes are seen. */
const maxTilePixels = 2 ** 24;
const maxTextBytes = 64 * 1024;

/** Throws UserError for files that are cut off, damaged, in colour, or packed by a method that is not read. */
export async function openTiff(path: string): Promise<TiffFile> {
  const file = await RandomAccessFile.open(path);
  try {
    return await new TiffReader(file).open();
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What is known of a page before its blocks are looked up. */
type Page = Omit<TiffPixels, 'blockWidth' | 'blocks'>;
type Blocks = Pick<TiffPixels, 'blockWidth' | 'blocks'>;

class TiffReader {
  private littleEndian = true;
  private big = false;

  constructor(private readonly file: RandomAccessFile) {}

  async open(): Promise<TiffFile> {
    const { file } = this;
    const directories: TiffPixels[] = [];
    let shrunk = 0;
    let description = '';
    let pixelsPerUnit: number | null = null;
    const seen = new Set<number>();
    for (let at = await this.firstDirectory(); at !== 0; ) {
      if (seen.has(at) || seen.size >= maxPages) this.damaged(`its pages go round in a circle or are more than ${maxPages}`);
      seen.add(at);
      const { fields, next } = await this.fields(at);
      // Smaller copies and masks of the page before, as pyramids and previews have them.
      if (((await this.number(fields, tag.kind, 0)) & 5) !== 0) {
        shrunk++;
        at = next;
        continue;
      }
      if (directories.length === 0) {
        description = await this.text(fields.get(tag.description));
        pixelsPerUnit = await this.fraction(fields.get(tag.xResolution));
      }
      directories.push(await this.directory(fields));
      at = next;
    }
    if (directories.length === 0) {
      const reason = shrunk > 0 ? 'it holds previews only' : 'it holds no page';
      throw new UserError(`${file.name} is no image that can be read: ${reason}. Get it again.`);
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

  private async directory(fields: Map<number, Field>): Promise<TiffPixels> {
    const width = await this.number(fields, tag.width, 0);
    const height = await this.number(fields, tag.height, 0);
    if (width < 1 || height < 1 || width * height > maxPixels) this.damaged(`a page has ${width} x ${height} pixels`);
    const compression = await this.number(fields, tag.compression, 1);
    if (compression !== 1 && !packingMethods.includes(compression)) {
      const name = unreadMethods[compression] ?? `method ${compression}`;
      this.unread(`is compressed with ${name}, which is not read`, 'uncompressed, or with LZW or Deflate');
    }
    const samples = await this.number(fields, tag.samples, 1);
    if (samples !== 1) this.unread(`has ${samples} values for each pixel, so it is in colour`, 'in grey, one value for each pixel');
    if ((await this.number(fields, tag.photometric, 1)) === 3) this.unread('has a colour table', 'in grey, one value for each pixel');
    if ((await this.number(fields, tag.fillOrder, 1)) !== 1) this.unread('has the bits of its bytes in reverse', 'with FillOrder 1');
    const bits = await this.number(fields, tag.bits, 1);
    // 4 is "undefined", which the format says to take as whole numbers.
    const format = await this.number(fields, tag.sampleFormat, 1);
    const type = elementTypes[`${format === 4 ? 1 : format}/${bits}`];
    if (type === undefined) this.unread(`has pixels of ${bits} bits in format ${format}, which are not read`, 'with 8, 16 or 32 bits');
    const predictor = compression === 1 ? 1 : await this.number(fields, tag.predictor, 1);
    if (predictor < 1 || predictor > 3 || (predictor === 3 && !type.startsWith('float')))
      this.damaged(`predictor ${predictor} does not fit its pixels`);
    const page = { width, height, type, littleEndian: this.littleEndian, compression, predictor };
    return { ...page, ...(fields.has(tag.tileWidth) ? await this.tiles(fields, page) : await this.strips(fields, page)) };
  }

  private async strips(fields: Map<number, Field>, page: Page): Promise<Blocks> {
    const { width, height } = page;
    const rowsPerStrip = Math.min(await this.number(fields, tag.rowsPerStrip, height), height);
    const needed = rowsPerStrip < 1 ? 0 : Math.ceil(height / rowsPerStrip);
    const places = await this.places(fields, tag.stripOffsets, tag.stripBytes, needed, 'strips', page);
    return {
      blockWidth: width,
      blocks: places.map((place, index) => {
        const rows = Math.min(rowsPerStrip, height - index * rowsPerStrip);
        return this.checked({ ...place, row: index * rowsPerStrip, column: 0, rows }, page, width);
      }),
    };
  }

  private async tiles(fields: Map<number, Field>, page: Page): Promise<Blocks> {
    const [blockWidth, rows] = [await this.number(fields, tag.tileWidth, 0), await this.number(fields, tag.tileHeight, 0)];
    if (blockWidth < 1 || rows < 1 || blockWidth * rows > maxTilePixels) this.damaged(`its tiles have ${blockWidth} x ${rows} pixels`);
    const across = Math.ceil(page.width / blockWidth);
    const needed = across * Math.ceil(page.height / rows);
    const places = await this.places(fields, tag.tileOffsets, tag.tileBytes, needed, 'tiles', page);
    return {
      blockWidth,
      blocks: places.map((place, index) =>
        this.checked({ ...place, row: Math.floor(index / across) * rows, column: (index % across) * blockWidth, rows }, page, blockWidth),
      ),
    };
  }

  /** Where blocks begin and, of packed ones, how long they are. */
  private async places(
    fields: Map<number, Field>,
    offsetTag: number,
    bytesTag: number,
    needed: number,
    what: string,
    { compression }: Page,
  ): Promise<{ offset: number; bytes: number }[]> {
    // Some writers name tiles with the fields of strips.
    const offsets = await this.numbers(fields.get(offsetTag) ?? fields.get(tag.stripOffsets), Math.max(needed, 1));
    if (offsets.length === 0 || offsets.length !== needed)
      this.damaged(`a page has ${offsets.length} ${what} where ${needed} are expected`);
    const sizes = compression === 1 ? [] : await this.numbers(fields.get(bytesTag) ?? fields.get(tag.stripBytes), needed);
    return offsets.map((offset, index) => ({ offset, bytes: compression === 1 ? 0 : (sizes[index] ?? Number.POSITIVE_INFINITY) }));
  }

  private checked(block: TiffBlock, { type, compression }: Page, blockWidth: number): TiffBlock {
    const bytes = compression === 1 ? block.rows * blockWidth * elementBytes(type) : block.bytes;
    // Sparse files leave out blocks of zeros; nothing says here whether it was meant.
    if (block.offset < 8 || bytes === 0) this.damaged('a part of its pixels was never written');
    if (block.offset + bytes > this.file.size) {
      throw new UserError(`${this.file.name} ends before its pixels do; it was cut off while it was written or copied. Get it again.`);
    }
    return { ...block, bytes };
  }

  /** ImageJ describes only the first page of a stack beyond 4 GiB; the others follow it without a gap. */
  private expandImageJ(directories: readonly TiffPixels[], description: string): readonly TiffPixels[] {
    const [first] = directories;
    const images = Number(/^images=(\d{1,6})\s*$/m.exec(description)?.[1] ?? 1);
    if (first === undefined || directories.length !== 1 || !description.startsWith('ImageJ=') || images <= 1 || first.compression !== 1)
      return directories;
    const pageBytes = first.width * first.height * elementBytes(first.type);
    const start = first.blocks[0]?.offset ?? 0;
    const contiguous = first.blocks.every(({ offset, column }, index) => {
      const before = first.blocks[index - 1];
      return column === 0 && (before === undefined || offset === before.offset + before.bytes);
    });
    if (!contiguous || first.blockWidth !== first.width || start + images * pageBytes > this.file.size) {
      throw new UserError(
        `${this.file.name} ends before its ${images} pages do; it was cut off while it was written or copied. Get it again.`,
      );
    }
    return Array.from({ length: images }, (_, page) => ({
      ...first,
      blocks: [{ offset: start + page * pageBytes, bytes: pageBytes, row: 0, column: 0, rows: first.height }],
    }));
  }

  private async readPage(pixels: TiffPixels | undefined, page: number, target: Float32Array): Promise<void> {
    if (pixels === undefined || target.length !== pixels.width * pixels.height)
      throw new RangeError(`page ${page} does not fit its target`);
    await readPixels(this.file, pixels, target);
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

  private unread(what: string, instead: string): never {
    throw new UserError(`${this.file.name} ${what}. Save it ${instead}.`, 'unsupported');
  }

  private damaged(reason: string): never {
    throw new UserError(`${this.file.name} is damaged: ${reason}. Get it again.`);
  }
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
