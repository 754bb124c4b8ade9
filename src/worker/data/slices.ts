/** Cuts planes out of a volume and averages it down to a brick for the 3D view; knows nothing of files or messages. */
import { UserError } from '../../shared/errors';
import type { CachedVolume, Shape } from './volumeReader';

export interface Plane {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Plane `index` across `axis`: axis 0 gives (H,W), 1 (D,W), 2 (D,H). Throws UserError for a plane outside the volume. */
export async function cutSlice(volume: CachedVolume, axis: 0 | 1 | 2, index: number): Promise<Plane> {
  const [depth, height, width] = volume.shape;
  const count = volume.shape[axis];
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new UserError(`Slice ${index} of axis ${axis} does not exist; the volume has ${count}.`);
  }
  const rows = axis === 0 ? height : depth;
  const columns = axis === 2 ? height : width;
  const values = new Float32Array(rows * columns);
  await volume.readPlane(axis, index, values);
  return { rows, columns, values };
}

export interface Brick {
  readonly shape: Shape;
  /** Voxels averaged along each axis. */
  readonly factor: number;
  readonly values: Float32Array;
}

/** The volume averaged over blocks of factor^3 so that no axis exceeds `max`; blocks at the far edge may be smaller. Values that are not finite are left out. */
export async function averageBrick(volume: CachedVolume, max: number): Promise<Brick> {
  if (!Number.isInteger(max) || max < 1) throw new UserError(`A brick cannot have ${max} voxels along an axis.`);
  const [depth, height, width] = volume.shape;
  const factor = Math.ceil(Math.max(depth, height, width) / max);
  const shape: Shape = [Math.ceil(depth / factor), Math.ceil(height / factor), Math.ceil(width / factor)];
  const sums = new Float64Array(shape[1] * shape[2]);
  const counts = new Int32Array(shape[1] * shape[2]);
  const values = new Float32Array(shape[0] * sums.length);
  await volume.forEachSlice((slice, k) => {
    addSlice(slice, height, width, factor, shape[2], sums, counts);
    if ((k + 1) % factor !== 0 && k + 1 !== depth) return;
    const target = Math.floor(k / factor) * sums.length;
    for (let cell = 0; cell < sums.length; cell++) {
      const count = counts[cell] ?? 0;
      values[target + cell] = count === 0 ? 0 : (sums[cell] ?? 0) / count;
    }
    sums.fill(0);
    counts.fill(0);
  });
  return { shape, factor, values };
}

function addSlice(
  slice: Float32Array,
  height: number,
  width: number,
  factor: number,
  columns: number,
  sums: Float64Array,
  counts: Int32Array,
): void {
  for (let j = 0; j < height; j++) {
    const row = Math.floor(j / factor) * columns;
    for (let i = 0; i < width; i++) {
      const value = slice[j * width + i] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      const cell = row + Math.floor(i / factor);
      sums[cell] = (sums[cell] ?? 0) + value;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
}
