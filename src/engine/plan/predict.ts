/** What a row will ask of the machine, counted from its own definition and its windows; memory and seconds are left to probes of the machine. */
import { type NetworkParameters, rankCount, windowsOf } from '../../shared/experiment';
import { type Tiling, tilingCost } from '../tiling/tiles';

export interface RowPrediction {
  readonly patches: number;
  /** Of the rank that has most. */
  readonly patchesPerRank: number;
  readonly batchesPerRank: number;
  /** Windows the network sees together at most. */
  readonly largestBatch: number;
  /** Voxels the network computes, halo and padding included, for each voxel of the volume. */
  readonly networkWaste: number;
}

/** Counts for the windows of a volume. `ranks` where the machine's devices differ from the row's. */
export function predictRow(solver: NetworkParameters, tiling: Tiling, ranks = rankCount(solver)): RowPrediction {
  const patches = tiling.tiles.length;
  // Patches go to the ranks in turn, so the first rank has the most.
  const patchesPerRank = solver.distribute_denoiser ? Math.ceil(patches / ranks) : patches;
  const { max_batch_size } = windowsOf(solver);
  const largestBatch = max_batch_size === 0 ? patchesPerRank : Math.min(max_batch_size, patchesPerRank);
  const batchesPerRank = Math.ceil(patchesPerRank / largestBatch);
  return { patches, patchesPerRank, batchesPerRank, largestBatch, networkWaste: tilingCost(tiling).networkWaste };
}
