/** One pass over a scan's views for what has to be known of every pixel; what it means is left to engine/quality. */
import { PixelStatistics } from '../../engine/quality/pixelStatistics';
import type { ScanSource } from '../formats/scanSource';

/** Pixels read at most: every view of small scans, an even choice of the views of large ones, in seconds. */
const pixelsRead = 200e6;
const fewestViews = 60;

export interface ViewPass {
  readonly onProgress?: (fraction: number) => void;
  /** Called with every view read; the array is only valid during the call. */
  readonly visit?: (view: Float32Array, index: number) => void;
}

/** Positions of the views that are looked at, evenly spread: the same for every pass over a scan. */
export function viewsToRead([views, rows, columns]: readonly [number, number, number]): number[] {
  const count = Math.min(views, Math.max(fewestViews, Math.floor(pixelsRead / (rows * columns))));
  return Array.from({ length: count }, (_, position) => Math.floor((position * views) / count));
}

export async function gatherStatistics(
  scan: Pick<ScanSource, 'sinogramShape' | 'readSinogramView'>,
  { onProgress, visit }: ViewPass = {},
): Promise<PixelStatistics> {
  const [, rows, columns] = scan.sinogramShape;
  const statistics = new PixelStatistics(rows, columns);
  const view = new Float32Array(rows * columns);
  const chosen = viewsToRead(scan.sinogramShape);
  for (const [position, index] of chosen.entries()) {
    await scan.readSinogramView(index, view);
    statistics.add(view, index);
    visit?.(view, index);
    onProgress?.((position + 1) / chosen.length);
  }
  return statistics;
}
