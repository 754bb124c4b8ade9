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
/** Windows that differ less than this in waste are the same choice; then the smaller one is taken, which needs less memory, or of the same size that with the wider halo. */
const SAME_WASTE = 0.005;

/** What a window keeps of an axis and sees around it on each side, voxels. */
interface AxisWindow {
  readonly patch: number;
  readonly halo: number;
}

export interface Wanted {
  /** Workers that share the windows. */
  readonly ranks?: number;
  /** True: the halo may be wider than `overlap` where the network would pad the window otherwise, which costs as much and shows it less. */
  readonly mayWiden?: boolean;
}

/**
 * The patch whose windows, with the halo `overlap` (voxels, z y x), let the network compute the fewest voxels for a volume (D,H,W), among those
 * for which `fits` says that they can be had. null where not even the smallest window fits.
 *
 * Candidates are the ways to cut an axis of N voxels into n equal parts, p = ceil(N / n), widened until p + 2 overlap is a multiple the network
 * takes without padding: a wider last window costs nothing more, a padded one costs on every window.
 */
export function advisePatch(
  shape: VolumeShape,
  overlap: VolumeShape,
  fits: (windows: WindowShape) => boolean,
  { ranks = 1, mayWiden = false }: Wanted = {},
): PatchAdvice | null {
  const [depths, heights, widths] = shape.map((size, axis) => axisWindows(size, overlap[axis] ?? 0, mayWiden));
  let best: { patch: VolumeShape; halo: VolumeShape; waste: number; size: number } | null = null;
  for (const depth of depths ?? []) {
    for (const height of heights ?? []) {
      for (const width of widths ?? []) {
        const patch: VolumeShape = [depth.patch, height.patch, width.patch];
        const halo: VolumeShape = [depth.halo, height.halo, width.halo];
        const { waste, windows } = costOf(shape, patch, halo, ranks);
        if (best !== null && waste > best.waste + SAME_WASTE) continue;
        const size = product(windows.networkShape);
        const isBetter =
          best === null || waste < best.waste - SAME_WASTE || size < best.size || (size === best.size && seesMore(halo, best.halo));
        if (isBetter && fits(windows)) best = { patch, halo, waste, size };
      }
    }
  }
  if (best === null) return null;
  const tiling = planTiles(shape, best.patch, best.halo);
  return { patch: best.patch, tiling, networkWaste: tilingCost(tiling).networkWaste };
}

/** Windows worth trying on an axis: as few voxels as n parts need, and those with patch or halo widened to what the network takes unpadded. */
function axisWindows(size: number, overlap: number, mayWiden: boolean): AxisWindow[] {
  const candidates = new Map<string, AxisWindow>();
  const add = (patch: number, halo: number): void => {
    if (patch >= 1 && patch <= size) candidates.set(`${patch}+${halo}`, { patch, halo });
  };
  for (let parts = 1; parts <= size; parts++) {
    const least = Math.ceil(size / parts);
    const window = least + 2 * overlap;
    add(least, overlap);
    for (const multiple of [MULTIPLE, PADDED_MULTIPLE]) {
      const widened = Math.max(Math.ceil(window / multiple) * multiple, multiple === MULTIPLE ? SMALLEST_UNPADDED : PADDED_MULTIPLE);
      add(widened - 2 * overlap, overlap);
      // Half of what is left on each side; where that is odd the patch takes the one voxel.
      const patch = least + ((widened - least) % 2);
      if (mayWiden) add(patch, (widened - patch) / 2);
    }
    // From here on windows only get smaller than what the network is ever given.
    if (window < PADDED_MULTIPLE) break;
  }
  return [...candidates.values()].sort((a, b) => b.patch - a.patch || b.halo - a.halo);
}

/** Voxels the network computes for each voxel of the volume, on as many ranks as share the windows: one that has fewer waits for the others. */
function costOf(shape: VolumeShape, patch: VolumeShape, halo: VolumeShape, ranks: number): { waste: number; windows: WindowShape } {
  const window: VolumeShape = [patch[0] + 2 * halo[0], patch[1] + 2 * halo[1], patch[2] + 2 * halo[2]];
  const windows = { patch, halo, window, networkShape: networkShape(window) };
  const tiles = shape.reduce((count, size, axis) => count * Math.ceil(size / (patch[axis] ?? size)), 1);
  return { waste: (Math.ceil(tiles / ranks) * ranks * product(windows.networkShape)) / product(shape), windows };
}

function seesMore(halo: VolumeShape, than: VolumeShape): boolean {
  return halo[0] + halo[1] + halo[2] > than[0] + than[1] + than[2];
}

function product([depth, height, width]: VolumeShape): number {
  return depth * height * width;
}
