/** Range, percentiles and histogram of a volume for the window/level of the viewer. Values that are not finite do not count. */
import { setImmediate } from 'node:timers/promises';
import type { Histogram } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import type { CachedVolume } from './volumeReader';

/** Larger volumes are represented by slices spread evenly over them. */
const VALUES_READ = 32 * 1024 * 1024;
/** What is enough to begin with, before all of that is read. */
export const VALUES_GLANCED_AT = 2 * 1024 * 1024;
/** Percentiles come from at most this many of the values read, evenly spread. */
const VALUES_SORTED = 1024 * 1024;

export interface VolumeStatistics {
  /** 0 and 1 where no value is finite. */
  readonly minimum: number;
  readonly maximum: number;
  /** Finite values in ascending order, a sample of the volume. */
  readonly sorted: Float32Array;
  histogram(bins: number): Histogram;
}

/** Reads at most about `most` values, at least one slice. */
export async function describeValues(volume: CachedVolume, most: number = VALUES_READ): Promise<VolumeStatistics> {
  const [depth] = volume.shape;
  const slicesRead = Math.min(depth, Math.max(1, Math.floor(most / volume.sliceLength)));
  const stride = Math.max(1, Math.ceil((slicesRead * volume.sliceLength) / VALUES_SORTED));
  const sample = new Float32Array(Math.ceil((slicesRead * volume.sliceLength) / stride));
  const slice = new Float32Array(volume.sliceLength);
  let sampled = 0;
  let position = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < slicesRead; index++) {
    await volume.readSlices(Math.floor((index * depth) / slicesRead), 1, slice);
    for (const value of slice) {
      if (Number.isFinite(value)) {
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
        if (position % stride === 0) sample[sampled++] = value;
      }
      position++;
    }
    // Slices that somebody waits for come in between.
    await setImmediate();
  }
  const sorted = sample.subarray(0, sampled).sort();
  const [low, high] = minimum <= maximum ? [minimum, maximum] : [0, 1];
  return { minimum: low, maximum: high, sorted, histogram: (bins) => countValues(sorted, low, high, bins) };
}

/** Value below which `fraction` of the sorted values lie, linear between neighbours as numpy does; `fallback` where there is none. */
export function percentile(sorted: Float32Array, fraction: number, fallback: number): number {
  if (sorted.length === 0) return fallback;
  const position = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? fallback;
  const above = sorted[Math.ceil(position)] ?? below;
  return below + (above - below) * (position - Math.floor(position));
}

function countValues(sorted: Float32Array, low: number, high: number, bins: number): Histogram {
  if (!Number.isInteger(bins) || bins < 1 || bins > 65_536)
    throw new UserError(`A histogram cannot have ${bins} bins; ask for 1 to 65536.`);
  const counts = new Array<number>(bins).fill(0);
  const scale = high > low ? bins / (high - low) : 0;
  for (const value of sorted) {
    const bin = Math.min(bins - 1, Math.floor((value - low) * scale));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const at = (fraction: number): number => percentile(sorted, fraction, fraction < 0.5 ? low : high);
  return { low, high, counts, percentiles: { p01: at(0.001), p1: at(0.01), p99: at(0.99), p999: at(0.999) } };
}
