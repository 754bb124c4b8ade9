/** The messages between the program and its worker processes: one request, one reply, notifications without reply, and a goodbye. */
import type { DataSummary, Histogram, Plan, ScanGeometryNumbers, VolumeInfo } from './contract';
import type { ErrorMessage } from './errors';
import type { DatasetParameters, ExperimentRow, Precision, ProviderChoice } from './experiment';
import type { QualityReport } from './quality';
import type { ExperimentRecord, Iteration, ResumeRecord, Run, RunDetail, RunStatus, Telemetry } from './runs';

/** Program to worker. */
export type WorkerRequest =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly argument: unknown }
  /** Answered at once, whatever else is being done. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'leave' };
/** Worker to program. A worker that ends without `goodbye` has crashed, whatever its exit code says. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorMessage }
  | { readonly kind: 'notice'; readonly name: string; readonly payload: unknown }
  | { readonly kind: 'pong' }
  | { readonly kind: 'goodbye' };

/** What a table of methods looks like: method -> [argument, answer]. Used as `M extends MethodMap<M>`, so that only declared names can be called. */
export type MethodMap<M> = { [N in keyof M]: readonly [argument: unknown, answer: unknown] };

// ---------------------------------------------------------------- store: the one writer of the database

export interface NewRun {
  readonly id: string;
  readonly key: string;
  readonly label: string;
  readonly row: ExperimentRow;
  readonly repetition: number;
  /** The run out of memory that this one repeats. */
  readonly retryOf?: string;
}
/** Columns of a run that change while it lives. */
export type RunPatch = Partial<
  Pick<
    Run,
    | 'status'
    | 'stop_reason'
    | 'error'
    | 'started_at'
    | 'finished_at'
    | 'setup_time_sec'
    | 'initial_psnr'
    | 'lipschitz'
    | 'step_size'
    | 'provenance'
    | 'voxel_size_mm'
    | 'peak_memory_mb'
    | 'key'
    | 'chosen'
    | 'prediction'
    | 'memory_failure'
    | 'annotation'
  >
>;

/** One measurement of this machine, made once and kept. */
interface ProbeIdentity {
  /** Device, threads of a worker, workers at a time, provider and precision. */
  readonly circumstances: string;
  /** SHA-256 of the model, or the digest of what the row's other parts depend on. */
  readonly subject: string;
  readonly version: string;
  /** network: batch, patch and overlap; row: the solver's name. */
  readonly size: string;
}
/** One window and batch of a model. */
export interface NetworkProbeRecord extends ProbeIdentity {
  readonly kind: 'network';
  readonly result: Pick<NetworkProbeJob, 'batch' | 'patch' | 'overlap'> & NetworkProbeAnswer;
}
/** Everything of a row but the network. */
export interface RowProbeRecord extends ProbeIdentity {
  readonly kind: 'row';
  readonly result: {
    /** Highest resident memory of each rank, MiB. */
    readonly ranksMiB: readonly number[];
    /** Of an iteration, of its gradient step, and of what the denoise step does beside the network. */
    readonly seconds: number;
    readonly gradientSeconds: number;
    readonly denoiseSeconds: number;
  };
}
/** A row that ran out of memory without its network; `size` is the limit. */
export interface RowShortageRecord extends ProbeIdentity {
  readonly kind: 'row';
  /** What each worker was held to, MiB. */
  readonly result: { readonly limitMiB: number };
}
export type ProbeRecord = NetworkProbeRecord | RowProbeRecord | RowShortageRecord;

/** Where a run goes on; files relative to the workspace. */
export interface ReopenedFrom extends ResumeRecord {
  readonly timeSec: number;
  readonly iterateFile: string;
}

