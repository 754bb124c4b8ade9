/** What each detector pixel does over the views, and which pixels are dead; reading the views is left to the worker. */

/** A pixel whose values differ by less than this share of the range of all values always gives the same one. */
const constantShare = 1e-7;
/** Neighbours looked at on each side; a dead stripe up to this wide is found. */
const reach = 4;

/** Sums over views of (rows, columns), taken as the views come. Values that are not finite are counted and left out. */
export class PixelStatistics {
  readonly first: Float32Array;
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
  readonly finite: Uint32Array;
  private readonly sums: Float64Array;
  views = 0;
  nonFinite = 0;
  /** Views with at least one value that is not finite. */
  viewsWithNonFinite = 0;
  /** Positions of views in which all finite pixels have one value. */
  readonly blankViews: number[] = [];

  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {
    const pixels = rows * columns;
    this.first = new Float32Array(pixels);
    this.lowest = new Float32Array(pixels).fill(Number.POSITIVE_INFINITY);
    this.highest = new Float32Array(pixels).fill(Number.NEGATIVE_INFINITY);
    this.finite = new Uint32Array(pixels);
    this.sums = new Float64Array(pixels);
  }

  /** `index` is the view's position in the file. */
  add(view: Float32Array, index: number): void {
    const { lowest, highest, finite, sums, first } = this;
    let bad = 0;
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let pixel = 0; pixel < sums.length; pixel++) {
      const value = view[pixel] as number;
      if (value - value !== 0) {
        bad++;
        continue;
      }
      if (finite[pixel] === 0) first[pixel] = value;
      finite[pixel] = (finite[pixel] as number) + 1;
      sums[pixel] = (sums[pixel] as number) + value;
      if (value < (lowest[pixel] as number)) lowest[pixel] = value;
      if (value > (highest[pixel] as number)) highest[pixel] = value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    this.views++;
    this.nonFinite += bad;
    if (bad > 0) this.viewsWithNonFinite++;
    if (!(most > least)) this.blankViews.push(index);
  }

  /** Mean over the views (rows, columns); NaN where a pixel was never finite. */
  mean(): Float32Array {
    return Float32Array.from(this.sums, (sum, pixel) => sum / (this.finite[pixel] ?? 0));
  }
}

/**
 * 1 for every pixel (rows, columns) that gives one value in all views while its neighbours do not, or that is never finite. Air without
 * noise is constant too: where many pixels share one constant value, a pixel of that value counts as dead only among neighbours that change.
 */
export function deadPixels(statistics: PixelStatistics): Uint8Array {
  const { rows, columns, lowest, highest, first, finite, views } = statistics;
  const dead = new Uint8Array(rows * columns);
  if (views < 3) return dead;
  const [least, most] = extremes(statistics);
  const tolerance = constantShare * (most - least);
  const isConstant = (pixel: number): boolean => (highest[pixel] ?? 0) - (lowest[pixel] ?? 0) <= tolerance;
  const air = commonConstant(statistics, isConstant);
  const isCutOff = reachedByMany(statistics, most, isConstant);
  for (let pixel = 0; pixel < dead.length; pixel++) {
    if ((finite[pixel] ?? 0) === 0) dead[pixel] = 1;
    else if (isConstant(pixel) && !(isCutOff && first[pixel] === most)) {
      const isAir = air !== null && Math.abs((first[pixel] ?? 0) - air) <= tolerance;
      if (isAir && hasConstantSides(pixel, columns, isConstant)) continue;
      if (changingShare(pixel, rows, columns, isConstant) >= (isAir ? 0.75 : 0.5)) dead[pixel] = 1;
      else if (air !== null && !isAir) dead[pixel] = 1;
    }
  }
  return dead;
}

function extremes({ lowest, highest }: PixelStatistics): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let pixel = 0; pixel < lowest.length; pixel++) {
    least = Math.min(least, lowest[pixel] ?? 0);
    most = Math.max(most, highest[pixel] ?? 0);
  }
  return [least, most];
}

/** Where values were cut off at the highest one, pixels that live reach it too, and one behind the thickest part may never leave it. */
function reachedByMany({ highest }: PixelStatistics, most: number, isConstant: (pixel: number) => boolean): boolean {
  let count = 0;
  for (let pixel = 0; pixel < highest.length; pixel++) if (highest[pixel] === most && !isConstant(pixel)) count++;
  return count >= 20;
}

/** The value that at least 2 % of all pixels always give; null where there is none. */
function commonConstant({ first, finite }: PixelStatistics, isConstant: (pixel: number) => boolean): number | null {
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel < first.length; pixel++) {
    if ((finite[pixel] ?? 0) === 0 || !isConstant(pixel)) continue;
    const value = first[pixel] ?? 0;
    const count = (counts.get(value) ?? 0) + 1;
    if (count >= 0.02 * first.length && count >= 20) return value;
    counts.set(value, count);
  }
  return null;
}

/** The quick answer for the middle of an empty region. */
function hasConstantSides(pixel: number, columns: number, isConstant: (pixel: number) => boolean): boolean {
  return [pixel - 1, pixel + 1, pixel - columns, pixel + columns].every(isConstant);
}

function changingShare(pixel: number, rows: number, columns: number, isConstant: (pixel: number) => boolean): number {
  const [row, column] = [Math.floor(pixel / columns), pixel % columns];
  let [changing, all] = [0, 0];
  for (let r = Math.max(0, row - reach); r <= Math.min(rows - 1, row + reach); r++) {
    for (let c = Math.max(0, column - reach); c <= Math.min(columns - 1, column + reach); c++) {
      if (r === row && c === column) continue;
      all++;
      if (!isConstant(r * columns + c)) changing++;
    }
  }
  return all === 0 ? 0 : changing / all;
}
