/** What the network will need for a batch of windows that was never run, from those that were; who runs them is left to the coordinator. */
import type { VolumeShape } from '../../shared/geometry';
import type { Prediction } from '../../shared/runs';

/** One batch of windows as the machine ran it. */
export interface NetworkProbe {
  readonly batch: number;
  /** What the network computes for one window (D,H,W). */
  readonly window: VolumeShape;
  /** Above the process without network. */
  readonly memoryMiB: number;
  /** Of the whole batch. */
  readonly seconds: number;
}

export interface NetworkEstimate {
  readonly memoryMiB: number;
  readonly seconds: number;
  readonly basis: Prediction['basis'];
}

interface Point {
  readonly voxels: number;
  readonly value: number;
}

/**
 * Memory and seconds of a batch. A probe of the same batch and window is the answer itself. Otherwise both are read off a line between the
 * neighbours in number of voxels; windows alike in height and width count before others, because the network's memory and speed are not smooth
 * in them. Beyond the probes the last two of them are continued. null with fewer than two different sizes.
 */
export function estimateNetwork(probes: readonly NetworkProbe[], batch: number, window: VolumeShape): NetworkEstimate | null {
  const exact = probes.find((probe) => probe.batch === batch && probe.window.every((edge, axis) => edge === window[axis]));
  if (exact) return { memoryMiB: exact.memoryMiB, seconds: exact.seconds, basis: 'measured' };
  const voxels = batch * voxelsOf(window);
  const alike = probes.filter((probe) => probe.window[1] === window[1] && probe.window[2] === window[2]);
  const alikeSizes = alike.map((probe) => probe.batch * voxelsOf(probe.window));
  const between = alikeSizes.length > 1 && voxels >= Math.min(...alikeSizes) && voxels <= Math.max(...alikeSizes);
  const used = between ? alike : probes;
  const memory = atVoxels(
    mean(used, ({ memoryMiB }) => memoryMiB),
    voxels,
  );
  // Seconds a voxel change less than seconds, so a line through them bends less.
  const secondsPerVoxel = atVoxels(
    mean(used, (probe) => probe.seconds / (probe.batch * voxelsOf(probe.window))),
    voxels,
    true,
  );
  if (memory === null || secondsPerVoxel === null) return null;
  const sizes = used.map((probe) => probe.batch * voxelsOf(probe.window));
  const inside = voxels >= Math.min(...sizes) && voxels <= Math.max(...sizes);
  return { memoryMiB: memory, seconds: secondsPerVoxel * voxels, basis: inside ? 'interpolated' : 'extrapolated' };
}

/** Probes of the same number of voxels are one point. Rising in voxels. */
function mean(probes: readonly NetworkProbe[], pick: (probe: NetworkProbe) => number): Point[] {
  const groups = new Map<number, number[]>();
  for (const probe of probes) {
    const voxels = probe.batch * voxelsOf(probe.window);
    groups.set(voxels, [...(groups.get(voxels) ?? []), pick(probe)]);
  }
  return [...groups]
    .map(([voxels, values]) => ({ voxels, value: values.reduce((sum, value) => sum + value, 0) / values.length }))
    .sort((a, b) => a.voxels - b.voxels);
}

/** The value on the line through the neighbours; `level`: beyond the last point its value is kept. null with fewer than two points. */
function atVoxels(points: readonly Point[], voxels: number, level = false): number | null {
  if (points.length < 2) return null;
  const above = points.findIndex((point) => point.voxels >= voxels);
  const beyond = above < 0;
  const right = beyond ? points.length - 1 : Math.max(1, above);
  const [a, b] = [points[right - 1], points[right]];
  if (a === undefined || b === undefined) return null;
  if (level && beyond) return b.value;
  if (level && voxels < a.voxels) return a.value;
  return Math.max(0, a.value + ((b.value - a.value) * (voxels - a.voxels)) / (b.voxels - a.voxels));
}

export function voxelsOf([depth, height, width]: VolumeShape): number {
  return depth * height * width;
}
