/** Cuts a volume into the overlapping windows that the denoiser sees, and says which voxels each one gives back; copying them is native code's job. */
import { UserError } from '../../shared/errors';
import type { VolumeShape } from '../../shared/geometry';

/** One window. All triples are (z,y,x) in voxels. */
export interface Tile {
  /** Corner of the window in the volume padded by the halo on both sides. */
  readonly start: VolumeShape;
  /** Corner of the kept part inside the window. */
  readonly keepStart: VolumeShape;
  readonly keepSize: VolumeShape;
  /** Where the kept part goes in the volume, not padded. */
  readonly destination: VolumeShape;
}

export interface Tiling {
  readonly shape: VolumeShape;
  /** What a tile gives back at most; differs from what was asked for where that is larger than the volume. */
  readonly patch: VolumeShape;
  /** Width of the reflected border around the volume. */
  readonly halo: VolumeShape;
  /** patch + 2 halo */
  readonly window: VolumeShape;
  /** What the network computes: the window, padded at its end where the network needs it. */
  readonly networkShape: VolumeShape;
  readonly tiles: readonly Tile[];
}

/** What a tiling costs beside the voxels it is for. */
export interface TilingCost {
  /** Voxels of all windows for each voxel of the volume. */
  readonly haloWaste: number;
  /** Voxels the network computes, its own padding included, for each voxel of the volume. */
  readonly networkWaste: number;
  readonly networkVoxels: number;
}

interface AxisPart {
  readonly start: number;
  readonly keepStart: number;
  readonly keepSize: number;
  readonly destination: number;
}

/** More windows than any volume needs; far below what would fill the memory with their description. */
const maxTiles = 2_000_000;

/**
 * The windows of deepinv's OverlapTilingStrategy (design reference, "Tiling of the denoiser"), z outermost. `patch` and `overlap` are one number for all
 * axes or one per axis. Every voxel is written exactly once.
 */
export function planTiles(shape: VolumeShape, patch: number | VolumeShape, overlap: number | VolumeShape): Tiling {
  const patches = perAxis(patch);
  const overlaps = perAxis(overlap);
  const axes = shape.map((size, axis) => planAxis(size, patches[axis] ?? 0, overlaps[axis] ?? 0));
  const [z, y, x] = axes;
  if (z === undefined || y === undefined || x === undefined) throw new UserError('A volume has three axes.', 'internal');
  const count = z.parts.length * y.parts.length * x.parts.length;
  if (count > maxTiles) {
    throw new UserError(
      `patch_size [${patches.join(', ')}] cuts the volume into ${count.toLocaleString('en-US')} windows; use a larger patch_size.`,
    );
  }
  const tiles: Tile[] = [];
  for (const a of z.parts) {
    for (const b of y.parts) {
      for (const c of x.parts) {
        tiles.push({
          start: [a.start, b.start, c.start],
          keepStart: [a.keepStart, b.keepStart, c.keepStart],
          keepSize: [a.keepSize, b.keepSize, c.keepSize],
          destination: [a.destination, b.destination, c.destination],
        });
      }
    }
  }
  const window: VolumeShape = [z.window, y.window, x.window];
  return {
    shape,
    patch: [z.patch, y.patch, x.patch],
    halo: [z.halo, y.halo, x.halo],
    window,
    networkShape: networkShape(window),
    tiles,
  };
}

/** One window that is the whole volume, without halo. */
export function wholeVolume(shape: VolumeShape): Tiling {
  const origin: VolumeShape = [0, 0, 0];
  const tile: Tile = { start: origin, keepStart: origin, keepSize: shape, destination: origin };
  return { shape, patch: shape, halo: origin, window: shape, networkShape: networkShape(shape), tiles: [tile] };
}

/** The shape in which the network runs a window: as it is where every axis is a multiple of 8 and above 31, else padded to multiples of 16. */
export function networkShape(window: VolumeShape): VolumeShape {
  if (window.every((size) => size % 8 === 0 && size > 31)) return window;
  const padded = window.map((size) => Math.ceil(size / 16) * 16);
  return [padded[0] ?? 0, padded[1] ?? 0, padded[2] ?? 0];
}

/** `tiles` in order, at most `maxBatch` together; 0: all in one batch. */
export function batchTiles(tiles: readonly Tile[], maxBatch: number): Tile[][] {
  if (tiles.length === 0) return [];
  const size = maxBatch === 0 ? tiles.length : maxBatch;
  return Array.from({ length: Math.ceil(tiles.length / size) }, (_, batch) => tiles.slice(batch * size, (batch + 1) * size));
}

/** What the windows of a tiling cost for each useful voxel. */
export function tilingCost(tiling: Tiling): TilingCost {
  const useful = voxels(tiling.shape);
  const networkVoxels = tiling.tiles.length * voxels(tiling.networkShape);
  return { haloWaste: (tiling.tiles.length * voxels(tiling.window)) / useful, networkWaste: networkVoxels / useful, networkVoxels };
}

function planAxis(
  size: number,
  wantedPatch: number,
  wantedHalo: number,
): { patch: number; halo: number; window: number; parts: AxisPart[] } {
  if (!Number.isInteger(size) || size < 1) throw new UserError(`A volume axis of ${size} voxels cannot be cut into patches.`);
  if (!Number.isInteger(wantedPatch) || wantedPatch < 1) throw new UserError(`patch_size ${wantedPatch} must be a whole number from 1.`);
  if (!Number.isInteger(wantedHalo) || wantedHalo < 0) throw new UserError(`overlap ${wantedHalo} must be a whole number from 0.`);
  let patch = wantedPatch;
  let halo = wantedHalo;
  if (patch > size) {
    patch = size - 2 * halo;
    if (patch <= 0) {
      patch = size;
      halo = Math.floor(size / 8);
    }
  }
  const window = patch + 2 * halo;
  const padded = size + 2 * halo;
  const starts: number[] = [];
  for (let start = 0; start + window < padded; start += patch) starts.push(start);
  starts.push(padded - window);
  // Window `start` of the padded volume keeps padded samples start+halo .. start+halo+patch, which are voxels start .. start+patch.
  const parts = starts.map((start, index) => {
    const previous = starts[index - 1];
    const trim = previous === undefined ? 0 : Math.max(0, previous + patch - start);
    return { start, keepStart: halo + trim, keepSize: patch - trim, destination: start + trim };
  });
  return { patch, halo, window, parts };
}

function perAxis(value: number | VolumeShape): VolumeShape {
  return typeof value === 'number' ? [value, value, value] : value;
}

function voxels(shape: VolumeShape): number {
  return shape[0] * shape[1] * shape[2];
}
