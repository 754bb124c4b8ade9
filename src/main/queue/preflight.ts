/** Says before a grid starts what each row needs and whether it fits: from probes kept of this machine, and by running those that are missing. */
import { statfs } from 'node:fs/promises';
import { keptVolumes } from '../../engine/plan/diskUse';
import { estimateNetwork, type NetworkProbe } from '../../engine/plan/networkEstimate';
import { advisePatch } from '../../engine/tiling/adviser';
import { tilingCost } from '../../engine/tiling/tiles';
import { UserError } from '../../shared/errors';
import { type ExperimentRow, usesNetwork, windowsOf } from '../../shared/experiment';
import type { BatchAdvice, Forecast, PatchAdvice, RowForecast } from '../../shared/preflight';
import type { MachineInfo } from '../../shared/workerMessages';
import { type ProberOptions, type Progress, type RowProbe, rowShortageText } from '../coordinator/prober';
import { adviseBatch, advisePatchFor } from './advise';
import { compareWindows } from './compareWindows';
import { volumeBytes } from './diskRoom';
import { budgetedMiB, countedTwiceMiB, freeOf, workerBudget } from './freeMemory';
import { isTooLarge, limitOf, measuredRow } from './measuredRow';
import {
  besideWindowsMiB,
  type Circumstances,
  type ForecastRequest,
  type Needed,
  predict,
  type RowNeeds,
  rankMemory,
  rowNeeds,
} from './rowNeeds';
import { anyAuto, type EarlierChoice, type SettledRow, settleRows } from './settleRows';
import { WindowProbes } from './windowProbes';

interface Known {
  readonly needs: RowNeeds;
  readonly rowProbe: RowProbe | null;
  /** A limit within which a probe of the row ran out of memory, MiB. */
  readonly shortageMiB: number | null;
  readonly probes: readonly NetworkProbe[];
  readonly needed: Needed | null;
}

export class Preflight {
  private readonly windows: WindowProbes;
  /** What auto stood for, by the row that has it, since it was last measured. */
  private readonly settled = new Map<string, SettledRow>();

  private readonly machine: MachineInfo;

  constructor(options: ProberOptions) {
    this.windows = new WindowProbes(options);
    this.machine = options.machine;
  }

  /** Windows that waste least within `budgetMiB` a worker, and how far from the row's own they end. */
  async advisePatch(row: ExperimentRow, request: ForecastRequest, budgetMiB: number | null, progress: Progress = {}): Promise<PatchAdvice> {
    const half = (from: number): Progress => ({ ...progress, report: (fraction) => progress.report?.(from + fraction / 2) });
    const advice = await advisePatchFor(this.windows, row, request, { budgetMiB, mayWiden: true }, half(0));
    return { ...advice, ...(await compareWindows(this.windows, row, advice, request, half(0.5))) };
  }

  adviseBatch(row: ExperimentRow, request: ForecastRequest, progress: Progress = {}): Promise<BatchAdvice> {
    return adviseBatch(this.windows, row, request, progress);
  }

  /** Numbers in place of auto; as in `earlier` runs where one is of the same row. */
  settleRows(request: ForecastRequest, progress: Progress = {}, earlier: readonly EarlierChoice[] = []): Promise<SettledRow[]> {
    return settleRows(this.windows, request, progress, earlier);
  }

