/** A stack of images as one array (images, height, width): a folder's numbered files or one file of many pages. Which number is which is the caller's. */
import { join } from 'node:path';
import { UserError } from '../../shared/errors';
import { openMetaImage } from './metaImage';
import { openTiff } from './tiffFile';
import type { TiffPage } from './tiffTypes';

export interface ImageSequence {
  /** In words. */
  readonly kind: string;
  /** Of its first or only file. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly dtype: string;
  readonly spacingMm: { readonly z: number | null; readonly xy: number | null };
  /** Edge lengths (row, column) of a pixel and centre (column, row) of the first one on the detector; null where the file does not say. */
  readonly pixels: { readonly sizeMm: readonly [number, number]; readonly firstMm: readonly [number, number] } | null;
  /** target (height, width) = image `index`. Throws UserError naming the file where it is missing, damaged or of another size. */
  read(index: number, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** Sorts names as people count: scan_2 before scan_10. */
export function naturalOrder(names: readonly string[]): string[] {
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  return [...names].sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
}

/** Files of a folder, already in order. The first one tells size and type; the others are opened when they are read. */
export async function openFileSequence(folder: string, names: readonly string[]): Promise<ImageSequence> {
  const [first] = names;
  if (first === undefined) throw new UserError(`${folder} has no TIFF images. Choose a folder with .tif or .tiff files.`);
  const file = await openTiff(join(folder, first));
  const page = file.pages[0];
  const spacingMm = file.spacingMm;
  await file.close();
  if (page === undefined || file.pages.length !== 1) {
    throw new UserError(
      `${first} has ${file.pages.length} pages beside other files; use either one file with all pages or one page for each file.`,
    );
  }
  const read = async (index: number, target: Float32Array): Promise<void> => {
    const name = names[index];
    if (name === undefined) throw new RangeError(`image ${index} of ${names.length} does not exist`);
    const image = await openTiff(join(folder, name));
    try {
      const found = image.pages[0];
      if (found === undefined || found.width !== page.width || found.height !== page.height) {
        throw new UserError(
          `${name} has ${found?.width} x ${found?.height} pixels, but ${first} has ${page.width} x ${page.height}; all images of a stack must agree.`,
        );
      }
      await image.readPage(0, target);
    } finally {
      await image.close();
    }
  };
  return {
    kind: 'TIFF',
    name: first,
    count: names.length,
    height: page.height,
    width: page.width,
    dtype: page.type,
    spacingMm,
    pixels: pixelsAround(page, spacingMm.xy),
    read,
    close: async () => {},
  };
}

/** The pages of one file. */
export async function openPageSequence(path: string): Promise<ImageSequence> {
  const file = await openTiff(path);
  const [first] = file.pages;
  const odd = file.pages.findIndex((page) => page.width !== first?.width || page.height !== first?.height || page.type !== first?.type);
  if (first === undefined || odd >= 0) {
    await file.close();
    throw new UserError(`${file.name}: page ${odd + 1} differs from the first in size or type; all pages of a stack must agree.`);
  }
  return {
    kind: 'TIFF',
    name: file.name,
    count: file.pages.length,
    height: first.height,
    width: first.width,
    dtype: first.type,
    spacingMm: file.spacingMm,
    pixels: pixelsAround(first, file.spacingMm.xy),
    read: (index, target) => file.readPage(index, target),
    close: () => file.close(),
  };
}

/** The planes of a MetaImage. */
export async function openMetaSequence(path: string): Promise<ImageSequence> {
  const file = await openMetaImage(path);
  const [count, height, width] = file.shape;
  const [z, y, x] = file.spacingMm;
  return {
    kind: 'MetaImage',
    name: file.name,
    count,
    height,
    width,
    dtype: file.type,
    spacingMm: { z, xy: x === y ? x : null },
    pixels: { sizeMm: [y, x], firstMm: [file.firstMm[0], file.firstMm[1]] },
    read: (index, target) => file.readPlane(index, target),
    close: () => file.close(),
  };
}

/** TIFF keeps a size, but no place: the detector's centre is taken for the middle. */
function pixelsAround(page: TiffPage, sizeMm: number | null): ImageSequence['pixels'] {
  if (sizeMm === null) return null;
  return { sizeMm: [sizeMm, sizeMm], firstMm: [-((page.width - 1) / 2) * sizeMm, -((page.height - 1) / 2) * sizeMm] };
}

/** Gaps in the numbers at the ends of the names, in words; null where there are none. */
export function describeGaps(names: readonly string[]): string | null {
  const numbers = names.map((name) => Number(/(\d+)\.[^.]+$/.exec(name)?.[1] ?? Number.NaN));
  const missing: string[] = [];
  for (let index = 1; index < numbers.length; index++) {
    const [before, after] = [numbers[index - 1] ?? Number.NaN, numbers[index] ?? Number.NaN];
    if (after > before + 1) missing.push(after === before + 2 ? String(before + 1) : `${before + 1} to ${after - 1}`);
  }
  if (missing.length === 0) return null;
  const shown = missing.slice(0, 5).join(', ');
  return `The numbers of the images have gaps: ${shown}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}.`;
}
