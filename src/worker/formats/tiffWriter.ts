/** Writes float32 volumes as TIFF: all slices in one file, or one file for each. Spacing is written as ImageJ and others read it. Format: TIFF 6.0, BigTIFF beyond 4 GiB. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { VolumeShape } from '../../shared/geometry';
import type { ReadElements } from './npy';
import { bytesOf } from './randomAccessFile';
import { writeFileWhole } from './wholeFile';

export interface TiffSpacing {
  /** Edge lengths (z,y,x) in mm. */
  readonly voxelSizeMm: readonly [number, number, number];
}

interface PageLayout {
  readonly width: number;
  readonly height: number;
  readonly big: boolean;
  /** Where the pixels begin, and where the next page is described; 0: no more. */
  readonly pixels: number;
  readonly next: number;
  readonly description: string;
  readonly spacing: TiffSpacing;
}

const shortType = 3;
const longType = 4;
const rationalType = 5;
const long8Type = 16;
const fieldCount = 14;
/** Classic TIFF counts positions in 32 bits; pages that would come near the end are written as BigTIFF. */
const classicLimit = 2 ** 32 - 2 ** 20;

/** One file of D pages (H,W), z from the bottom. Answers its size in bytes. */
export async function writeTiffPages(path: string, shape: VolumeShape, spacing: TiffSpacing, read: ReadElements): Promise<number> {
  const [depth, height, width] = shape;
  const pixelBytes = height * width * 4;
  const description = imageJDescription(depth, spacing);
  const overhead = 2 * fieldCount * 20 + description.length + 64;
  const big = depth * (pixelBytes + overhead) > classicLimit;
  const pageBytes = roundUp(pageHeader(layoutOf(0, big)).length + pixelBytes);
  const start = big ? 16 : 8;
  const total = start + depth * pageBytes;

  function layoutOf(page: number, wide: boolean, bytes = 0): PageLayout {
    const at = (wide ? 16 : 8) + page * bytes;
    const text = page === 0 ? description : '';
    const empty = { width, height, big: wide, spacing, pixels: 0, next: 0, description: text };
    return { ...empty, pixels: at + headerBytes(empty), next: page + 1 < depth ? at + bytes : 0 };
  }
  await writeFileWhole(path, total, async (file) => {
    await file.write(fileHeader(big, start), 0);
    const slice = new Float32Array(height * width);
    for (let page = 0; page < depth; page++) {
      const layout = layoutOf(page, big, pageBytes);
      await file.write(pageHeader(layout, start + page * pageBytes), start + page * pageBytes);
      await read(page * slice.length, slice);
      await file.write(bytesOf(slice), layout.pixels);
    }
  });
  return total;
}

/**
 * D files NAME_0000.tif ... in `folder`, one slice each, z from the bottom; answers their size in bytes. The folder has its name only when all are
 * written. Throws UserError where it is there already and not empty: slices of two volumes must not mix.
 */
export async function writeTiffFiles(
  folder: string,
  name: string,
  shape: VolumeShape,
  spacing: TiffSpacing,
  read: ReadElements,
): Promise<number> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error.code === 'ENOTDIR' ? new UserError(`${folder} is a file; choose another name for the folder of slices.`) : error;
  });
  if (there.length > 0) throw new UserError(`${folder} is there already and not empty; choose another name for the folder of slices.`);
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part);
  try {
    const [depth, height, width] = shape;
    const digits = Math.max(4, String(depth - 1).length);
    let bytes = 0;
    for (let slice = 0; slice < depth; slice++) {
      const file = join(part, `${name}_${String(slice).padStart(digits, '0')}.tif`);
      bytes += await writeTiffPages(file, [1, height, width], spacing, (start, target) => read(slice * height * width + start, target));
    }
    await rm(folder, { recursive: true, force: true });
    await rename(part, folder);
    return bytes;
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}

function imageJDescription(depth: number, { voxelSizeMm }: TiffSpacing): string {
  return `ImageJ=1.11a\nimages=${depth}\nslices=${depth}\nunit=mm\nspacing=${voxelSizeMm[0]}\nloop=false\n\0`;
}

function fileHeader(big: boolean, firstPage: number): Uint8Array {
  const bytes = new Uint8Array(firstPage);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, big ? 43 : 42, 0]);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(firstPage), true);
  } else view.setUint32(4, firstPage, true);
  return bytes;
}

function headerBytes(layout: PageLayout): number {
  return pageHeader(layout).length;
}

/** The fields of a page, followed by the values that do not fit into a field; `at` is where it will stand in the file. */
function pageHeader(layout: PageLayout, at = 0): Uint8Array {
  const { big, spacing, width, height } = layout;
  const text = new TextEncoder().encode(layout.description);
  const countBytes = big ? 8 : 2;
  const entryBytes = big ? 20 : 12;
  const offsetBytes = big ? 8 : 4;
  const tableBytes = countBytes + fieldCount * entryBytes + offsetBytes;
  const extra = roundUp(tableBytes);
  const textStart = extra + 16;
  const bytes = new Uint8Array(roundUp(textStart + Math.max(text.length, offsetBytes + 1)));
  const view = new DataView(bytes.buffer);
  const setOffset = (position: number, value: number) => {
    if (big) view.setBigUint64(position, BigInt(value), true);
    else view.setUint32(position, value, true);
  };
  if (big) view.setBigUint64(0, BigInt(fieldCount), true);
  else view.setUint16(0, fieldCount, true);
  // Pixels per mm; mm is no unit of TIFF itself, so the description names it.
  [spacing.voxelSizeMm[2], spacing.voxelSizeMm[1]].forEach((size, index) => {
    view.setUint32(extra + index * 8, 1_000_000, true);
    view.setUint32(extra + index * 8 + 4, Math.max(1, Math.round(size * 1_000_000)), true);
  });
  const fields: [tag: number, type: number, count: number, value: number][] = [
    [256, longType, 1, width],
    [257, longType, 1, height],
    [258, shortType, 1, 32],
    [259, shortType, 1, 1],
    [262, shortType, 1, 1],
    [270, 2, Math.max(1, text.length), at + textStart],
    [273, big ? long8Type : longType, 1, layout.pixels],
    [277, shortType, 1, 1],
    [278, longType, 1, height],
    [279, big ? long8Type : longType, 1, width * height * 4],
    [282, rationalType, 1, at + extra],
    [283, rationalType, 1, at + extra + 8],
    [296, shortType, 1, 1],
    [339, shortType, 1, 3],
  ];
  fields.forEach(([tag, type, count, value], index) => {
    const start = countBytes + index * entryBytes;
    view.setUint16(start, tag, true);
    view.setUint16(start + 2, type, true);
    setOffset(start + 4, count);
    const position = start + 4 + offsetBytes;
    if (type === rationalType && big) bytes.set(bytes.subarray(extra + (tag - 282) * 8, extra + (tag - 282) * 8 + 8), position);
    else if (type === 2 && count <= offsetBytes) bytes.set(text, position);
    else if (type === shortType) view.setUint16(position, value, true);
    else setOffset(position, value);
  });
  setOffset(tableBytes - offsetBytes, layout.next);
  bytes.set(text, textStart);
  return bytes;
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
