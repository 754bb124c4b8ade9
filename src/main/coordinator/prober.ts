/** Measures what a network's windows and a row's other parts cost on this machine, each once in fresh processes, and remembers it in the store. */
import type { NetworkProbe } from '../../engine/plan/networkEstimate';
import { UserError } from '../../shared/errors';
import { type ExperimentRow, type NetworkParameters, usesNetwork } from '../../shared/experiment';
import type { Iteration } from '../../shared/runs';
import type {
  DeviceMethods,
  MachineInfo,
  NetworkProbeAnswer,
  NetworkProbeJob,
  ProbeRecord,
  RowProbeRecord,
  StoreMethods,
} from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import { type WorkerCalls, WorkerClient } from '../processes/workerClient';
import { executeRow, RowControl } from './executeRow';
import type { RankPlan } from './rowPlan';

export type RowProbe = RowProbeRecord['result'];

export interface ProberOptions {
  readonly launcher: Launcher;
  readonly store: WorkerCalls<StoreMethods>;
  readonly machine: MachineInfo;
  readonly appVersion: string;
}

/** How far a longer piece of work has come, and how to end it. */
export interface Progress {
  readonly signal?: AbortSignal | undefined;
  readonly report?: (fraction: number) => void;
}

/** A network as the ranks of a row run it. */
export interface NetworkUse {
  readonly model: { readonly path: string; readonly hash: string };
  readonly device: string;
  readonly threads: number;
  /** Ranks that run it at the same time. */
  readonly workers: number;
  readonly solver: Pick<NetworkParameters, 'provider' | 'precision' | 'denoiser_sigma'>;
}

/** A row's other parts: all but the network. */
export interface RowUse {
  readonly row: ExperimentRow;
  readonly plan: RankPlan;
  readonly dataPath: string;
  readonly voxelSizeMm: number | null;
  readonly volumeMiB: number;
  /** Digest of all that its memory and time depend on. */
  readonly subject: string;
}

export type Windows = Pick<NetworkProbeJob, 'batch' | 'patch' | 'overlap'>;

/** Iterations of a row probe; the first touches memory for the first time and its time does not count. Quick ones show what garbage gathers. */
const ROW_ITERATIONS = { small: 6, large: 3 };
/** Up to here everything is quick, and what a process needs besides its volumes counts. */
const SMALL_VOLUME_MIB = 32;

export class Prober {
  private readonly lists = new Map<string, Promise<ProbeRecord[]>>();

  constructor(private readonly options: ProberOptions) {}

  async networkProbes(use: NetworkUse): Promise<NetworkProbe[]> {
    const found = await this.list('network', networkCircumstances(use), use.model.hash);
    return found.flatMap((probe) => (probe.kind === 'network' ? [probe.result] : []));
  }

  async rowProbe(use: RowUse): Promise<RowProbe | null> {
    const found = await this.list('row', rowCircumstances(use.plan), use.subject);
    return found.flatMap((probe) => (probe.kind === 'row' && 'ranksMiB' in probe.result ? [probe.result] : []))[0] ?? null;
  }

  /** The largest limit, MiB, within which the row is known not to fit even without its network; null: none. */
  async rowShortageMiB(use: RowUse): Promise<number | null> {
    const found = await this.list('row', rowCircumstances(use.plan), use.subject);
    const limits = found.flatMap((probe) => (probe.kind === 'row' && 'limitMiB' in probe.result ? [probe.result.limitMiB] : []));
    return limits.length === 0 ? null : Math.max(...limits);
  }

