/**
 * Which part of a window a folded DRUNet has to compute at each of its four levels, so that the kept voxels are those of the whole window; building
 * the graph is drunetGraph's.
 *
 * Slices meet only in the three strided stages, which join aligned blocks of 8: blocks without a kept voxel are left out. Slices that the network adds
 * behind the window's end repeat the last one: the encoder computes it once. On the way up no slices meet any more, so only kept ones are computed there,
 * and of each slice only what the 3x3 kernels reach from the kept part.
 */

import type { VolumeShape } from '../../shared/geometry';
import type { Tiling } from './tiles';

/** Half open, (z,y,x), in voxels of a level. */
export interface Region {
  readonly start: VolumeShape;
  readonly end: VolumeShape;
}

export interface LevelRegions {
  readonly encoder: {
    /** Where the computed slices begin. */
    readonly firstSlice: number;
    /** Different slices, which are computed. */
    readonly slices: number;
    /** Slices that the next strided stage reads: the last one repeated up to here. */
    readonly pairedSlices: number;
    readonly height: number;
    readonly width: number;
  };
  readonly decoder: Region;
}

export interface WindowRegions {
  /** What the network reads of the window (its padding included). */
  readonly input: Region;
  /** What it answers; holds the kept part of every window. */
  readonly output: Region;
  /** From the finest level to the coarsest. */
  readonly levels: readonly LevelRegions[];
  /** Arithmetic left to do, as a share of the whole window's (convolutions of equal cost a voxel and level). */
  readonly work: number;
}

export type WindowShape = Pick<Tiling, 'window' | 'halo' | 'patch' | 'networkShape'>;

const levelCount = 4;
/** Largest share of a slice that is worth being cut out of it. */
const leastSaving = 0.94;

/** Regions for a network with `blocks` residual blocks a stage, in which every convolution reaches one voxel further. */
export function windowRegions(tiling: WindowShape, blocks: number): WindowRegions {
  const { window, halo, patch, networkShape } = tiling;
  const kept: Region = {
    start: halo,
    end: [halo[0] + patch[0], halo[1] + patch[1], halo[2] + patch[2]],
  };
  const decoders: Region[] = [];
  let needed = widened(kept, 1, networkShape);
  for (let level = 0; level < levelCount; level++) {
    const region = worthCutting(widened(needed, 2 * blocks, scaled(networkShape, level)), scaled(networkShape, level));
    decoders.push(region);
    needed = {
      start: [Math.floor(region.start[0] / 2), Math.floor(region.start[1] / 2), Math.floor(region.start[2] / 2)],
      end: [Math.ceil(region.end[0] / 2), Math.ceil(region.end[1] / 2), Math.ceil(region.end[2] / 2)],
    };
  }
  const block = 2 ** (levelCount - 1);
  const first = Math.floor(kept.start[0] / block) * block;
  const end = Math.ceil(kept.end[0] / block) * block;
  const last = Math.min(window[0], end);
  const levels: LevelRegions[] = [];
  let slices = last - first;
  for (const [level, decoder] of decoders.entries()) {
    const [, height, width] = scaled(networkShape, level);
    const firstSlice = first / 2 ** level;
    if (level === levelCount - 1) {
      // The network turns round here: what the encoder has is what the decoder starts with.
      const whole: Region = { start: [firstSlice, 0, 0], end: [firstSlice + slices, height, width] };
      levels.push({ encoder: { firstSlice, slices, pairedSlices: slices, height, width }, decoder: whole });
    } else {
      // Of the next level's slices, those behind the last pair with something new in it are copies again.
      const pairs = Math.min((end - first) / 2 ** (level + 1), Math.ceil((slices - 1) / 2) + 1);
      levels.push({ encoder: { firstSlice, slices, pairedSlices: 2 * pairs, height, width }, decoder });
      slices = pairs;
    }
  }
  return {
    input: { start: [first, 0, 0], end: [last, networkShape[1], networkShape[2]] },
    output: decoders[0] ?? kept,
    levels,
    work: workShare(levels, networkShape),
  };
}

/** Whole slices where cutting them would save less than it costs to copy. */
function worthCutting(region: Region, size: VolumeShape): Region {
  const area = (region.end[1] - region.start[1]) * (region.end[2] - region.start[2]);
  if (area <= leastSaving * size[1] * size[2]) return region;
  return { start: [region.start[0], 0, 0], end: [region.end[0], size[1], size[2]] };
}

/** In plane only: kernels of 3x3 do not see other slices. */
function widened(region: Region, margin: number, size: VolumeShape): Region {
  return {
    start: [region.start[0], Math.max(0, region.start[1] - margin), Math.max(0, region.start[2] - margin)],
    end: [region.end[0], Math.min(size[1], region.end[1] + margin), Math.min(size[2], region.end[2] + margin)],
  };
}

function scaled(shape: VolumeShape, level: number): VolumeShape {
  return [shape[0] / 2 ** level, shape[1] / 2 ** level, shape[2] / 2 ** level];
}

/** Twice the channels at half the edges: a level costs half as much as the one above it. The coarsest has one stage, the others one each way. */
function workShare(levels: readonly LevelRegions[], networkShape: VolumeShape): number {
  let [done, whole] = [0, 0];
  for (const [level, { encoder, decoder }] of levels.entries()) {
    const [depth, height, width] = scaled(networkShape, level);
    const weight = 4 ** level;
    const isCoarsest = level === levelCount - 1;
    const [z, y, x] = [decoder.end[0] - decoder.start[0], decoder.end[1] - decoder.start[1], decoder.end[2] - decoder.start[2]];
    done += weight * (encoder.slices * height * width + (isCoarsest ? 0 : z * y * x));
    whole += weight * depth * height * width * (isCoarsest ? 1 : 2);
  }
  return done / whole;
}
