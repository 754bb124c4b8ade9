/** Says before a grid starts what each row needs and whether it fits: from probes kept of this machine, and by running those that are missing. */
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { keptVolumes } from '../../engine/plan/diskUse';
import { estimateNetwork, type NetworkProbe, windowShape } from '../../engine/plan/networkEstimate';
import { advisePatch } from '../../engine/tiling/adviser';
import { tilingCost } from '../../engine/tiling/tiles';
import { UserError } from '../../shared/errors';
import { type ExperimentRow, usesNetwork } from '../../shared/experiment';
import type { Forecast, RowForecast } from '../../shared/preflight';
import type { MachineInfo } from '../../shared/workerMessages';
import { Prober, type ProberOptions, type RowProbe, type Windows } from '../coordinator/prober';
import { groupMemory } from '../processes/groupMemory';
import { type Circumstances, type Needed, type NetworkNeeds, predict, type RowNeeds, rankMemory, rowNeeds } from './rowNeeds';

const MIB = 2 ** 20;
/** Probes leave so much of the free memory alone. */
const PROBE_SHARE = 0.6;
/** A batch that would take longer is not run for a prediction, seconds; smaller ones are continued. */
const LONGEST_BATCH_SEC = 20;
/** Windows of usual sizes and shapes, from which those in between are read. */
const LADDER: readonly Windows[] = [
  { batch: 1, patch: [24, 24, 24], overlap: [4, 4, 4] },
  { batch: 2, patch: [24, 48, 48], overlap: [4, 8, 8] },
  { batch: 1, patch: [12, 112, 112], overlap: [2, 8, 8] },
  { batch: 1, patch: [40, 80, 80], overlap: [4, 8, 8] },
  { batch: 1, patch: [12, 240, 240], overlap: [2, 8, 8] },
  { batch: 1, patch: [28, 176, 176], overlap: [2, 8, 8] },
];

export interface ForecastRequest extends Circumstances {
  readonly rows: readonly ExperimentRow[];
  readonly memoryLimitMiB: number | null;
  readonly saveEvery: number;
  readonly workspace: string;
}

/** How far a longer piece of work has come, and how to end it. */
export interface Progress {
  readonly signal?: AbortSignal;
  readonly report?: (fraction: number) => void;
}

interface Known {
  readonly needs: RowNeeds;
  readonly rowProbe: RowProbe | null;
  readonly probes: readonly NetworkProbe[];
  readonly needed: Needed | null;
}

export class Preflight {
  readonly prober: Prober;

  private readonly machine: MachineInfo;

  constructor(options: ProberOptions) {
    this.prober = new Prober(options);
    this.machine = options.machine;
  }

  /** From the probes there are; runs nothing. Rows that cannot be laid out say why among their warnings. */
  async forecast(request: ForecastRequest): Promise<Forecast> {
    const rows: RowForecast[] = [];
    const missing = new Set<string>();
    for (const row of request.rows) {
      try {
        const known = await this.known(row, request);
        if (known.needed === null) missing.add(known.needs.use.subject + JSON.stringify(known.needs.network?.tiling.window ?? null));
        rows.push(this.rowForecast(known, request));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        rows.push(unknownRow(row, request, error.message));
      }
    }
    const { bavail, bsize } = await statfs(request.workspace).catch(() => ({ bavail: 0, bsize: 0 }));
    const isComplete = rows.every(({ prediction }) => prediction !== null);
    return {
      rows,
      missingProbes: missing.size,
      totalSec: isComplete
        ? rows.reduce((sum, { prediction }, index) => sum + (prediction?.total_sec ?? 0) * (request.rows[index]?.n_repetitions ?? 1), 0)
        : null,
      keptBytes: rows.reduce((sum, { keptBytes }) => sum + keptBytes, 0),
      diskFreeBytes: bavail * bsize,
    };
  }

  /**
   * Runs the probes that rows lack: each row's own windows one at a time and in its largest batch that memory and patience allow. Answers why
   * rows could not be measured, each reason once. Rejects when it is cancelled.
   */
  async measure(request: ForecastRequest, progress: Progress = {}): Promise<string[]> {
    const reasons = new Set<string>();
    // Largest batches first: smaller ones of the same windows are then read between them and a single window.
    const rows = [...request.rows].sort((a, b) => batchOf(b) - batchOf(a));
    for (const [index, row] of rows.entries()) {
      progress.report?.(index / rows.length);
      try {
        const needs = await rowNeeds(row, request);
        if ((await this.prober.rowProbe(needs.use)) === null) await this.prober.measureRow(needs.use, progress.signal);
        if (needs.network) await this.measureWindows(needs.network, request.memoryLimitMiB, progress);
      } catch (error) {
        if (!(error instanceof UserError) || progress.signal?.aborted) throw error;
        reasons.add(error.message);
      }
    }
    progress.report?.(1);
    return [...reasons];
  }