export interface StoreMethods {
  /**
   * Opens (creates, migrates) WORKSPACE/tomobench.sqlite; runs left `running` by a program that died become `failed` with a sentence; answers
   * their ids. `owner` is a token of the calling program, the same each time it opens: runs of a living program are never touched by another.
   */
  open: [{ workspace: string; owner: string }, { interruptedRunIds: string[]; schemaVersion: number }];
  createExperiment: [{ experiment: ExperimentRecord; runs: NewRun[] }, Run[]];
  updateRun: [{ id: string; patch: RunPatch }, Run];
  /**
   * Adds the iteration, and updates iterations_done, psnr, ssim, mse, time_sec, peak_memory_mb of the run in the same transaction. `resume`:
   * what the solver needs to go on from this iterate, in place of what was kept before.
   */
  addIteration: [{ runId: string; iteration: Iteration; resume?: ResumeRecord | null }, Run];
  /**
   * Queues ended runs again that did not reach their max_runs, as runs of the calling program: iterations after the last one that can be
   * gone on from are taken out of the record. Answers for each run, in order, where it goes on; null: from the start, as all do with `fromStart`.
   */
  reopenRuns: [{ ids: string[]; fromStart: boolean }, { run: Run; from: ReopenedFrom | null }[]];
  addLog: [{ runId: string; lines: string[] }, null];
  addTelemetry: [{ runId: string; block: Telemetry }, null];
  getTelemetry: [{ id: string }, Telemetry];
  /** Replaces the probe of the same kind, circumstances, subject, version and size. */
  addProbe: [{ probe: ProbeRecord }, null];
  listProbes: [Pick<ProbeRecord, 'kind' | 'circumstances' | 'subject' | 'version'>, ProbeRecord[]];
  listRuns: [{ status?: RunStatus[] }, Run[]];
  /** Runs of the same row, data, model and version, whatever became of them. */
  findByKey: [{ keys: string[] }, Run[]];
  getRun: [{ id: string }, RunDetail];
  getExperiment: [{ id: string }, ExperimentRecord];
  /** Removes records; answers the relative folders of kept iterates so that the caller may delete them. */
  removeRuns: [{ ids: string[] }, { folders: string[] }];
  /** Experiments whose data was at `from` have it at `to` from now on. */
  moveData: [{ from: string; to: string }, null];
  getSetting: [{ name: string }, unknown];
  setSetting: [{ name: string; value: unknown }, null];
}

// ---------------------------------------------------------------- data: opens files and cuts slices for the window

/** A volume the data worker can reach by itself. */
export type VolumeSource =
  | { readonly kind: 'npy'; readonly path: string; readonly voxelSizeMm: number; readonly title: string }
  | { readonly kind: 'scan'; readonly path: string; readonly array: 'reference' | 'sinogram' };

export interface ArrayFileSummary {
  readonly kind: string;
  readonly bytes: number;
  readonly arrays: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  readonly scalars: Readonly<Record<string, number | string | boolean | null>>;
  readonly problems: readonly string[];
}

/** What one process has used since it began. */
export interface ProcessReading {
  readonly residentMiB: number;
  readonly cpuSeconds: number;
  readonly diskReadMiB: number;
  readonly diskWrittenMiB: number;
}
/** What a GPU is doing; null where it does not tell. */
export interface GpuUse {
  readonly usedMiB: number | null;
  readonly utilisationPercent: number | null;
  readonly powerWatt: number | null;
  readonly temperatureCelsius: number | null;
}

export interface DataMethods {
  /** For the telemetry of runs, whose workers are too busy to ask themselves. Processes in the order asked for, null where there is none. */
  readUsage: [
    { pids: readonly (number | null)[]; gpus: boolean },
    /** machineCpuSeconds: of all processes of the machine since it started. */
    { processes: readonly (ProcessReading | null)[]; gpus: readonly GpuUse[]; machineCpuSeconds: number },
  ];
  inspect: [{ path: string; voxelSizeMm: number | null }, DataSummary];
  /** The arrays and numbers of a file that need not be a scan: .npy, .pt, .pth. Reads no array. */
  describeArrays: [{ path: string }, ArrayFileSummary];
  /** SHA-256 of all a scan is made of, at once where it is known already. A task like saveVolume. */
  contentHash: [{ path: string; task: string }, { sha256: string }];
  /** The grid as the editor shows it (engine/plan/planRows). */
  planRows: [{ text: string; volumeShape: readonly [number, number, number] | null }, Plan];
  volumeInfo: [{ source: VolumeSource }, VolumeInfo];
  /** float32, C order; axis 0 (H,W), 1 (D,W), 2 (D,H). */
  slice: [{ source: VolumeSource; axis: 0 | 1 | 2; index: number }, { rows: number; columns: number; bytes: Uint8Array }];
  brick: [{ source: VolumeSource; max: number }, { shape: [number, number, number]; factor: number; bytes: Uint8Array }];
  histogram: [{ source: VolumeSource; bins: number }, Histogram];
  /** How a scan was taken, for the picture of it. Rejects for what is no scan. */
  scanGeometry: [{ source: VolumeSource }, ScanGeometryNumbers];
  /** Writes a volume in the format `out` asks for (volumeFormatOf). Long: tells its progress under `task`, and ends early by cancelTask. */
  saveVolume: [{ source: VolumeSource; out: string; task: string }, { bytes: number }];
  cancelTask: [{ task: string }, null];
  /** Writes the geometry of a scan as .xml (RTK), .txt or .npy (vectors); with its corrections, in their text form. */
  saveGeometry: [
    { path: string; voxelSizeMm: number | null; corrections: string | null; out: string },
    { views: number; notes: readonly string[] },
  ];
  close: [{ path: string }, null];
}

