/** What single views show: values cut off at a highest one, and an object that reaches the detector's edge. Bad pixels are given, not found here. */

export interface SampledViews {
  /** Each (rows, columns). */
  readonly views: readonly Float32Array[];
  readonly rows: number;
  readonly columns: number;
  /** Pixels not to be believed in, whatever the view. */
  readonly isBad: (pixel: number) => boolean;
}

export interface Clipping {
  readonly value: number;
  /** Of all good pixels. */
  readonly share: number;
}

/**
 * Null where no value piles up at the top. A measured quantity thins out towards its highest value; where it was cut off, all that was
 * higher stands at exactly one value: at least 20 pixels, and a tenth of those within 2 % below.
 */
export function findClipping({ views, isBad }: SampledViews): Clipping | null {
  let highest = Number.NEGATIVE_INFINITY;
  forEachGood(views, isBad, (value) => {
    if (value > highest) highest = value;
  });
  if (!(highest > 0)) return null;
  let [at, below, all] = [0, 0, 0];
  forEachGood(views, isBad, (value) => {
    all++;
    if (value === highest) at++;
    else if (value > 0.98 * highest) below++;
  });
  return at >= 20 && at > 0.1 * below ? { value: highest, share: at / all } : null;
}

export type Edge = 'left' | 'right' | 'first row' | 'last row';

export interface Truncation {
  readonly edge: Edge;
  /** Of the views looked at. */
  readonly shareOfViews: number;
  /** The highest mean of ten pixels at the edge over the highest line integrals of the object. */
  readonly level: number;
}

const edges: readonly Edge[] = ['left', 'right', 'first row', 'last row'];
const runLength = 5;

/** The edges at which more than 5 % of the object's highest line integral is seen (and clearly more than noise), in at least one of 20 views. */
export function findTruncation({ views, rows, columns, isBad }: SampledViews): Truncation[] {
  const peak = highLevel(views, isBad);
  if (!(peak > 0) || rows < 4 || columns < 4) return [];
  return edges.flatMap((edge) => {
    const levels = views.map((view) => edgeLevel(edgePixels(view, rows, columns, edge, isBad), peak));
    const reached = levels.filter((level) => level > 0);
    if (reached.length === 0 || reached.length < 0.05 * views.length) return [];
    return [{ edge, shareOfViews: reached.length / views.length, level: Math.max(...reached) / peak }];
  });
}

/** Highest mean over a run of the edge's two outermost lines; 0 where that is no more than noise. */
function edgeLevel(pairs: readonly (readonly [number, number])[], peak: number): number {
  let highest = 0;
  for (let start = 0; start + runLength <= pairs.length; start++) {
    let sum = 0;
    for (let place = start; place < start + runLength; place++) {
      const [outer, inner] = pairs[place] ?? [0, 0];
      sum += outer + inner;
    }
    highest = Math.max(highest, sum / (2 * runLength));
  }
  const noise = middleOf(pairs.map(([outer, inner]) => Math.abs(outer - inner))) * 1.05;
  return highest > Math.max(0.05 * peak, (5 * noise) / Math.sqrt(2 * runLength)) ? highest : 0;
}

/** The values along an edge, outermost line and the one within; bad ones are left out. */
function edgePixels(view: Float32Array, rows: number, columns: number, edge: Edge, isBad: (pixel: number) => boolean): [number, number][] {
  const alongRows = edge === 'left' || edge === 'right';
  const length = alongRows ? rows : columns;
  const pairs: [number, number][] = [];
  for (let place = 0; place < length; place++) {
    const outer =
      edge === 'left'
        ? place * columns
        : edge === 'right'
          ? place * columns + columns - 1
          : edge === 'first row'
            ? place
            : (rows - 1) * columns + place;
    const inner = outer + (edge === 'left' ? 1 : edge === 'right' ? -1 : edge === 'first row' ? columns : -columns);
    const [a, b] = [view[outer] ?? 0, view[inner] ?? 0];
    if (!isBad(outer) && !isBad(inner) && Number.isFinite(a) && Number.isFinite(b)) pairs.push([a, b]);
  }
  return pairs;
}

/** The 99.5 percentile of an even choice of the values. */
function highLevel(views: readonly Float32Array[], isBad: (pixel: number) => boolean): number {
  const pixels = views.reduce((sum, view) => sum + view.length, 0);
  const step = Math.max(1, Math.floor(pixels / 100_000));
  const chosen: number[] = [];
  let place = 0;
  forEachGood(views, isBad, (value) => {
    if (place++ % step === 0) chosen.push(value);
  });
  chosen.sort((a, b) => a - b);
  return chosen[Math.floor(0.995 * (chosen.length - 1))] ?? 0;
}

function forEachGood(views: readonly Float32Array[], isBad: (pixel: number) => boolean, visit: (value: number) => void): void {
  for (const view of views) {
    for (let pixel = 0; pixel < view.length; pixel++) {
      const value = view[pixel] as number;
      if (value - value === 0 && !isBad(pixel)) visit(value);
    }
  }
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
