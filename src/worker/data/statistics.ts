/** Range, percentiles and histogram of a volume for the window/level of the viewer. Values that are not finite do not count. */
import { setImmediate } from 'node:timers/promises';
import type { Histogram } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import type { CachedVolume } from './volumeReader';

/** Larger volumes are represented by slices spread evenly over them. */
const VALUES_READ = 32 * 1024 * 1024;
/** What is enough to begin with, before all of that is read. */
const VALUES_GLANCED_AT = 2 * 1024 * 1024;
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

/** Reads at most about 128 MiB, at least one slice. */
export async function describeValues(volume: CachedVolume): Promise<VolumeStatistics> {
  const count = slicesOf(volume, VALUES_READ);
  const stride = Math.max(1, Math.ceil((count * volume.sliceLength) / VALUES_SORTED));
  const sample = new Float32Array(Math.ceil((count * volume.sliceLength) / stride));
  let sampled = 0;
  let position = 0;
  const { minimum, maximum } = await readSpread(volume, count, (slice) => {
    for (; position < slice.length; position += stride) {
      const value = slice[position] ?? Number.NaN;
      if (Number.isFinite(value)) sample[sampled++] = value;
    }
    position -= slice.length;
  });
  const sorted = sample.subarray(0, sampled).sort();
  return { minimum, maximum, sorted, histogram: (bins) => countValues(sorted, minimum, maximum, bins) };
}

/** Least and greatest value of a few slices: what a first picture needs. */
export function glance(volume: CachedVolume): Promise<Pick<VolumeStatistics, 'minimum' | 'maximum'>> {
  return readSpread(volume, slicesOf(volume, VALUES_GLANCED_AT), () => {});
}

function slicesOf(volume: CachedVolume, most: number): number {
  return Math.min(volume.shape[0], Math.max(1, Math.floor(most / volume.sliceLength)));
}

/** Visits `count` slices spread evenly over the volume; the range of their finite values, 0 and 1 where there are none. */
async function readSpread(
  volume: CachedVolume,
  count: number,
  visit: (slice: Float32Array) => void,
): Promise<{ minimum: number; maximum: number }> {
  const slice = new Float32Array(volume.sliceLength);
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    await volume.readSlices(Math.floor((index * volume.shape[0]) / count), 1, slice);
    for (const value of slice) {
      // Neither comparison holds of NaN; infinities are left out.
      if (value < minimum && value !== Number.NEGATIVE_INFINITY) minimum = value;
      if (value > maximum && value !== Number.POSITIVE_INFINITY) maximum = value;
    }
    visit(slice);
    // What is carried out on arrival comes in between.
    await setImmediate();
  }
  return minimum <= maximum ? { minimum, maximum } : { minimum: 0, maximum: 1 };
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
