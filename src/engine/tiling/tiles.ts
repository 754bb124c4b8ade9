/** Cuts a volume into the overlapping windows the denoiser sees, exactly as the reference's OverlapTilingStrategy. Copying voxels is left to native code. */
import { UserError } from '../../shared/errors';
import type { VolumeShape } from '../../shared/geometry';

/** One window and what is kept of it; all triples are (z,y,x) in voxels. */
export interface Tile {
  /** Corner of the window in the volume padded by the halo. */
  readonly start: VolumeShape;
  /** First kept sample, within the window. */
  readonly keepStart: VolumeShape;
  readonly keepSize: VolumeShape;
  /** Where the kept samples go in the volume. */
  readonly destination: VolumeShape;
}

export interface Tiling {
  /** (D,H,W) of the volume. */
  readonly shape: VolumeShape;
  /** Useful voxels of a window along each axis, after the rule for patches larger than the volume. */
  readonly patch: VolumeShape;
  /** Reflected border around the volume, and around each patch. */
  readonly halo: VolumeShape;
  /** patch + 2 halo */
  readonly window: VolumeShape;
  /** What the network computes: the window, padded at the end where the network needs it. */
  readonly networkShape: VolumeShape;
  readonly tiles: readonly Tile[];
}

/** One axis of a tiling. */
interface AxisTile {
  readonly start: number;
  readonly keepStart: number;
  readonly keepSize: number;
  readonly destination: number;
}

/** Every axis of the network's input must be a multiple of this ... */
const RUNS_AS_IS_MULTIPLE = 8;
/** ... and larger than this, or it is padded to a multiple of PADDED_MULTIPLE. */
const RUNS_AS_IS_ABOVE = 31;
const PADDED_MULTIPLE = 16;

/**
 * Windows w = p + 2 o on the volume padded by o on both sides; starts 0, p, 2p, ... while start + w < N + 2 o; the last start is moved
 * back to N + 2 o - w. A patch keeps its inner p samples minus what the one before it already wrote.
 * `patchSize` larger than the volume: p = N - 2 o, or, where that is not positive, p = N and o = N / 8.
 */
export function planTiles(shape: VolumeShape, patchSize: VolumeShape, overlap: VolumeShape): Tiling {
  const axes = [0, 1, 2].map((axis) => planAxis(shape[axis] ?? 0, patchSize[axis] ?? 0, overlap[axis] ?? 0, axis));
  const [z, y, x] = axes as [Axis, Axis, Axis];
  const tiles: Tile[] = [];
  for (const tz of z.tiles) {
    for (const ty of y.tiles) {
      for (const tx of x.tiles) {
        tiles.push({
          start: [tz.start, ty.start, tx.start],
          keepStart: [tz.keepStart, ty.keepStart, tx.keepStart],
          keepSize: [tz.keepSize, ty.keepSize, tx.keepSize],
          destination: [tz.destination, ty.destination, tx.destination],
        });
      }
    }
  }
  const window: VolumeShape = [z.patch + 2 * z.halo, y.patch + 2 * y.halo, x.patch + 2 * x.halo];
  return {
    shape,
    patch: [z.patch, y.patch, x.patch],
    halo: [z.halo, y.halo, x.halo],
    window,
    networkShape: networkShape(window),
    tiles,
  };
}

/** The whole volume as one window without halo. */
export function wholeVolumeTiling(shape: VolumeShape): Tiling {
  const origin: VolumeShape = [0, 0, 0];
  return {
    shape,
    patch: shape,
    halo: origin,
    window: shape,
    networkShape: networkShape(shape),
    tiles: [{ start: origin, keepStart: origin, keepSize: shape, destination: origin }],
  };
}

/** If every axis is a multiple of 8 and above 31 the window runs as it is, otherwise it is padded to a multiple of 16. */
export function networkShape(window: VolumeShape): VolumeShape {
  if (window.every((size) => size % RUNS_AS_IS_MULTIPLE === 0 && size > RUNS_AS_IS_ABOVE)) return window;
  const padded = (size: number): number => Math.ceil(size / PADDED_MULTIPLE) * PADDED_MULTIPLE;
  return [padded(window[0]), padded(window[1]), padded(window[2])];
}

/** In order, at most `maxBatchSize` at a time; 0: all at once. */
export function batchTiles<T>(tiles: readonly T[], maxBatchSize: number): T[][] {
  const size = maxBatchSize > 0 ? maxBatchSize : Math.max(1, tiles.length);
  const batches: T[][] = [];
  for (let first = 0; first < tiles.length; first += size) batches.push(tiles.slice(first, first + size));
  return batches;
}

/** Voxels the network computes for each voxel of the volume. */
export function haloWaste(tiling: Tiling): number {
  const voxels = (shape: VolumeShape): number => shape[0] * shape[1] * shape[2];
  return (tiling.tiles.length * voxels(tiling.networkShape)) / voxels(tiling.shape);
}

interface Axis {
  readonly patch: number;
  readonly halo: number;
  readonly tiles: readonly AxisTile[];
}

function planAxis(size: number, askedPatch: number, askedHalo: number, axis: number): Axis {
  let patch = askedPatch;
  let halo = askedHalo;
  if (patch < 1) throw new UserError(`patch_size must be at least 1 along every axis; axis ${axis} has ${patch}.`);
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
  let start = 0;
  while (start + window < padded) {
    starts.push(start);
    start += patch;
  }
  starts.push(padded - window);
  const tiles = starts.map((current, index) => {
    const previous = starts[index - 1];
    const trim = previous === undefined ? 0 : Math.max(0, previous + patch - current);
    return { start: current, keepStart: halo + trim, keepSize: patch - trim, destination: current + trim };
  });
  return { patch, halo, tiles: tiles.filter((tile) => tile.keepSize > 0) };
}