  /** Usual windows of the row's network, for windows that nobody has run. */
  async measureLadder(network: NetworkNeeds, limitMiB: number | null, progress: Progress = {}): Promise<void> {
    for (const [index, windows] of LADDER.entries()) {
      progress.report?.(index / LADDER.length);
      await this.measureOnce(network, windows, limitMiB, progress);
    }
  }

  async known(row: ExperimentRow, circumstances: Circumstances): Promise<Known> {
    const needs = await rowNeeds(row, circumstances);
    const rowProbe = await this.prober.rowProbe(needs.use);
    const probes = needs.network ? await this.prober.networkProbes(needs.network.use) : [];
    return { needs, rowProbe, probes, needed: predict(needs, rowProbe, probes) };
  }

  private async measureWindows(network: NetworkNeeds, limitMiB: number | null, progress: Progress): Promise<void> {
    const windows = { patch: network.tiling.patch, overlap: network.tiling.halo };
    await this.measureOnce(network, { ...windows, batch: 1 }, limitMiB, progress);
    const probes = await this.prober.networkProbes(network.use);
    if (probes.some((probe) => probe.batch >= network.largestBatch && isSameProbe(probe, { ...windows, batch: probe.batch }))) return;
    // What does not fit is not tried at its full size; two sizes are needed to continue from.
    for (let batch = network.largestBatch; batch > 1; batch = Math.floor(batch / 2)) {
      if (await this.measureOnce(network, { ...windows, batch }, limitMiB, progress)) return;
    }
    const [smallest] = LADDER;
    if (smallest) await this.measureOnce(network, smallest, limitMiB, progress);
  }

  /** The probe of these windows, run where it is missing; null where memory ran out. */
  async probe(network: NetworkNeeds, windows: Windows, limitMiB: number | null, progress: Progress): Promise<NetworkProbe | null> {
    const probes = await this.prober.networkProbes(network.use);
    const known = probes.find((probe) => isSameProbe(probe, windows));
    return known ?? this.prober.measureNetwork(network.use, windows, limitMiB, progress.signal);
  }

  /** True where the probe is there afterwards; one that memory or patience does not allow is not tried. */
  private async measureOnce(network: NetworkNeeds, windows: Windows, limitMiB: number | null, progress: Progress): Promise<boolean> {
    const probes = await this.prober.networkProbes(network.use);
    const isKnown = probes.some((probe) => isSameProbe(probe, windows));
    const expected = estimateNetwork(probes, windowShape(windows.patch, windows.overlap), windows.batch);
    const single = probes.find((probe) => isSameProbe(probe, { ...windows, batch: 1 }));
    const memoryMiB = expected?.memoryMiB ?? (single?.memoryMiB ?? 0) * windows.batch;
    const seconds = expected?.seconds ?? (single?.seconds ?? 0) * windows.batch;
    const room = PROBE_SHARE * freeOf(network.use.device, this.machine);
    if (!isKnown && (network.use.workers * memoryMiB > room || seconds > LONGEST_BATCH_SEC)) return false;
    return (await this.probe(network, windows, limitMiB, progress)) !== null;
  }

  private rowForecast(known: Known, request: ForecastRequest): RowForecast {
    const { needs, needed } = known;
    const { row, network } = needs;
    const limitMiB = request.memoryLimitMiB ?? groupMemory().limitMiB;
    const devices = deviceNeeds(needs, needed, request);
    const overLimit = limitMiB !== null && (needed?.ranks.some(({ reservedMiB }) => reservedMiB > limitMiB) ?? false);
    const fits =
      needed === null ? null : !overLimit && devices.every(({ neededMiB, freeMiB }) => neededMiB === null || neededMiB <= freeMiB);
    return {
      row: row.index,
      prediction: needed?.prediction ?? null,
      chosen: null,
      devices,
      limitMiB,
      fits,
      remedy: fits === false ? this.remedy(known, request, limitMiB) : null,
      computedPerVoxel: network ? tilingCost(network.tiling).networkWaste : null,
      keptBytes: keptBytes(row, request),
      warnings:
        needed?.prediction.basis === 'extrapolated'
          ? ['Larger than what was measured: the figures are continued from smaller batches.']
          : [],
    };
  }

