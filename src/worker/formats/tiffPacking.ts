/** Undoes what TIFF writers do to save room: Deflate, Zstandard, LZW, PackBits and the differences called predictors. Bad input ends with an error, never with more than was asked for. Format: TIFF 6.0. */
import { inflateSync } from 'node:zlib';
import { decompress } from 'fzstd';

export const deflateMethods: readonly number[] = [8, 32946];
const lzwMethod = 5;
const packBitsMethod = 32773;
const zstandardMethod = 50000;
export const packingMethods: readonly number[] = [...deflateMethods, lzwMethod, packBitsMethod, zstandardMethod];

/** What is wrong with packed bytes; the reader names the file. */
export class BadPacking extends Error {}

/** The `bytes` bytes that `packed` stands for. Throws BadPacking where there are fewer or the packing is broken. */
export function unpack(packed: Uint8Array, method: number, bytes: number): Uint8Array {
  if (method === lzwMethod) return unpackLzw(packed, bytes);
  if (method === packBitsMethod) return unpackBits(packed, bytes);
  if (method === zstandardMethod) return unpackZstandard(packed, bytes);
  try {
    const result = inflateSync(packed, { maxOutputLength: bytes + 1024 });
    if (result.length >= bytes) return result.subarray(0, bytes);
  } catch {
    // Broken or longer than it may be: the same to the reader.
  }
  throw new BadPacking('the packed pixels cannot be unpacked');
}

function unpackZstandard(packed: Uint8Array, bytes: number): Uint8Array {
  try {
    // Given a target the library writes nothing beyond it, whatever the packed bytes promise.
    const result = decompress(packed, new Uint8Array(bytes));
    if (result.length === bytes) return result;
  } catch {
    // Broken or longer than it may be: the same to the reader.
  }
  throw new BadPacking('the packed pixels cannot be unpacked');
}

/** Runs: n >= 0: n+1 bytes as they are; n < 0: the next byte 1-n times; -128: nothing. */
function unpackBits(packed: Uint8Array, bytes: number): Uint8Array {
  const result = new Uint8Array(bytes);
  let done = 0;
  for (let at = 0; done < bytes; ) {
    const byte = packed[at++];
    if (byte === undefined) throw new BadPacking('the packed pixels end too early');
    if (byte === 128) continue;
    const count = Math.min(byte < 128 ? byte + 1 : 257 - byte, bytes - done);
    if (byte < 128) {
      if (at + count > packed.length) throw new BadPacking('the packed pixels end too early');
      result.set(packed.subarray(at, at + count), done);
      at += byte + 1;
    } else result.fill(packed[at++] ?? 0, done, done + count);
    done += count;
  }
  return result;
}

const clearCode = 256;
const endCode = 257;
const firstFreeCode = 258;
const mostCodes = 4096;

/** Codes of 9 to 12 bits, most significant bit first; the width grows one code early, as TIFF has it. */
function unpackLzw(packed: Uint8Array, bytes: number): Uint8Array {
  const result = new Uint8Array(bytes);
  // Entry c is the text that ends at `ends[c]` of the result and is `lengths[c]` long.
  const ends = new Int32Array(mostCodes);
  const lengths = new Int32Array(mostCodes);
  let [next, width, done, bits, held, at] = [firstFreeCode, 9, 0, 0, 0, 0];
  let previousLength = 0;
  while (done < bytes) {
    while (bits < width) {
      const byte = packed[at++];
      if (byte === undefined) throw new BadPacking('the packed pixels end too early');
      held = ((held << 8) | byte) & 0xffffff;
      bits += 8;
    }
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === endCode) break;
    if (code === clearCode) {
      [next, width, previousLength] = [firstFreeCode, 9, 0];
      continue;
    }
    const start = done;
    if (code < clearCode) result[done++] = code;
    else {
      // The newest entry is the previous text and its own first byte, which is just being written.
      const isNewest = code === next && previousLength > 0;
      if (code > next || (code === next && !isNewest) || code < firstFreeCode)
        throw new BadPacking('the packed pixels name a text that is not there');
      const length = isNewest ? previousLength + 1 : (lengths[code] ?? 0);
      const from = isNewest ? start - previousLength : (ends[code] ?? 0) - length;
      for (let index = 0; index < length && done < bytes; index++) result[done++] = result[from + index] ?? 0;
    }
    if (previousLength > 0 && next < mostCodes) {
      ends[next] = start + 1;
      lengths[next] = previousLength + 1;
      next++;
    }
    previousLength = done - start;
    width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
  }
  if (done < bytes) throw new BadPacking('the packed pixels end too early');
  return result;
}

/** Rows of differences between neighbours, summed up in place (predictor 2). */
export function undoDifferences(pixels: Uint8Array, width: number, bytesPerPixel: number, littleEndian: boolean): void {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const rowBytes = width * bytesPerPixel;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    for (let at = row + bytesPerPixel; at < row + rowBytes; at += bytesPerPixel) {
      const before = at - bytesPerPixel;
      if (bytesPerPixel === 1) view.setUint8(at, view.getUint8(at) + view.getUint8(before));
      else if (bytesPerPixel === 2)
        view.setUint16(at, view.getUint16(at, littleEndian) + view.getUint16(before, littleEndian), littleEndian);
      else if (bytesPerPixel === 8)
        view.setBigUint64(
          at,
          BigInt.asUintN(64, view.getBigUint64(at, littleEndian) + view.getBigUint64(before, littleEndian)),
          littleEndian,
        );
      else view.setUint32(at, view.getUint32(at, littleEndian) + view.getUint32(before, littleEndian), littleEndian);
    }
  }
}

/** Real numbers whose bytes were sorted by weight and then written as differences (predictor 3); the result is big-endian. */
export function undoFloatDifferences(pixels: Uint8Array, width: number, bytesPerPixel: number): Uint8Array {
  const result = new Uint8Array(pixels.length);
  const rowBytes = width * bytesPerPixel;
  for (let row = 0; row < pixels.length; row += rowBytes) {
    for (let at = row + 1; at < row + rowBytes; at++) pixels[at] = (pixels[at] ?? 0) + (pixels[at - 1] ?? 0);
    for (let column = 0; column < width; column++) {
      for (let byte = 0; byte < bytesPerPixel; byte++)
        result[row + column * bytesPerPixel + byte] = pixels[row + byte * width + column] ?? 0;
    }
  }
  return result;
}
