/** What the network will need for a batch of windows that was never run, from those that were; running them is left to the prober. */

import type { Prediction } from '../../shared/runs';
import type { NetworkProbeRecord } from '../../shared/workerMessages';
import { type WindowShape, windowRegions } from '../tiling/drunetRegions';
import { networkShape } from '../tiling/tiles';

export type NetworkProbe = NetworkProbeRecord['result'];

/** MiB and seconds of one batch, as in NetworkProbeAnswer. */
export interface NetworkEstimate {
  readonly memoryMiB: number;
  readonly reservedMiB: number;
  readonly deviceMiB: number;
  readonly seconds: number;
  readonly basis: Prediction['basis'];
}

/** What the needs of a batch go with. */
interface BatchSize {
  /** Voxels that the network reads of one window, and windows at once: its memory goes with them. */
  readonly windowVoxels: number;
  readonly batch: number;
  /** Voxels it computes, each level weighted by its arithmetic: its time goes with them. */
  readonly workVoxels: number;
}

interface Measured {
  readonly size: number;
  readonly value: number;
  readonly distance: number;
}

/**
 * What a window more takes beside the first one: as much (a runtime that computes a batch at once), or hardly more than its own voxels (the
 * program's own code, which computes one window after the other).
 */
const BATCH_SHARES = [1, 0.1, 0.03] as const;
/** A share below 1 must explain the probes much better: of two that do not differ in batches nothing is known. */
const MUCH_BETTER = 0.5;

/** Added to squared distances, so that probes close to each other share their word. */
const SOFTNESS = 0.01;

/**
 * A probe of the same windows and batch is the answer itself. Otherwise a line over all probes (least squares of relative errors: what the model
 * takes, and so much a voxel) is corrected by how far the probes lie off it, those alike in shape most: the network is not smooth in its windows.
 * null with fewer than two probes.
 */
export function estimateNetwork(probes: readonly NetworkProbe[], windows: WindowShape, batch: number): NetworkEstimate | null {
  const exact = probes.find((probe) => probe.batch === batch && isSame(probe.patch, windows.patch) && isSame(probe.overlap, windows.halo));
  if (exact) {
    const { memoryMiB, reservedMiB, deviceMiB, seconds } = exact;
    return { memoryMiB, reservedMiB, deviceMiB, seconds, basis: 'measured' };
  }
  const blocks = probes[0]?.blocks ?? null;
  const wanted = batchSize(windows, batch, blocks);
  const known = probes.map((probe) => {
    const shape = windowShape(probe.patch, probe.overlap);
    return { probe, size: batchSize(shape, probe.batch, blocks), distance: distance(shape, probe.batch, windows, batch) };
  });
  if (known.length < 2) return null;
  const estimate = (value: (probe: NetworkProbe) => number, size: (of: BatchSize) => number): number =>
    atSize(
      known.map((each) => ({ size: size(each.size), value: value(each.probe), distance: each.distance })),
      size(wanted),
    );
  const share = batchShare(known.map(({ probe, size }) => ({ size, value: probe.memoryMiB })));
  const memorySize = (of: BatchSize): number => of.windowVoxels * (1 + share * (of.batch - 1));
  const sizes = known.map(({ size }) => size.workVoxels);
  const isInside = wanted.workVoxels >= Math.min(...sizes) && wanted.workVoxels <= Math.max(...sizes);
  return {
    memoryMiB: estimate(({ memoryMiB }) => memoryMiB, memorySize),
    reservedMiB: estimate(({ reservedMiB }) => reservedMiB, memorySize),
    deviceMiB: estimate(({ deviceMiB }) => deviceMiB, memorySize),
    seconds: estimate(
      ({ seconds }) => seconds,
      ({ workVoxels }) => workVoxels,
    ),
    basis: isInside ? 'interpolated' : 'extrapolated',
  };
}

/** Windows by patch and overlap (voxels, z y x), as planTiles makes them where the patch is not larger than the volume. */
export function windowShape(patch: WindowShape['patch'], halo: WindowShape['halo']): WindowShape {
  const window = [patch[0] + 2 * halo[0], patch[1] + 2 * halo[1], patch[2] + 2 * halo[2]] as const;
  return { patch, halo, window, networkShape: networkShape(window) };
}

function batchSize(windows: WindowShape, batch: number, blocks: number | null): BatchSize {
  const whole = batch * voxels(windows.networkShape);
  if (blocks === null) return { windowVoxels: whole / batch, batch, workVoxels: whole };
  const { input, work } = windowRegions(windows, blocks);
  const edges = [input.end[0] - input.start[0], input.end[1] - input.start[1], input.end[2] - input.start[2]] as const;
  return { windowVoxels: voxels(edges), batch, workVoxels: work * whole };
}

/** The share of BATCH_SHARES with which memory lies closest to a line. */
function batchShare(probes: readonly { readonly size: BatchSize; readonly value: number }[]): number {
  const misfit = (share: number): number => {
    const points = probes.map(({ size, value }) => ({ size: size.windowVoxels * (1 + share * (size.batch - 1)), value, distance: 0 }));
    const { base, slope } = fittedLine(points);
    return points.reduce((sum, { size, value }) => sum + ((base + slope * size) / Math.max(value, 1e-9) - 1) ** 2, 0);
  };
  const [whole, ...less] = BATCH_SHARES.map((share) => ({ share, misfit: misfit(share) }));
  const best = less.reduce((a, b) => (b.misfit < a.misfit ? b : a));
  return whole !== undefined && best.misfit >= MUCH_BETTER * whole.misfit ? whole.share : best.share;
}

function atSize(points: readonly Measured[], size: number): number {
  const line = fittedLine(points);
  const model = (at: number): number => line.base + line.slope * at;
  if (model(size) <= 0) return 0;
  let [sum, weights] = [0, 0];
  for (const point of points) {
    if (point.value <= 0 || model(point.size) <= 0) continue;
    const weight = 1 / (point.distance ** 2 + SOFTNESS);
    sum += weight * Math.log(point.value / model(point.size));
    weights += weight;
  }
  return model(size) * Math.exp(weights === 0 ? 0 : sum / weights);
}

/** value = base + slope size with the least squares of relative errors; neither is ever negative. */
function fittedLine(points: readonly Measured[]): { base: number; slope: number } {
  let [w, ws, wss, wv, wsv] = [0, 0, 0, 0, 0];
  for (const { size, value } of points) {
    const weight = 1 / Math.max(value, 1e-9) ** 2;
    w += weight;
    ws += weight * size;
    wss += weight * size * size;
    wv += weight * value;
    wsv += weight * size * value;
  }
  const determinant = w * wss - ws * ws;
  const slope = determinant > 1e-12 * w * wss ? (w * wsv - ws * wv) / determinant : wsv / wss;
  const base = (wv - slope * ws) / w;
  return slope < 0 ? { base: wv / w, slope: 0 } : base < 0 ? { base: 0, slope: wsv / wss } : { base, slope };
}

/** How unlike two batches are: sum over axes and the batch of the logarithm of their ratio. */
function distance(a: WindowShape, batchOfA: number, b: WindowShape, batchOfB: number): number {
  const axes = a.networkShape.reduce((sum, edge, axis) => sum + Math.abs(Math.log(edge / (b.networkShape[axis] ?? edge))), 0);
  return axes + Math.abs(Math.log(batchOfA / batchOfB)) / 2;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, axis) => value === b[axis]);
}

function voxels([depth, height, width]: readonly [number, number, number]): number {
  return depth * height * width;
}