  /** The largest batch that fits, else the windows that waste least among those that do. */
  private remedy({ needs, rowProbe, probes }: Known, request: ForecastRequest, limitMiB: number | null): RowForecast['remedy'] {
    const { network } = needs;
    if (!network || rowProbe === null) return null;
    const budgetMiB = workerBudget(needs, request, limitMiB);
    const rowMiB = Math.max(...rowProbe.ranksMiB);
    const fitsAt = (windows: Parameters<typeof estimateNetwork>[1], batch: number): boolean => {
      const estimate = estimateNetwork(probes, windows, batch);
      if (estimate === null) return false;
      const { peakMiB, reservedMiB } = rankMemory(rowMiB, estimate, 0);
      return (limitMiB === null ? peakMiB : Math.max(peakMiB, reservedMiB)) <= budgetMiB;
    };
    let batch = network.largestBatch;
    while (batch > 0 && !fitsAt(network.tiling, batch)) batch = Math.floor(batch / 2);
    if (batch > 0) {
      return { max_batch_size: batch, patch_size: null, overlap: null, sentence: `It would fit with max_batch_size: ${batch}.` };
    }
    const { shape, halo } = network.tiling;
    const advice = advisePatch(shape, halo, (windows) => fitsAt(windows, 1));
    if (advice === null) return null;
    const patch = [...advice.patch] as [number, number, number];
    const sentence = `It would fit with patch_size: [${patch.join(',')}] and max_batch_size: 1.`;
    return { max_batch_size: 1, patch_size: patch, overlap: null, sentence };
  }
}

/** MiB that one worker of the row may take. */
export function workerBudget(needs: RowNeeds, request: Circumstances, limitMiB: number | null): number {
  const sharing = Math.max(1, needs.plan.devices.filter((device) => device === needs.plan.devices[0]).length);
  const freeMiB = (freeOf(needs.plan.devices[0] ?? 'cpu', request.machine) + (sharing - 1) * needs.volumeMiB) / sharing;
  return Math.min(freeMiB, limitMiB ?? Number.POSITIVE_INFINITY);
}

/** Memory of the row on each device against what it has. The iterate, which every rank reads, counts once. */
function deviceNeeds({ plan, volumeMiB }: RowNeeds, needed: Needed | null, request: Circumstances): RowForecast['devices'] {
  const ofRank = (rank: number, device: string): number =>
    (device === 'cpu' ? needed?.ranks[rank]?.peakMiB : needed?.ranks[rank]?.deviceMiB) ?? 0;
  return [...new Set(plan.devices)].map((device) => {
    const ranks = [...plan.devices.keys()].filter((rank) => plan.devices[rank] === device);
    const sum = ranks.reduce((total, rank) => total + ofRank(rank, device), 0);
    const once = device === 'cpu' ? (ranks.length - 1) * volumeMiB : 0;
    return { device, ranks, neededMiB: needed === null ? null : sum - once, freeMiB: freeOf(device, request.machine) };
  });
}

/** Free memory of a device, MiB; of a GPU all of it, because asking what is free would take some of it. */
function freeOf(device: string, machine: MachineInfo): number {
  const index = /^cuda:(\d+)$/.exec(device)?.[1];
  if (index !== undefined) return machine.cuda.find((gpu) => gpu.index === Number(index))?.totalMiB ?? 0;
  return Math.min(freemem() / MIB, groupMemory().freeMiB ?? Number.POSITIVE_INFINITY);
}

function keptBytes(row: ExperimentRow, { scan, saveEvery }: ForecastRequest): number {
  const [depth, height, width] = scan.geometry.volumeShape;
  return keptVolumes([row], saveEvery) * 4 * depth * height * width;
}

function unknownRow(row: ExperimentRow, request: ForecastRequest, reason: string): RowForecast {
  return {
    row: row.index,
    prediction: null,
    chosen: null,
    devices: [],
    limitMiB: null,
    fits: null,
    remedy: null,
    computedPerVoxel: null,
    keptBytes: keptBytes(row, request),
    warnings: [reason],
  };
}

/** 0, all patches in one batch, is the largest. */
function batchOf({ solver }: ExperimentRow): number {
  if (!usesNetwork(solver)) return 1;
  return solver.max_batch_size === 0 ? Number.MAX_SAFE_INTEGER : solver.max_batch_size;
}

function isSameProbe(probe: Windows, { batch, patch, overlap }: Windows): boolean {
  return probe.batch === batch && String(probe.patch) === String(patch) && String(probe.overlap) === String(overlap);
}
