/**
 * Where the rotation axis' shadow really falls on the detector. Averaged over a full turn every object is symmetric about its axis, so the
 * mean projection must be a mirror image of itself about that shadow; the mirror that fits best is found to a fraction of a pixel.
 */
import type { ScanGeometry } from '../../shared/geometry';

/** Profiles made of the mean projection's rows. */
const mostBands = 32;
/** Of the columns: how far from its place the shadow is looked for. */
const searchShare = 0.2;

export interface AxisOffset {
  /** Columns from where the vectors put the shadow to where the data have it. */
  readonly pixels: number;
  /** Standard error, from four independent parts of the detector. */
  readonly uncertaintyPixels: number;
}

/** The column on which the z axis falls, as a + b row, mean over the views: the axis, the source and the pixel lie in one plane. */
export function axisShadow(geometry: ScanGeometry): { readonly atRow: (row: number) => number } {
  const { vectors, detectorRows, detectorColumns } = geometry;
  const views = vectors.length / 12;
  let [constant, slope] = [0, 0];
  for (let start = 0; start < vectors.length; start += 12) {
    const at = (index: number): number => vectors[start + index] ?? 0;
    const crossWith = (index: number): number => at(0) * at(index + 1) - at(1) * at(index);
    constant -= crossWith(3) / crossWith(6) / views;
    slope -= crossWith(9) / crossWith(6) / views;
  }
  return { atRow: (row) => (detectorColumns - 1) / 2 + constant + slope * (row - (detectorRows - 1) / 2) };
}

/** Whether the sources go round z on a circle at one height, so that the mean projection is symmetric. */
export function isCircular(geometry: ScanGeometry): boolean {
  if (geometry.type === 'parallel3d') return true;
  const { vectors } = geometry;
  let [least, most, lowest, highest] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let start = 0; start < vectors.length; start += 12) {
    const radius = Math.hypot(vectors[start] ?? 0, vectors[start + 1] ?? 0);
    least = Math.min(least, radius);
    most = Math.max(most, radius);
    lowest = Math.min(lowest, vectors[start + 2] ?? 0);
    highest = Math.max(highest, vectors[start + 2] ?? 0);
  }
  return most - least < 0.02 * most && highest - lowest < 0.02 * most;
}

/** `mean` (rows, columns) over a full turn, without bad pixels. Null where there is nothing to see. */
export function measureAxisOffset(
  mean: Float32Array,
  rows: number,
  columns: number,
  shadowAtRow: (row: number) => number,
): AxisOffset | null {
  const bands = profiles(mean, rows, columns, shadowAtRow);
  if (bands.length < 4) return null;
  const whole = bestMirror(bands, columns);
  if (whole === null) return null;
  const parts = [0, 1, 2, 3].flatMap(
    (part) =>
      bestMirror(
        bands.filter((_, index) => index % 4 === part),
        columns,
      ) ?? [],
  );
  const middle = parts.reduce((sum, value) => sum + value, 0) / parts.length;
  const spread = Math.sqrt(parts.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, parts.length - 1));
  return { pixels: whole, uncertaintyPixels: spread / Math.sqrt(parts.length) };
}

interface Band {
  readonly values: Float64Array;
  /** Column of the axis as the vectors have it. */
  readonly shadow: number;
}

/** Means of neighbouring rows; those in which nothing rises above a twentieth of the highest are left out. */
function profiles(mean: Float32Array, rows: number, columns: number, shadowAtRow: (row: number) => number): Band[] {
  const count = Math.min(mostBands, rows);
  const bands = Array.from({ length: count }, (_, band) => {
    const [from, to] = [Math.floor((band * rows) / count), Math.floor(((band + 1) * rows) / count)];
    const values = new Float64Array(columns);
    for (let row = from; row < to; row++) {
      for (let column = 0; column < columns; column++) {
        values[column] = (values[column] ?? 0) + (mean[row * columns + column] ?? 0) / (to - from);
      }
    }
    const range = Math.max(...values) - Math.min(...values);
    return { values, range, shadow: shadowAtRow((from + to - 1) / 2) };
  });
  const highest = Math.max(...bands.map(({ range }) => range));
  return highest > 0 ? bands.filter(({ range }) => range > 0.05 * highest) : [];
}

/** The shift that makes the bands most symmetric, in columns. */
function bestMirror(bands: readonly Band[], columns: number): number | null {
  if (bands.length === 0) return null;
  const limit = searchShare * columns;
  const coarse = lowest(-limit, limit, 0.5, (shift) => asymmetry(bands, shift));
  const fine = lowest(coarse - 1, coarse + 1, 0.1, (shift) => asymmetry(bands, shift));
  const [left, middle, right] = [-0.1, 0, 0.1].map((step) => asymmetry(bands, fine + step));
  const bend = (left ?? 0) - 2 * (middle ?? 0) + (right ?? 0);
  return bend > 0 ? fine + (0.05 * ((left ?? 0) - (right ?? 0))) / bend : fine;
}

function lowest(from: number, to: number, step: number, value: (at: number) => number): number {
  let [best, bestValue] = [0, Number.POSITIVE_INFINITY];
  for (let at = from; at <= to + 1e-9; at += step) {
    const here = value(at);
    if (here < bestValue) [best, bestValue] = [at, here];
  }
  return best;
}

/** Mean squared difference between each side and the mirrored other one, over what both sides show. */
function asymmetry(bands: readonly Band[], shift: number): number {
  let [sum, count] = [0, 0];
  for (const { values, shadow } of bands) {
    const centre = shadow + shift;
    const reach = Math.min(centre, values.length - 1 - centre);
    for (let distance = 0.5; distance <= reach; distance++) {
      sum += (between(values, centre + distance) - between(values, centre - distance)) ** 2;
      count++;
    }
  }
  return count === 0 ? Number.POSITIVE_INFINITY : sum / count;
}

/** Catmull-Rom interpolation; the ends are repeated. */
function between(values: Float64Array, at: number): number {
  const index = Math.floor(at);
  const t = at - index;
  const value = (offset: number): number => values[Math.min(values.length - 1, Math.max(0, index + offset))] ?? 0;
  const [a, b, c, d] = [value(-1), value(0), value(1), value(2)];
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
