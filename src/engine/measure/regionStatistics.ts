/** Mean, spread and signal-to-noise ratio of a rectangle of one slice; choosing the rectangle is left to the viewer. */
import type { SlicePoint } from './lineProfile';

export interface RegionStatistics {
  /** Voxels in the rectangle. */
  readonly count: number;
  readonly mean: number;
  /** Standard deviation of a sample (divided by count - 1); 0 for a single voxel. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
  /** mean / standardDeviation, as usual for a uniform region; null where the region has no spread. */
  readonly signalToNoise: number | null;
}

/** Of the voxels between two corners, both included, of a slice (rows, columns) in C order; what lies outside is left out. null where nothing is left. */
export function regionStatistics(
  values: Float32Array,
  shape: readonly [rows: number, columns: number],
  from: SlicePoint,
  to: SlicePoint,
): RegionStatistics | null {
  const [rows, columns] = shape;
  const [top, bottom] = limits(from.row, to.row, rows);
  const [left, right] = limits(from.column, to.column, columns);
  let [count, mean, squares, minimum, maximum] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // Welford's update: no cancellation between large sums.
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const value = values[row * columns + column];
      if (value === undefined) return null;
      count++;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
      minimum = Math.min(minimum, value);
      maximum = Math.max(maximum, value);
    }
  }
  if (count === 0) return null;
  const standardDeviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return { count, mean, standardDeviation, minimum, maximum, signalToNoise: standardDeviation > 0 ? mean / standardDeviation : null };
}

function limits(a: number, b: number, size: number): [number, number] {
  return [Math.max(0, Math.round(Math.min(a, b))), Math.min(size - 1, Math.round(Math.max(a, b)))];
}
