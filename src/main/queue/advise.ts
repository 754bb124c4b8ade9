/** Chooses windows and batches for a row on this machine, from probes that it runs where they are missing. The rules are engine/tiling/adviser's and engine/plan/autoBatch's. */
import { growBatch } from '../../engine/plan/autoBatch';
import { estimateNetwork, type NetworkEstimate } from '../../engine/plan/networkEstimate';
import { advisePatch } from '../../engine/tiling/adviser';
import { tilingCost } from '../../engine/tiling/tiles';
import { UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';
import type { BatchAdvice, PatchAdvice } from '../../shared/preflight';
import type { Progress } from '../coordinator/prober';
import { budgetedMiB, workerBudget } from './freeMemory';
import { limitOf, measuredRow } from './measuredRow';
import type { ForecastRequest } from './rowNeeds';
import { besideWindowsMiB, type NetworkNeeds, type RowNeeds, rankMemory, rowNeeds } from './rowNeeds';
import type { WindowProbes } from './windowProbes';

/** Workers are given so much of what is free: predictions err, and others use the machine too. */
const BUDGET_SHARE = 0.85;

interface Ready {
  readonly needs: RowNeeds;
  readonly network: NetworkNeeds;
  /** Of a worker without its network. */
  readonly rowMiB: number;
  readonly limitMiB: number | null;
  readonly budgetMiB: number;
}

/** Advice that nobody has tried. */
export type WindowAdvice = Omit<PatchAdvice, 'quality' | 'difference'>;

export interface PatchWish {
  /** Of a worker, MiB; null: a share of its limit and of what is free. */
  readonly budgetMiB: number | null;
  /** True: the overlap may be wider than the row's where that costs nothing. */
  readonly mayWiden: boolean;
}

/** The windows that waste least of the network's work within the budget. */
export async function advisePatchFor(
  probes: WindowProbes,
  row: ExperimentRow,
  request: ForecastRequest,
  { budgetMiB, mayWiden }: PatchWish,
  progress: Progress = {},
): Promise<WindowAdvice> {
  const ready = await prepare(probes, row, request, progress);
  const { network, rowMiB } = ready;
  await probes.measureLadder(network, ready.limitMiB, progress);
  const measured = await probes.prober.networkProbes(network.use);
  const budget = budgetMiB ?? ready.budgetMiB;
  const { shape, halo } = network.tiling;
  const peakOf = (windows: Parameters<typeof estimateNetwork>[1]): number | null => {
    const estimate = estimateNetwork(measured, windows, 1);
    return estimate && budgetedMiB(ready.needs, rankMemory(rowMiB, estimate, 0), ready.limitMiB);
  };
  const ranks = network.solver.distribute_denoiser ? ready.needs.plan.devices.length : 1;
  const advice = advisePatch(shape, halo, (windows) => (peakOf(windows) ?? Number.POSITIVE_INFINITY) <= budget, { ranks, mayWiden });
  if (advice === null) {
    throw new UserError(`No window fits into ${Math.round(budget)} MiB: the row needs ${Math.round(rowMiB)} MiB without the network.`);
  }
  const { patch, tiling, networkWaste } = advice;
  const now = tilingCost(network.tiling).networkWaste;
  return {
    patch_size: [...patch],
    overlap: [...tiling.halo],
    computedPerVoxel: networkWaste,
    computedPerVoxelNow: now,
    peakMiB: peakOf(tiling) ?? rowMiB,
    budgetMiB: budget,
    reason: `patch_size [${patch.join(', ')}] with overlap [${tiling.halo.join(', ')}]: ${networkWaste.toFixed(2)} voxels computed for each of the volume, the least within ${Math.round(budget)} MiB a worker.`,
  };
}

/** Doubles the batch until the speed stops growing or memory would run out. */
export async function adviseBatch(
  probes: WindowProbes,
  row: ExperimentRow,
  request: ForecastRequest,
  progress: Progress = {},
): Promise<BatchAdvice> {
  const { needs, network, rowMiB, budgetMiB, limitMiB } = await prepare(probes, row, request, progress);
  const windows = { patch: network.tiling.patch, overlap: network.tiling.halo };
  const largest = Math.max(...needs.plan.devices.map((_, rank) => (network.batches[rank] ?? []).reduce((sum, size) => sum + size, 0)));
  const tried: BatchAdvice['tried'] = [];
  const choice = await growBatch(largest, async (batch) => {
    progress.report?.(Math.log2(batch + 1) / Math.log2(largest + 2));
    const known = await probes.prober.networkProbes(network.use);
    const estimate = estimateNetwork(known, network.tiling, batch);
    const needed = (each: NetworkEstimate): number => budgetedMiB(needs, rankMemory(rowMiB, each, 0), limitMiB);
    if (estimate !== null && needed(estimate) > budgetMiB) return null;
    const probe = await probes.probe(network, { ...windows, batch }, limitMiB, progress);
    if (probe === null) return null;
    const neededMiB = needed({ ...probe, basis: 'measured' });
    if (neededMiB > budgetMiB) return null;
    tried.push({ batch, windowsPerSec: batch / probe.seconds, peakMiB: neededMiB });
    return probe.seconds;
  });
  if (choice === null) {
    throw new UserError(
      `Not even one window of patch_size [${windows.patch.join(', ')}] fits into ${Math.round(budgetMiB)} MiB. Use a smaller patch_size, or auto.`,
    );
  }
  return { max_batch_size: choice.batch, reason: choice.reason, tried };
}

async function prepare(probes: WindowProbes, row: ExperimentRow, request: ForecastRequest, progress: Progress): Promise<Ready> {
  const needs = await rowNeeds(row, request);
  if (!needs.network) throw new UserError(`${row.solver.name} has no network, so there is no patch or batch to choose.`);
  const rowProbe = await measuredRow(probes, needs, request, progress);
  const limitMiB = limitOf(request);
  const budgetMiB = workerBudget(needs, request.machine, limitMiB, BUDGET_SHARE);
  return { needs, network: needs.network, rowMiB: besideWindowsMiB(needs, rowProbe), limitMiB, budgetMiB };
}