/** Notices of the data worker. */
export interface DataNotices {
  /** How far a long request has come, from 0 to 1. */
  task: { task: string; fraction: number };
}

// ---------------------------------------------------------------- device: one rank of a row

/** What one call cost on one rank. */
export interface CallUsage {
  readonly seconds: number;
}
export interface RankMemory {
  readonly allocated_mb: number;
  readonly reserved_mb: number;
  readonly delta_mb: number;
  readonly peak_mb: number;
  readonly device_peak_mb: number;
  readonly device_available_mb: number;
}

export interface PrepareArgument {
  readonly rank: number;
  readonly ranks: number;
  /** cpu or cuda:N. */
  readonly device: string;
  readonly threads: number;
  readonly dataPath: string;
  /** --voxel-size or the configuration's, mm. */
  readonly voxelSizeMm: number | null;
  readonly dataset: DatasetParameters;
  readonly distributePhysics: boolean;
  /** Projections the solver keeps, besides the measurements. */
  readonly projections: readonly string[];
  /** null for solvers without a network. */
  readonly network: {
    readonly modelPath: string;
    readonly patchSize: readonly [number, number, number];
    readonly overlap: readonly [number, number, number];
    readonly maxBatchSize: number;
    readonly provider: ProviderChoice;
    readonly precision: Precision;
    readonly distribute: boolean;
  } | null;
}
export interface PrepareAnswer {
  readonly volumeShape: readonly [number, number, number];
  readonly voxelSizeMm: number;
  readonly operators: number;
  readonly views: number;
  readonly hasReference: boolean;
  /** Where the network runs and in which precision; null without a network. */
  readonly provider: string | null;
  readonly precision: Precision | null;
  readonly patches: number;
  readonly ownPatches: number;
  readonly ownBatches: number;
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}
/** What a machine offers; memory in MiB. */
export interface MachineInfo {
  readonly cpuName: string;
  readonly logicalCores: number;
  readonly simd: string;
  readonly memoryMiB: number;
  readonly freeMiB: number;
  readonly cuda: readonly { readonly index: number; readonly name: string; readonly totalMiB: number }[];
  /** A sentence: why `cuda` is empty, or which GPUs did not answer; null when all is well. */
  readonly cudaReason: string | null;
  readonly versions: Readonly<Record<string, string>>;
}
/** [coefficient, name] */
export type Term = readonly [number, string];
/** What a name means: a shared volume, of which a rank works on its slab, or projections, of which it works on its operators. */
export type VectorKind = 'volume' | 'projections';
/** Names of the volumes of a vector field, by axis. */
export type FieldNames = readonly [z: string, y: string, x: string];

