/** Values of one slice along a straight line, with their distance in mm; choosing the line is left to the viewer. */

/** A point of a slice in voxels: (0,0) is the middle of the first voxel. */
export interface SlicePoint {
  readonly row: number;
  readonly column: number;
}

export interface ProfileSample {
  /** From the line's first point, mm. */
  readonly distanceMm: number;
  readonly value: number;
}

/** Steps for each voxel of length: enough that no voxel crossed is missed. */
const stepsPerVoxel = 2;
const samplesAtMost = 4096;

/**
 * Bilinear samples of a slice (rows, columns), C order, between two points. Points outside the slice take the value of its edge. Throws RangeError where the
 * values do not fill the slice.
 */
export function lineProfile(
  values: Float32Array,
  shape: readonly [rows: number, columns: number],
  from: SlicePoint,
  to: SlicePoint,
  voxelSizeMm: number,
): ProfileSample[] {
  const [rows, columns] = shape;
  if (values.length !== rows * columns || rows < 1 || columns < 1) throw new RangeError('The slice has another size than its values.');
  const length = lineLength(from, to);
  const steps = Math.min(samplesAtMost, Math.max(1, Math.ceil(length * stepsPerVoxel)));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const part = step / steps;
    const value = bilinear(values, rows, columns, from.row + part * (to.row - from.row), from.column + part * (to.column - from.column));
    return { distanceMm: part * length * voxelSizeMm, value };
  });
}

/** In voxels. */
export function lineLength(from: SlicePoint, to: SlicePoint): number {
  return Math.hypot(to.row - from.row, to.column - from.column);
}

function bilinear(values: Float32Array, rows: number, columns: number, row: number, column: number): number {
  const r = Math.max(0, Math.min(rows - 1, row));
  const c = Math.max(0, Math.min(columns - 1, column));
  const [r0, c0] = [Math.floor(r), Math.floor(c)];
  const [r1, c1] = [Math.min(rows - 1, r0 + 1), Math.min(columns - 1, c0 + 1)];
  const at = (y: number, x: number): number => values[y * columns + x] ?? Number.NaN;
  const upper = at(r0, c0) + (c - c0) * (at(r0, c1) - at(r0, c0));
  const lower = at(r1, c0) + (c - c0) * (at(r1, c1) - at(r1, c0));
  return upper + (r - r0) * (lower - upper);
}