  /**
   * Runs a batch on as many workers at once as the row has, each held to `limitMiB`; the mean of their seconds and the highest of their memory is
   * kept. null where memory ran out, which is not kept: it may be free later.
   */
  async measureNetwork(use: NetworkUse, windows: Windows, limitMiB: number | null, signal?: AbortSignal): Promise<NetworkProbe | null> {
    const { model, device, threads, solver } = use;
    const { provider, precision } = solver;
    const job: NetworkProbeJob = { ...windows, modelPath: model.path, device, threads, provider, precision, sigma: solver.denoiser_sigma };
    const clients = Array.from({ length: use.workers }, (_, rank) => this.client(`Probe ${rank}`));
    const stop = (): void => {
      for (const client of clients) void client.kill();
    };
    signal?.addEventListener('abort', stop);
    try {
      signal?.throwIfAborted();
      const answers = await Promise.all(
        clients.map(async (client) => {
          if (limitMiB !== null) await client.call('limitMemory', { mebibytes: limitMiB });
          return client.call('probeNetwork', job);
        }),
      );
      const [first] = answers;
      if (first === undefined) throw new RangeError('A probe needs a worker.');
      const highest = (value: (answer: NetworkProbeAnswer) => number): number => Math.max(...answers.map(value));
      const result: NetworkProbe = {
        ...first,
        ...windows,
        memoryMiB: highest(({ memoryMiB }) => memoryMiB),
        reservedMiB: highest(({ reservedMiB }) => reservedMiB),
        deviceMiB: highest(({ deviceMiB }) => deviceMiB),
        seconds: answers.reduce((sum, { seconds }) => sum + seconds, 0) / answers.length,
      };
      await this.keep({ ...this.identity(networkCircumstances(use), model.hash), kind: 'network', size: sizeText(windows), result });
      return result;
    } catch (error) {
      if (error instanceof UserError && error.code === 'out_of_memory') return null;
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      await Promise.all(clients.map((client) => client.close()));
    }
  }

  /**
   * Runs a few iterations of the row with its network left out, each worker held to `limitMiB`. Rejects as the row itself would; that it does not fit
   * into the limit is kept.
   */
  async measureRow(use: RowUse, limitMiB: number | null, signal?: AbortSignal): Promise<RowProbe> {
    const identity = this.identity(rowCircumstances(use.plan), use.subject);
    try {
      const result = summary(await this.firstIterations(use, shortened(use), { modelPath: null, limitMiB }, { signal }));
      await this.keep({ ...identity, kind: 'row', size: use.row.solver.name, result });
      return result;
    } catch (error) {
      if (limitMiB === null || !(error instanceof UserError) || error.code !== 'out_of_memory') throw error;
      await this.keep({ ...identity, kind: 'row', size: `${limitMiB} MiB`, result: { limitMiB } });
      throw new UserError(rowShortageText(use.row, limitMiB), 'out_of_memory', error.details ?? error.message);
    }
  }