/** One projection of arrays in files, outside any row. */
export interface ProjectionJob {
  readonly dataPath: string;
  readonly voxelSizeMm: number | null;
  /** null: all views. */
  readonly views: number | null;
  /** .npy, float32 C order; null: the scan's own reference or sinogram. */
  readonly inputPath: string | null;
  /** In the format its ending asks for (volumeFormatOf). */
  readonly outPath: string;
  /** Corrections of the scan in their text form (shared/corrections); null for none. */
  readonly corrections: string | null;
  readonly device: string;
  readonly threads: number;
}
/** Seconds of projecting alone: reading and writing are not in it. */
export interface ProjectionAnswer extends CallUsage {
  /** Of the array written. */
  readonly shape: readonly number[];
  readonly views: number;
  readonly volumeShape: readonly [number, number, number];
  readonly voxelSizeMm: number;
  /** ||A x - y|| / ||y|| against the scan's sinogram; null for back projections. */
  readonly relativeL2: number | null;
}
export interface DenoiseJob {
  readonly volumePath: string;
  readonly outPath: string;
  readonly sigma: number;
  readonly modelPath: string;
  /** null: the whole volume in one window, without halo. */
  readonly patch: { readonly size: readonly [number, number, number]; readonly overlap: readonly [number, number, number] } | null;
  /** 0: all windows in one batch. */
  readonly maxBatchSize: number;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  /** Written into formats that keep it. */
  readonly voxelSizeMm: number;
  readonly device: string;
  readonly threads: number;
}
/** Seconds of network and tiling: no loading, no warm-up, no writing. */
export interface DenoiseAnswer extends CallUsage {
  readonly shape: readonly [number, number, number];
  readonly windows: number;
  readonly window: readonly [number, number, number];
  readonly networkShape: readonly [number, number, number];
  readonly batches: number;
  readonly provider: string;
  readonly precision: Precision;
  readonly networkSeconds: number;
  readonly peak_memory_mb: number;
  readonly notes: readonly string[];
}
/** One window shape and batch of the network, run once in a fresh process. */
export interface NetworkProbeJob {
  readonly modelPath: string;
  readonly device: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly threads: number;
  readonly batch: number;
  /** As planTiles settled them, voxels. */
  readonly patch: readonly [number, number, number];
  readonly overlap: readonly [number, number, number];
  readonly sigma: number;
}
export interface NetworkProbeAnswer {
  /** Highest resident memory, model included, above the process before it was opened. */
  readonly memoryMiB: number;
  /** Address space the process may write to, above that before; what a memory limit counts. */
  readonly reservedMiB: number;
  /** Taken on a GPU; 0 on the processor. */
  readonly deviceMiB: number;
  /** Of one batch. */
  readonly seconds: number;
  readonly provider: string;
  /** Residual blocks a stage where only the needed part of a window is computed; null where all of it is. */
  readonly blocks: number | null;
}
export interface ModelSummary {
  /** folded2d or dense3d. */
  readonly form: string;
  readonly provider: string;
  readonly inputs: readonly { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] }[];
  readonly outputs: readonly { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] }[];
}

export interface ImportedModel {
  readonly name: string;
  /** folded2d: (batch*depth, 2, H, W), exact for networks whose kernels work slice by slice; dense3d: (batch, 2, D, H, W). */
  readonly form: 'folded2d' | 'dense3d';
  readonly channels: readonly number[];
  readonly blocks: number;
  readonly bytes: number;
}

export interface CheckScanJob {
  readonly dataPath: string;
  readonly voxelSizeMm: number | null;
  /** Corrections to look through, in their text form; null for none. */
  readonly corrections: string | null;
  readonly threads: number;
}

export interface SimulateJob {
  /** Voxels along each edge. */
  readonly size: number;
  readonly views: number;
  readonly phantom: 'walnut' | 'nut' | 'shepp-logan' | 'blobs' | 'bars';
  /** Photons per pixel; null: no noise. */
  readonly photons: number | null;
  /** Standard deviation of the detector's blur, in its pixels; 0: none. */
  readonly blurPixels: number;
  /** Standard deviation of the views' angles from what the file says, degrees; 0: none. */
  readonly jitterDegrees: number;
  readonly seed: number;
  readonly out: string;
}
export interface SimulateAnswer {
  readonly volumeShape: readonly [number, number, number];
  readonly sinogramShape: readonly [number, number, number];
  readonly voxelSizeMm: number;
  readonly bytes: number;
}

