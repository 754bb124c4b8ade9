/** An open TIFF image as both of its readers hand it out. */
import type { ElementType } from './elementTypes';

export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly type: ElementType;
}

export interface TiffFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly pages: readonly TiffPage[];
  /** Distance between pages and between pixels in mm where ImageJ wrote it with a unit we know. */
  readonly spacingMm: { readonly z: number | null; readonly xy: number | null };
  /** target (height, width) = the pixels of a page. */
  readPage(page: number, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}