  /** Runs `row`, which is `use`'s with other numbers, and keeps nothing. Without a model its network is left out. Rejects as the row itself would. */
  async firstIterations(
    use: RowUse,
    row: ExperimentRow,
    { modelPath, limitMiB }: { readonly modelPath: string | null; readonly limitMiB: number | null },
    { signal, report }: Progress,
  ): Promise<Iteration[]> {
    const control = new RowControl();
    const stop = (): void => control.cancel();
    signal?.addEventListener('abort', stop);
    const iterations: Iteration[] = [];
    try {
      signal?.throwIfAborted();
      await executeRow(
        this.options.launcher,
        {
          row,
          plan: use.plan,
          dataPath: use.dataPath,
          voxelSizeMm: use.voxelSizeMm,
          modelPath,
          memoryLimitMiB: limitMiB,
          keepAs: () => null,
          keepMemoryAs: null,
          from: null,
        },
        control,
        {
          prepared: async () => {},
          started: async () => {},
          iteration: async (iteration) => {
            iterations.push(iteration);
            report?.(iteration.iteration / row.max_runs);
          },
          progress: () => {},
          log: () => {},
          timed: async () => {},
          stepEnded: () => {},
        },
      );
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return iterations;
  }

  private client(name: string): WorkerClient<DeviceMethods> {
    return new WorkerClient<DeviceMethods>(this.options.launcher('deviceMain', name), name);
  }

  private identity(circumstances: string, subject: string): Pick<ProbeRecord, 'circumstances' | 'subject' | 'version'> {
    const { machine, appVersion } = this.options;
    const { native_api: addon = 'unknown', onnxruntime = 'unknown' } = machine.versions;
    // Another processor, addon or runtime measures anew.
    const version = `${appVersion}, addon ${addon} (${machine.simd}), ONNX Runtime ${onnxruntime}, ${machine.cpuName}`;
    return { circumstances, subject, version };
  }

  private list(kind: ProbeRecord['kind'], circumstances: string, subject: string): Promise<ProbeRecord[]> {
    const wanted = { kind, ...this.identity(circumstances, subject) };
    const key = JSON.stringify(wanted);
    const known = this.lists.get(key) ?? this.options.store.call('listProbes', wanted);
    this.lists.set(key, known);
    known.catch(() => this.lists.delete(key));
    return known;
  }

  private async keep(probe: ProbeRecord): Promise<void> {
    await this.options.store.call('addProbe', { probe });
    this.lists.clear();
  }
}

/** One sentence on a row whose probe ran out of memory. */
export function rowShortageText({ index, solver }: Pick<ExperimentRow, 'index' | 'solver'>, limitMiB: number): string {
  const part = usesNetwork(solver) ? ', even without its network' : '';
  return `Row ${index} (${solver.name}) does not fit into ${Math.round(limitMiB)} MiB a worker${part}. Give the workers more memory, or use more of them.`;
}

function networkCircumstances({ device, threads, workers, solver }: NetworkUse): string {
  return `${device}, ${threads} threads, ${workers} workers, ${solver.provider}, ${solver.precision}`;
}

function rowCircumstances({ devices, threadsPerRank }: RankPlan): string {
  return `${devices.join(' ')}, ${threadsPerRank} threads`;
}

function sizeText({ batch, patch, overlap }: Windows): string {
  return `${batch} x [${patch.join(',')}] + [${overlap.join(',')}]`;
}

/** As few iterations as tell time and memory; PnP on large volumes without its search for the norm, which costs more than all of them. */
function shortened({ row, volumeMiB }: RowUse): ExperimentRow {
  const { solver } = row;
  const isSmall = volumeMiB <= SMALL_VOLUME_MIB;
  const max_runs = Math.min(row.max_runs, isSmall ? ROW_ITERATIONS.small : ROW_ITERATIONS.large);
  if (isSmall || solver.name !== 'PnP') return { ...row, max_runs };
  return { ...row, max_runs, solver: { ...solver, step_size: solver.step_size ?? Number.MIN_VALUE } };
}

/** The quickest iteration counts: what disturbs one makes it longer. */
function summary(iterations: readonly Iteration[]): RowProbe {
  const done = iterations.filter(({ iteration }) => iteration > 0);
  const counted = done.length > 1 ? done.slice(1) : done;
  const fastest = counted.reduce<Iteration | null>(
    (best, each) => (best === null || each.iteration_time_sec < best.iteration_time_sec ? each : best),
    null,
  );
  const slowestRank = (pick: (rank: Iteration['ranks'][number]) => number): number => Math.max(0, ...(fastest?.ranks.map(pick) ?? []));
  const ranks = iterations.at(-1)?.ranks ?? [];
  return {
    ranksMiB: ranks.map((_, rank) =>
      Math.max(...iterations.map((each) => ((each.ranks[rank]?.gpu_memory_max_allocated_mb ?? 0) * 1e6) / 2 ** 20)),
    ),
    seconds: fastest?.iteration_time_sec ?? 0,
    gradientSeconds: slowestRank(({ gradient_time_sec }) => gradient_time_sec),
    denoiseSeconds: slowestRank(({ denoise_time_sec }) => denoise_time_sec),
  };
}

/** What of a row its other parts depend on: everything but the network and the numbers that cost nothing. */
export function rowSubjectText(row: ExperimentRow, geometry: unknown): string {
  const { dataset, solver } = row;
  const { name, distribute_physics, ...rest } = solver;
  const ownCost = usesNetwork(solver) ? {} : rest;
  return JSON.stringify({
    geometry,
    operators: dataset.num_operators,
    projections: dataset.num_projections,
    type: dataset.geometry_type,
    measured: dataset.use_dataset_sinogram,
    name,
    distribute_physics,
    start: 'init_method' in solver ? solver.init_method : null,
    inner: solver.name === 'PnP-fast' ? solver.data_iterations : null,
    norm: solver.name === 'PnP' ? solver.norm_strategy : null,
    ownCost,
  });
}
