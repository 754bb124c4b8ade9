/** What a row will ask of the machine, counted from its own definition; memory and seconds are left to probes of the machine. */
import type { ExperimentRow } from '../../shared/experiment';
import { rankCount } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import { planTiles, type Tiling, tilingCost } from '../tiling/tiles';

export interface RowPrediction {
  readonly ranks: number;
  /** Views used, of those the data has. */
  readonly views: number;
  readonly patches: number;
  /** Of the rank that has most. */
  readonly patchesPerRank: number;
  readonly batchesPerRank: number;
  /** Windows the network sees together at most. */
  readonly largestBatch: number;
  readonly window: VolumeShape;
  /** What the network computes for a window: padded where it must be. */
  readonly networkShape: VolumeShape;
  /** Voxels of all windows, and voxels the network computes, for each voxel of the volume. */
  readonly haloWaste: number;
  readonly networkWaste: number;
  /** Voxels the network computes in one iteration, all ranks together. */
  readonly networkVoxels: number;
}

/** Counts for a volume (D,H,W) and a scan of `views` views. `ranks` where the machine's devices differ from the row's. Throws UserError for patches that cannot be. */
export function predictRow(row: ExperimentRow, volumeShape: VolumeShape, views: number, ranks = rankCount(row.solver)): RowPrediction {
  const { solver, dataset } = row;
  const tiling: Tiling = planTiles(volumeShape, solver.patch_size, solver.overlap);
  const cost = tilingCost(tiling);
  const patches = tiling.tiles.length;
  const patchesPerRank = solver.distribute_denoiser ? Math.ceil(patches / ranks) : patches;
  const largestBatch = solver.max_batch_size === 0 ? patchesPerRank : Math.min(solver.max_batch_size, patchesPerRank);
  return {
    ranks,
    views: Math.min(dataset.num_projections ?? views, views),
    patches,
    patchesPerRank,
    batchesPerRank: Math.ceil(patchesPerRank / largestBatch),
    largestBatch,
    window: tiling.window,
    networkShape: tiling.networkShape,
    haloWaste: cost.haloWaste,
    networkWaste: cost.networkWaste,
    networkVoxels: cost.networkVoxels,
  };
}
