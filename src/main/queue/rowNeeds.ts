/** What one row will need, put together from probes: which to ask for, and memory and seconds from them. Running probes is the prober's. */
import { estimateNetwork, type NetworkEstimate, type NetworkProbe } from '../../engine/plan/networkEstimate';
import type { WindowShape } from '../../engine/tiling/drunetRegions';
import { batchTiles, planTiles, type Tiling } from '../../engine/tiling/tiles';
import type { DataSummary } from '../../shared/contract';
import { type ExperimentRow, type NetworkParameters, usesNetwork, windowsOf } from '../../shared/experiment';
import type { Prediction } from '../../shared/runs';
import type { MachineInfo } from '../../shared/workerMessages';
import type { NetworkUse, RowProbe, RowUse } from '../coordinator/prober';
import { rowSubjectText } from '../coordinator/prober';
import { planRanks, type RankPlan } from '../coordinator/rowPlan';
import { hashText } from './hashFile';
import type { ModelFinder } from './planRuns';

const MIB = 2 ** 20;
const CHANNELS_COPIED = 3;

export interface Circumstances {
  readonly machine: MachineInfo;
  readonly models: ModelFinder;
  readonly scan: DataSummary;
  readonly dataPath: string;
  readonly voxelSizeMm: number | null;
  /** --model; null: what the rows name. */
  readonly modelPath: string | null;
  /** --devices in rank order; null: automatic. */
  readonly devices: readonly string[] | null;
}

export interface ForecastRequest extends Circumstances {
  readonly rows: readonly ExperimentRow[];
  readonly memoryLimitMiB: number | null;
  readonly saveEvery: number;
  readonly workspace: string;
}

export interface NetworkNeeds {
  readonly solver: NetworkParameters;
  readonly use: NetworkUse;
  readonly tiling: Tiling;
  /** Sizes of the batches of each rank. */
  readonly batches: readonly (readonly number[])[];
  readonly largestBatch: number;
}

export interface RowNeeds {
  readonly row: ExperimentRow;
  readonly plan: RankPlan;
  readonly use: RowUse;
  readonly volumeMiB: number;
  /** null for solvers without a network. */
  readonly network: NetworkNeeds | null;
}

/** Throws UserError where the windows cannot be laid out or the model does not exist. */
export async function rowNeeds(row: ExperimentRow, circumstances: Circumstances): Promise<RowNeeds> {
  const { machine, scan, dataPath, voxelSizeMm, devices } = circumstances;
  const plan = planRanks(row, machine, devices);
  const { volumeShape, detectorRows, detectorColumns, views } = scan.geometry;
  const geometry = { volumeShape, detectorRows, detectorColumns, views, hasReference: scan.hasReference };
  const volumeMiB = (4 * volumeShape[0] * volumeShape[1] * volumeShape[2]) / MIB;
  const use: RowUse = { row, plan, dataPath, voxelSizeMm, volumeMiB, subject: hashText(rowSubjectText(row, geometry)) };
  const { solver } = row;
  if (!usesNetwork(solver)) return { row, plan, use, volumeMiB, network: null };
  const { patch_size, overlap, max_batch_size } = windowsOf(solver);
  const tiling = planTiles(volumeShape, patch_size, overlap);
  const batches = plan.devices.map((_, rank) => {
    const own = tiling.tiles.filter((_tile, index) => (solver.distribute_denoiser ? index % plan.devices.length === rank : rank === 0));
    return batchTiles(own, max_batch_size).map(({ length }) => length);
  });
  const model = await circumstances.models.of(solver, circumstances.modelPath);
  if (model === null) throw new Error('A solver with a network has a model.');
  const workers = batches.filter(({ length }) => length > 0).length;
  const network: NetworkUse = { model, device: plan.devices[0] ?? 'cpu', threads: plan.threadsPerRank, workers, solver };
  return { row, plan, use, volumeMiB, network: { solver, use: network, tiling, batches, largestBatch: Math.max(...batches.flat()) } };
}

/** MiB of a rank with its network at batches of `batch`; `reservedMiB` is what a memory limit counts. */
export interface RankMemory {
  readonly peakMiB: number;
  readonly reservedMiB: number;
  readonly deviceMiB: number;
}

export function rankMemory(rowMiB: number, estimate: NetworkEstimate | null, spareMiB: number): RankMemory {
  if (estimate === null) return { peakMiB: rowMiB, reservedMiB: rowMiB, deviceMiB: 0 };
  return {
    peakMiB: rowMiB + estimate.memoryMiB - spareMiB,
    reservedMiB: rowMiB + Math.max(estimate.memoryMiB, estimate.reservedMiB) - spareMiB,
    deviceMiB: estimate.deviceMiB,
  };
}

/** Of a worker with the network, but without what its windows take. */
export function besideWindowsMiB(needs: RowNeeds, { ranksMiB }: RowProbe): number {
  return Math.max(0, ...ranksMiB) + reachedMiB(needs);
}

/** Windows reach over all of the network's two volumes; without it a rank touches only its slab of them. */
function reachedMiB({ volumeMiB, plan }: RowNeeds): number {
  return 2 * volumeMiB * (1 - 1 / plan.devices.length);
}

export interface Needed {
  readonly prediction: Prediction;
  readonly ranks: readonly RankMemory[];
}

/** null where probes are missing. */
export function predict(needs: RowNeeds, rowProbe: RowProbe | null, probes: readonly NetworkProbe[]): Needed | null {
  if (rowProbe === null) return null;
  const { network, row } = needs;
  const ranks: RankMemory[] = [];
  let denoiseSeconds = 0;
  let basis: Prediction['basis'] = 'measured';
  for (const rank of needs.plan.devices.keys()) {
    const own = network?.batches[rank] ?? [];
    const [largest] = own;
    const rowMiB = (rowProbe.ranksMiB[rank] ?? 0) + (network && own.length > 0 ? reachedMiB(needs) : 0);
    if (!network || largest === undefined) {
      ranks.push(rankMemory(rowMiB, null, 0));
      continue;
    }
    let seconds = 0;
    for (const size of new Set(own)) {
      const estimate = estimateNetwork(probes, network.tiling, size);
      if (estimate === null) return null;
      seconds += estimate.seconds * own.filter((each) => each === size).length;
      // The last, smaller batch says little about the row.
      if (size === largest) {
        basis = worse(basis, estimate.basis);
        ranks.push(rankMemory(rowMiB, estimate, own.length === 1 ? bufferMiB(network.tiling, size) : 0));
      }
    }
    denoiseSeconds = Math.max(denoiseSeconds, seconds);
  }
  const perIteration = rowProbe.seconds + denoiseSeconds;
  return {
    ranks,
    prediction: {
      peak_memory_mib: ranks.map(({ peakMiB }) => peakMiB),
      seconds_per_iteration: perIteration,
      gradient_sec: rowProbe.gradientSeconds,
      denoise_sec: rowProbe.denoiseSeconds + denoiseSeconds,
      total_sec: perIteration * row.max_runs,
      basis,
    },
  };
}

const order: readonly Prediction['basis'][] = ['measured', 'interpolated', 'extrapolated'];

function worse(a: Prediction['basis'], b: Prediction['basis']): Prediction['basis'] {
  return order[Math.max(order.indexOf(a), order.indexOf(b))] ?? a;
}

/** The second pair of arrays that probes have, and a rank with a single batch does not. */
function bufferMiB({ networkShape }: WindowShape, batch: number): number {
  return (CHANNELS_COPIED * 4 * batch * networkShape[0] * networkShape[1] * networkShape[2]) / MIB;
}
