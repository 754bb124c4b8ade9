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
 * for which `fits` says that one window can be had. null where not even the smallest window fits.
 *
 * Candidates are the ways to cut an axis of N voxels into n equal parts, p = ceil(N / n), widened until p + 2 overlap is a multiple the network
 * takes without padding: a wider last window costs nothing more, a padded one costs on every window.
 */
export function advisePatch(shape: VolumeShape, overlap: VolumeShape, fits: (windows: WindowShape) => boolean): PatchAdvice | null {
  const [depths, heights, widths] = shape.map((size, axis) => patchCandidates(size, overlap[axis] ?? 0));
  let best: PatchAdvice | null = null;
  for (const depth of depths ?? []) {
    for (const height of heights ?? []) {
      for (const width of widths ?? []) {
        const patch: VolumeShape = [depth, height, width];
        // Cheap bounds first: describing all windows of every candidate would take long on large volumes.
        const cost = quickCost(shape, patch, overlap);
        if (best !== null && cost.waste > best.networkWaste + SAME_WASTE) continue;
        if (!fits(cost.windows)) continue;
        const better =
          best === null ||
          cost.waste < best.networkWaste - SAME_WASTE ||
          (cost.waste <= best.networkWaste + SAME_WASTE && product(cost.windows.networkShape) < product(best.tiling.networkShape));
        if (!better) continue;
        const tiling = planTiles(shape, patch, overlap);
        best = { patch, tiling, networkWaste: tilingCost(tiling).networkWaste };
      }
    }
  }
  return best;
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

function quickCost(shape: VolumeShape, patch: VolumeShape, overlap: VolumeShape): { waste: number; windows: WindowShape } {
  const window: VolumeShape = [patch[0] + 2 * overlap[0], patch[1] + 2 * overlap[1], patch[2] + 2 * overlap[2]];
  const windows = { patch, halo: overlap, window, networkShape: networkShape(window) };
  const tiles = shape.reduce((count, size, axis) => count * Math.ceil(size / (patch[axis] ?? size)), 1);
  return { waste: (tiles * product(windows.networkShape)) / product(shape), windows };
}

function product([depth, height, width]: VolumeShape): number {
  return depth * height * width;
}