  /** From the probes there are; runs nothing. Rows that cannot be laid out say why among their warnings. */
  async forecast(request: ForecastRequest): Promise<Forecast> {
    const rows: RowForecast[] = [];
    const missing = new Set<string>();
    for (const asWritten of request.rows) {
      const settled = this.settled.get(settledKey(asWritten, request));
      const row = settled?.row ?? asWritten;
      if (anyAuto([row])) {
        missing.add(settledKey(row, request));
        rows.push(unknownRow(row, request, 'auto is chosen when the row is measured or started.'));
        continue;
      }
      try {
        const known = await this.known(row, request);
        if (known.needed === null && !isTooLarge(known.shortageMiB, limitOf(request)))
          missing.add(known.needs.use.subject + JSON.stringify(known.needs.network?.tiling.window ?? null));
        rows.push({ ...this.rowForecast(known, request), chosen: settled?.chosen ?? null });
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
      saveEvery: request.saveEvery,
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
    const written: ExperimentRow[] = [];
    for (const row of request.rows) {
      if (!anyAuto([row])) {
        written.push(row);
        continue;
      }
      try {
        written.push(await this.settle(row, request, progress));
      } catch (error) {
        if (!(error instanceof UserError) || progress.signal?.aborted) throw error;
        reasons.add(error.message);
      }
    }
    const rows = written.sort((a, b) => batchOf(b) - batchOf(a));
    for (const [index, row] of rows.entries()) {
      progress.report?.(index / rows.length);
      try {
        const needs = await rowNeeds(row, request);
        await measuredRow(this.windows, needs, request, progress);
        if (needs.network) await this.windows.measureWindows(needs.network, limitOf(request), progress);
      } catch (error) {
        if (!(error instanceof UserError) || progress.signal?.aborted) throw error;
        reasons.add(error.message);
      }
    }
    progress.report?.(1);
    return [...reasons];
  }

  async known(row: ExperimentRow, circumstances: Circumstances): Promise<Known> {
    const needs = await rowNeeds(row, circumstances);
    const rowProbe = await this.windows.prober.rowProbe(needs.use);
    const probes = needs.network ? await this.windows.prober.networkProbes(needs.network.use) : [];
    const shortageMiB = rowProbe === null ? await this.windows.prober.rowShortageMiB(needs.use) : null;
    return { needs, rowProbe, shortageMiB, probes, needed: predict(needs, rowProbe, probes) };
  }

  /** The row with numbers in place of auto, remembered for the next forecast. */
  private async settle(row: ExperimentRow, request: ForecastRequest, progress: Progress): Promise<ExperimentRow> {
    const key = settledKey(row, request);
    const [settled] = this.settled.has(key)
      ? [this.settled.get(key)]
      : await settleRows(this.windows, { ...request, rows: [row] }, progress);
    if (settled) this.settled.set(key, settled);
    return settled?.row ?? row;
  }

  private rowForecast(known: Known, request: ForecastRequest): RowForecast {
    const { needs, needed } = known;
    const { row, network } = needs;
    const limitMiB = limitOf(request);
    const isShort = isTooLarge(known.shortageMiB, limitMiB);
    const devices = deviceNeeds(needs, needed, request);
    const overLimit = limitMiB !== null && (needed?.ranks.some(({ reservedMiB }) => reservedMiB > limitMiB) ?? false);
    const isMeasuredToFit =
      needed === null ? null : !overLimit && devices.every(({ neededMiB, freeMiB }) => neededMiB === null || neededMiB <= freeMiB);
    const fits = isShort ? false : isMeasuredToFit;
    return {
      row: row.index,
      prediction: needed?.prediction ?? null,
      chosen: null,
      devices,
      limitMiB,
      fits,
      remedy: fits === false ? this.remedy(known, limitMiB) : null,
      computedPerVoxel: network ? tilingCost(network.tiling).networkWaste : null,
      keptBytes: keptBytes(row, request),
      warnings: [
        ...(isShort && limitMiB !== null ? [rowShortageText(row, limitMiB)] : []),
        ...(needed?.prediction.basis === 'extrapolated'
          ? ['Larger than what was measured: the figures are continued from smaller batches.']
          : []),
      ],
    };
  }

  /** The largest batch that fits, else the windows that waste least among those that do. */
  private remedy({ needs, rowProbe, probes }: Known, limitMiB: number | null): RowForecast['remedy'] {
    const { network } = needs;
    if (!network || rowProbe === null) return null;
    const budgetMiB = workerBudget(needs, this.machine, limitMiB);
    const rowMiB = besideWindowsMiB(needs, rowProbe);
    const fitsAt = (windows: Parameters<typeof estimateNetwork>[1], batch: number): boolean => {
      const estimate = estimateNetwork(probes, windows, batch);
      return estimate !== null && budgetedMiB(needs, rankMemory(rowMiB, estimate, 0), limitMiB) <= budgetMiB;
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

/** Memory of the row on each device against what it has; shared volumes count once. */
function deviceNeeds(needs: RowNeeds, needed: Needed | null, request: Circumstances): RowForecast['devices'] {
  const { plan } = needs;
  const ofRank = (rank: number, device: string): number =>
    (device === 'cpu' ? needed?.ranks[rank]?.peakMiB : needed?.ranks[rank]?.deviceMiB) ?? 0;
  return [...new Set(plan.devices)].map((device) => {
    const ranks = [...plan.devices.keys()].filter((rank) => plan.devices[rank] === device);
    const sum = ranks.reduce((total, rank) => total + ofRank(rank, device), 0);
    const once = device === 'cpu' ? countedTwiceMiB(needs, ranks.length) : 0;
    return { device, ranks, neededMiB: needed === null ? null : sum - once, freeMiB: freeOf(device, request.machine) };
  });
}

function keptBytes(row: ExperimentRow, { scan, saveEvery }: ForecastRequest): number {
  return keptVolumes([row], saveEvery) * volumeBytes(scan);
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

/** Who asks for something else, or elsewhere, gets another choice. */
function settledKey({ solver, dataset }: ExperimentRow, { dataPath, memoryLimitMiB, devices, modelPath }: ForecastRequest): string {
  return JSON.stringify([solver, dataset, dataPath, memoryLimitMiB, devices, modelPath]);
}

/** 0, all patches in one batch, is the largest. */
function batchOf({ solver }: ExperimentRow): number {
  if (!usesNetwork(solver)) return 1;
  const { max_batch_size } = windowsOf(solver);
  return max_batch_size === 0 ? Number.MAX_SAFE_INTEGER : max_batch_size;
}
