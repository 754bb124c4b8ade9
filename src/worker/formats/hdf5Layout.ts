/** What every layout of an HDF5 scan gives, and the numbers all of them keep alike: angles, lengths with units, mean frames. Where they lie is each layout's. */
import { UserError } from '../../shared/errors';
import type { GeometryType, VolumeShape } from '../../shared/geometry';
import type { Hdf5Array, Hdf5File } from './hdf5File';
import type { ScanProblem } from './scanSource';

export interface Layout {
  readonly kind: string;
  readonly type: GeometryType;
  readonly vectors: Float64Array;
  readonly frames: Hdf5Array;
  /** Positions of the projections among the frames. */
  readonly projections: readonly number[];
  /** null: the frames are line integrals. */
  readonly correction: { readonly dark: Float32Array; readonly range: Float32Array } | null;
  readonly reference: Hdf5Array | null;
  readonly voxelSizeMm: number | null;
}

/** `axisPixels`: of the axis from the middle of the detector. */
export function parallelNote(format: string, axisPixels = 0): ScanProblem {
  const axis = axisPixels === 0 ? 'the axis in the middle' : `the axis ${axisPixels} columns from the middle`;
  const message = `${format}: parallel beam with ${axis} of the detector; set geometry_type: parallel3d. If the result is mirrored, the angles turn the other way.`;
  return { severity: 'note', message };
}

const radiansPer = {
  deg: Math.PI / 180,
  degs: Math.PI / 180,
  degree: Math.PI / 180,
  degrees: Math.PI / 180,
  '°': Math.PI / 180,
  rad: 1,
  rads: 1,
  radian: 1,
  radians: 1,
} as { readonly deg: number; readonly [unit: string]: number | undefined };

/** Of every frame, in radians; degrees where the file does not say the unit. */
export function readAngles(file: Hdf5File, array: Hdf5Array, count: number): Float64Array {
  if (array.shape.length !== 1 || array.shape[0] !== count) {
    throw new UserError(
      `${file.name}: ${array.path} has shape (${array.shape.join(', ')}) for ${count} frames; it needs one angle for each.`,
    );
  }
  const unit = array.units?.trim().toLowerCase() ?? '';
  const scale = unit === '' ? radiansPer.deg : radiansPer[unit];
  if (scale === undefined) {
    throw new UserError(`${file.name}: ${array.path} is in ${JSON.stringify(unit.slice(0, 40))}; angles must be in degrees or radians.`);
  }
  const angles = new Float64Array(count);
  array.read(0, count, angles);
  return angles.map((angle) => angle * scale);
}

export function lengthMm(file: Hdf5File, array: Hdf5Array | null): number | null {
  const scale = { m: 1000, mm: 1, um: 1e-3, µm: 1e-3, micron: 1e-3, nm: 1e-6 }[array?.units ?? ''];
  if (array === null || scale === undefined) return null;
  const value = array.single();
  return positiveMm(file, array.path, value === null ? null : value * scale);
}

export function positiveMm(file: Hdf5File, path: string, value: number | null): number {
  if (value !== null && value > 0 && value < 1000) return value;
  throw new UserError(`${file.name}: ${path} is ${value} mm; it must be greater than 0. Set the voxel size yourself.`);
}

/** The mean of an array (frames, rows, columns), or a single frame (rows, columns) as it is; null where there is none. */
export function meanFrame(file: Hdf5File, array: Hdf5Array | null, rows: number, columns: number): Float32Array | null {
  if (array === null) return null;
  array.checkReadable();
  const frame = array.shape.slice(-2);
  if (array.shape.length < 2 || array.shape.length > 3 || array.shape[0] === 0 || frame[0] !== rows || frame[1] !== columns) {
    throw new UserError(
      `${file.name}: ${array.path} has shape (${array.shape.join(', ')}), but its frames must be (${rows}, ${columns}) as those of the scan.`,
    );
  }
  if (array.shape.length === 2) {
    const single = new Float32Array(rows * columns);
    array.read(0, rows, single);
    return single;
  }
  const positions = Array.from({ length: array.shape[0] ?? 0 }, (_, index) => index);
  return meanOf(array, positions, rows * columns);
}

/** The mean of the frames at `positions`; null where there are none. */
export function meanOf(frames: Hdf5Array, positions: readonly number[], pixels: number): Float32Array | null {
  if (positions.length === 0) return null;
  const mean = new Float32Array(pixels);
  const frame = new Float32Array(pixels);
  for (const position of positions) {
    frames.read(position, 1, frame);
    for (let index = 0; index < pixels; index++) mean[index] = (mean[index] ?? 0) + (frame[index] ?? 0) / positions.length;
  }
  return mean;
}

export function correctionOf(
  file: Hdf5File,
  dark: Float32Array | null,
  flat: Float32Array | null,
  problems: ScanProblem[],
): Layout['correction'] {
  if (flat === null)
    throw new UserError(`${file.name} has no flat frames, which the line integrals need. Add them (data_white, or image_key 1).`);
  if (dark === null) problems.push({ severity: 'warning', message: `${file.name} has no dark frames; zero is used.` });
  const zero = dark ?? new Float32Array(flat.length);
  return { dark: zero, range: flat.map((value, index) => value - (zero[index] ?? 0)) };
}

export function shape3(file: Hdf5File, array: Hdf5Array, meaning: string): VolumeShape {
  const [a, b, c, extra] = array.shape;
  if (!a || !b || !c || extra !== undefined) {
    throw new UserError(
      `${file.name}: ${array.path} has shape (${array.shape.join(', ')}); it must have three axes ${meaning} with at least one element each.`,
    );
  }
  return [a, b, c];
}