export interface DeviceMethods {
  /** Needs no prepare. */
  describe: [null, MachineInfo];
  // Jobs on files, for the command line; they need no prepare and keep nothing.
  forwardFile: [ProjectionJob, ProjectionAnswer];
  /** The exact adjoint of forwardFile, not scaled. */
  backFile: [ProjectionJob, ProjectionAnswer];
  denoiseFile: [DenoiseJob, DenoiseAnswer];
  describeModel: [{ path: string }, ModelSummary];
  /** What is doubtful about a scan's data; reads it, changes nothing. Tells progress. */
  checkScan: [CheckScanJob, QualityReport];
  /** Meant as the only job of its process. */
  probeNetwork: [NetworkProbeJob, NetworkProbeAnswer];
  /** Writes a phantom with its projections as a .pt file. */
  simulateFile: [SimulateJob, SimulateAnswer];
  /** Makes an .onnx file of a DRUNet's PyTorch weights. */
  importModel: [{ weights: string; out: string }, ImportedModel];
  /** Comes first where the worker has a limit; `enforced` is false where the system cannot hold it to one. */
  limitMemory: [{ mebibytes: number }, { enforced: boolean }];
  /** Opens the scan and checks it; allocates nothing of volume size. */
  prepare: [PrepareArgument, PrepareAnswer];
  /** Rank 0 creates the shared arrays, the others attach afterwards. `names` maps a volume name (x, gradient, partial:1 ...) to its shared memory name. */
  attach: [{ create: boolean; names: Record<string, string> }, null];
  /** Reads the rank's slab of the reference into the shared volume `reference`; nulls where the data has none. */
  loadReference: [null, { minimum: number | null; maximum: number | null; nonFinite: number }];
  /** Reads the rank's measured views, or simulates them from the loaded reference where the row says so. */
  loadMeasurements: [null, CallUsage & { nonFinite: number }];
  /** One untimed run of the network at its largest batch. */
  warmUp: [{ sigma: number }, CallUsage];
  /** partial_i = A_i^T (A_i x - y_i), A_i^T y_i, A_i^T A_i x, the FDK of operator i or (`back`) A_i^T p_i of the projections `input`, for the rank's operators. */
  project: [{ what: 'gradient' | 'adjoint' | 'normal' | 'fdk' | 'back'; input: string | null }, CallUsage];
  /** Projections target_i = A_i x for the rank's operators. */
  forward: [{ input: string; target: string }, CallUsage];
  /** target = sum of the operators' partials in operator order, on the rank's slab. */
  reduce: [{ target: string }, CallUsage];
  combine: [{ kind: VectorKind; target: string; terms: Term[]; offset: number }, CallUsage];
  divide: [{ kind: VectorKind; target: string; a: string; b: string }, CallUsage];
  clamp: [{ target: string; low: number; high: number }, CallUsage];
  fillRandom: [{ target: string; seed: number }, CallUsage];
  /** One number per slice of the rank's slab, or per view of each of its operators; `operators` is empty for volumes. */
  dot: [{ kind: VectorKind; a: string; b: string }, CallUsage & { parts: readonly Float64Array[]; operators: readonly number[] }];
  totalVariationImage: [{ image: string; input: string; field: FieldNames; weight: number; low: number; high: number }, CallUsage];
  totalVariationStep: [{ image: string; dual: FieldNames; point: FieldNames; step: number; inertia: number }, CallUsage];
  minMax: [{ a: string }, CallUsage & { minimum: number; maximum: number }];
  /** Rank 0 only. */
  percentiles: [{ a: string; fractions: number[] }, CallUsage & { values: number[] }];
  /** Of `seconds`, `networkSeconds` went into the network itself; the rest is copying of windows. */
  denoise: [{ input: string; output: string; sigma: number }, CallUsage & { networkSeconds: number }];
  /** Sums against the reference on the rank's slab, one number per slice. */
  score: [{ a: string; dataRange: number }, { squaredError: Float64Array; ssimSum: Float64Array; ssimCount: Float64Array }];
  /** Rank 0 only: writes a volume, float32, in the format the path asks for (volumeFormatOf). */
  save: [{ a: string; path: string }, { bytes: number }];
  /** Rank 0 only: the inverse of `save`. */
  load: [{ a: string; path: string }, null];
  /** Memory since the last call, then resets the peak. */
  memory: [null, RankMemory];
  /** Takes away names of shared memory; what is attached stays usable. */
  unlink: [{ names: string[] }, { unlinked: string[] }];
  cancel: [null, null];
}
/** Notices of a device worker. */
export interface DeviceNotices {
  progress: { step: string; fraction: number };
  log: { line: string };
}
