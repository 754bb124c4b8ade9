/** Chooses the windows that waste least of the network's work within what memory allows; what a window needs is told by the caller. */
import type { VolumeShape } from '../../shared/geometry';
import type { WindowShape } from './drunetRegions';
import { networkShape, planTiles, type Tiling, tilingCost } from './tiles';

export interface PatchAdvice {
  readonly patch: VolumeShape;
  readonly tiling: Tiling;
  /** Voxels the network computes for each voxel of the volume. */
  readonly networkWaste: number;
}

/** The network takes windows whose axes are multiples of this and above `SMALLEST_UNPADDED - 1` as they are (tiles.ts, networkShape). */
const MULTIPLE = 8;
const SMALLEST_UNPADDED = 32;
/** Where one axis is not such, all are padded to multiples of this. */
const PADDED_MULTIPLE = 16;
/** Windows that differ less than this in waste are the same choice; then the smaller one is taken, which needs less memory. */
const SAME_WASTE = 0.005;

/**
 * The patch whose windows, with the halo `overlap` (voxels, z y x), let the network compute the fewest voxels for a volume (D,H,W), among those
 * for which `fits` says that they can be had. `ranks` share the windows. null where not even the smallest window fits.
 *
 * Candidates are the ways to cut an axis of N voxels into n equal parts, p = ceil(N / n), widened until p + 2 overlap is a multiple the network
 * takes without padding: a wider last window costs nothing more, a padded one costs on every window.
 */
export function advisePatch(
  shape: VolumeShape,
  overlap: VolumeShape,
  fits: (windows: WindowShape) => boolean,
  ranks = 1,
): PatchAdvice | null {
  const [depths, heights, widths] = shape.map((size, axis) => patchCandidates(size, overlap[axis] ?? 0));
  let best: { patch: VolumeShape; waste: number; size: number } | null = null;
  for (const depth of depths ?? []) {
    for (const height of heights ?? []) {
      for (const width of widths ?? []) {
        const patch: VolumeShape = [depth, height, width];
        const { waste, windows } = costOf(shape, patch, overlap, ranks);
        if (best !== null && waste > best.waste + SAME_WASTE) continue;
        const size = product(windows.networkShape);
        const isBetter = best === null || waste < best.waste - SAME_WASTE || size < best.size;
        if (isBetter && fits(windows)) best = { patch, waste, size };
      }
    }
  }
  if (best === null) return null;
  const tiling = planTiles(shape, best.patch, overlap);
  return { patch: best.patch, tiling, networkWaste: tilingCost(tiling).networkWaste };
}

/** Patch sizes worth trying on an axis: as few voxels as n parts need, widened to what the network takes unpadded. */
function patchCandidates(size: number, overlap: number): number[] {
  const candidates = new Set<number>();
  for (let parts = 1; parts <= size; parts++) {
    const least = Math.ceil(size / parts);
    const window = least + 2 * overlap;
    candidates.add(least);
    for (const multiple of [MULTIPLE, PADDED_MULTIPLE]) {
      const widened = Math.max(Math.ceil(window / multiple) * multiple, multiple === MULTIPLE ? SMALLEST_UNPADDED : PADDED_MULTIPLE);
      const patch = widened - 2 * overlap;
      if (patch >= 1 && patch <= size) candidates.add(patch);
    }
    // From here on windows only get smaller than what the network is ever given.
    if (window < PADDED_MULTIPLE) break;
  }
  return [...candidates].sort((a, b) => b - a);
}

/** Voxels the network computes for each voxel of the volume, on as many ranks as share the windows: one that has fewer waits for the others. */
function costOf(shape: VolumeShape, patch: VolumeShape, overlap: VolumeShape, ranks: number): { waste: number; windows: WindowShape } {
  const window: VolumeShape = [patch[0] + 2 * overlap[0], patch[1] + 2 * overlap[1], patch[2] + 2 * overlap[2]];
  const windows = { patch, halo: overlap, window, networkShape: networkShape(window) };
  const tiles = shape.reduce((count, size, axis) => count * Math.ceil(size / (patch[axis] ?? size)), 1);
  return { waste: (Math.ceil(tiles / ranks) * ranks * product(windows.networkShape)) / product(shape), windows };
}

function product([depth, height, width]: VolumeShape): number {
  return depth * height * width;
}
