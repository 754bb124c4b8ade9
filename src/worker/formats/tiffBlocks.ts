/** Reads the pixels of one TIFF page, which lie in strips over the whole width or in tiles, plain or packed. Where they lie is told by tiffFile, unpacking is tiffPacking's. */
import { UserError } from '../../shared/errors';
import { decodeElements, type ElementType, elementBytes, sameRepresentation } from './elementTypes';
import { bytesOf, type RandomAccessFile } from './randomAccessFile';
import { BadPacking, undoDifferences, undoFloatDifferences, unpack } from './tiffPacking';

export interface TiffBlock {
  /** Of the first byte, and how many there are as stored. */
  readonly offset: number;
  readonly bytes: number;
  /** Place of its first pixel on the page. */
  readonly row: number;
  readonly column: number;
  /** Stored; tiles reach over the edge of the page. */
  readonly rows: number;
}

export interface TiffPixels {
  readonly width: number;
  readonly height: number;
  readonly type: ElementType;
  readonly littleEndian: boolean;
  /** TIFF's number; 1: as they are. */
  readonly compression: number;
  /** 1: pixels as they are; 2: differences along a row; 3: differences of the bytes of real numbers. */
  readonly predictor: number;
  /** Columns stored in each block. */
  readonly blockWidth: number;
  readonly blocks: readonly TiffBlock[];
}

/** target (height, width) = the page. Throws UserError naming the file where the packing is broken or the file too short. */
export async function readPixels(file: RandomAccessFile, pixels: TiffPixels, target: Float32Array): Promise<void> {
  const { type, width, height, littleEndian, blockWidth, compression } = pixels;
  const isWholeRows = blockWidth === width;
  const isPlain = compression === 1 && sameRepresentation(type, littleEndian, target);
  let scratch = new Float32Array(0);
  for (const block of pixels.blocks) {
    const rows = Math.min(block.rows, height - block.row);
    const start = block.row * width + block.column;
    if (isWholeRows && isPlain) {
      await file.readInto(bytesOf(target.subarray(start, start + rows * width)), block.offset);
    } else if (isWholeRows) {
      decodeBlock(file.name, pixels, block, await file.read(block.offset, block.bytes), target, start, rows * width);
    } else {
      const stored = block.rows * blockWidth;
      if (scratch.length < stored) scratch = new Float32Array(stored);
      decodeBlock(file.name, pixels, block, await file.read(block.offset, block.bytes), scratch, 0, stored);
      const columns = Math.min(blockWidth, width - block.column);
      for (let row = 0; row < rows; row++) target.set(scratch.subarray(row * blockWidth, row * blockWidth + columns), start + row * width);
    }
  }
}

function decodeBlock(
  name: string,
  { type, littleEndian, compression, predictor, blockWidth }: TiffPixels,
  block: TiffBlock,
  stored: Uint8Array,
  target: Float32Array,
  start: number,
  count: number,
): void {
  const size = elementBytes(type);
  let bytes = stored;
  if (compression !== 1) {
    try {
      bytes = unpack(stored, compression, block.rows * blockWidth * size);
    } catch (error) {
      if (error instanceof BadPacking) throw new UserError(`${name} is damaged: ${error.message}. Get it again.`);
      throw error;
    }
  }
  if (predictor === 2) undoDifferences(bytes, blockWidth, size, littleEndian);
  if (predictor === 3) bytes = undoFloatDifferences(bytes, blockWidth, size);
  decodeElements(bytes, type, predictor === 3 ? false : littleEndian, target, start, count);
}
