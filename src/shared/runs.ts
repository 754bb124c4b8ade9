/** Runs as they are stored, sent and shown: one run is one row of the grid, once. Step column names are those of the reference's export. */
import { z } from 'zod';
import { experimentRowSchema } from './experiment';

export const runStatusSchema = z.enum(['queued', 'running', 'done', 'out_of_memory', 'failed', 'cancelled', 'timed_out']);
export type RunStatus = z.infer<typeof runStatusSchema>;

/** Times in seconds, memory in MB (1e6 bytes, as the reference counts them), of one step pair of one rank in one iteration. */
export const rankStepsSchema = z.object({
  rank: z.number().int().min(0),
  gradient_time_sec: z.number(),
  gradient_memory_allocated_mb: z.number(),
  gradient_memory_reserved_mb: z.number(),
  gradient_memory_delta_mb: z.number(),
  gradient_memory_peak_mb: z.number(),
  denoise_time_sec: z.number(),
  denoise_memory_allocated_mb: z.number(),
  denoise_memory_reserved_mb: z.number(),
  denoise_memory_delta_mb: z.number(),
  denoise_memory_peak_mb: z.number(),
  /** Of the device the rank works on: for a CPU worker its own peak resident memory and the memory the machine had left. */
  gpu_memory_max_allocated_mb: z.number(),
  gpu_available_memory_mb: z.number(),
});
export type RankSteps = z.infer<typeof rankStepsSchema>;

/** Iteration 0 is the initial iterate x0; its steps are empty. */
export const iterationSchema = z.object({
  iteration: z.number().int().min(0),
  /** dB against the reference; null where the data has none (or the difference is zero). */
  psnr: z.number().nullable(),
  ssim: z.number().nullable(),
  mse: z.number().nullable(),
  /** Solver time of this iteration alone and since the start, seconds; metric and saving time are not in it. */
  iteration_time_sec: z.number(),
  time_sec: z.number(),
  ranks: z.array(rankStepsSchema),
  /** The iterate kept on disk, relative to the workspace folder; null where it was not kept. */
  volume_file: z.string().nullable(),
});
export type Iteration = z.infer<typeof iterationSchema>;

/** What a solver needs, besides the kept iterate of `iteration`, to go on from it; kept until the run is done. */
export const resumeRecordSchema = z.object({
  iteration: z.number().int().min(0),
  numbers: z.record(z.string(), z.number()),
  /** Volume name -> file, relative to the workspace folder. */
  volumes: z.record(z.string(), z.string()),
});
export type ResumeRecord = z.infer<typeof resumeRecordSchema>;

export const runErrorSchema = z.object({
  message: z.string(),
  details: z.string().nullable(),
  /** True where somebody or something outside the program killed a worker; lack of memory is a status of its own. */
  worker_killed: z.boolean().optional(),
});

/** What the program chose where the row says `auto`; everything is given, also what the row fixed itself. */
export const chosenSchema = z.object({
  patch_size: z.tuple([z.number(), z.number(), z.number()]),
  overlap: z.tuple([z.number(), z.number(), z.number()]),
  max_batch_size: z.number().int().min(0),
  /** Sentences. */
  reasons: z.array(z.string()),
});
export type Chosen = z.infer<typeof chosenSchema>;

/** What probes of the machine said of a row before it started; MiB (2^20 bytes) and seconds. */
export const predictionSchema = z.object({
  /** Highest resident memory, in rank order. */
  peak_memory_mib: z.array(z.number()),
  seconds_per_iteration: z.number(),
  gradient_sec: z.number(),
  denoise_sec: z.number(),
  /** All iterations; reading, warm-up, metrics and saving are not in it. */
  total_sec: z.number(),
  /** measured: this window and batch were probed; interpolated: between probes; extrapolated: beyond them. */
  basis: z.enum(['measured', 'interpolated', 'extrapolated']),
});
export type Prediction = z.infer<typeof predictionSchema>;

/** How a run came to the end of its memory. MiB (2^20 bytes); null where nobody could know. */
export const memoryFailureSchema = z.object({
  rank: z.number().int().nullable(),
  /** What was being done: denoise, project, attach ... */
  step: z.string(),
  /** The allocation that could not be had. */
  requested_mib: z.number().nullable(),
  peak_mib: z.number().nullable(),
  limit_mib: z.number().nullable(),
  /** limit: an allocation was refused; killed: the system ended the worker. */
  how: z.enum(['refused', 'killed']),
});
export type MemoryFailure = z.infer<typeof memoryFailureSchema>;

/** What people write on a run to find it again. */
export const annotationSchema = z.object({
  starred: z.boolean(),
  /** Without repetitions, in the order they were given. */
  tags: z.array(z.string().min(1).max(40)).max(20),
  note: z.string().max(10_000),
});
export type Annotation = z.infer<typeof annotationSchema>;
export const noAnnotation: Annotation = { starred: false, tags: [], note: '' };

/** What was used, so that a result can be repeated. */
export const provenanceSchema = z.object({
  data_path: z.string(),
  data_sha256: z.string().nullable(),
  model_name: z.string().nullable(),
  model_sha256: z.string().nullable(),
  /** In rank order: cpu, cuda:0 ... */
  devices: z.array(z.string()),
  /** Execution provider of the network: cuda, webgpu or cpu. */
  provider: z.string().nullable(),
  /** Precision of the network; null without one and for runs of earlier versions. */
  precision: z.enum(['fp32', 'fp16']).nullable().default(null),
  versions: z.record(z.string(), z.string()),
  machine: z.record(z.string(), z.string()),
  /** The program's own sources; null outside a checkout. The defaults are for records of the first version. */
  git: z.object({ commit: z.string(), changed: z.boolean() }).nullable().default(null),
  /** What random numbers were drawn from: simulated noise, start of the norm's iteration. */
  seeds: z.record(z.string(), z.number()).default({}),
  /** Seconds outside the solver's time: opening, reading, the network's warm-up, norm and first iterate. */
  timings: z.record(z.string(), z.number()).default({}),
  /** Things to know that changed nothing silently, such as "gpu:2 ran on 2 CPU workers". */
  notes: z.array(z.string()),
});
export type Provenance = z.infer<typeof provenanceSchema>;

export const runSchema = z.object({
  id: z.string(),
  experiment_id: z.string(),
  key: z.string(),
  /** What tells this row from the others of its grid, e.g. "max_batch_size 4". */
  label: z.string(),
  row: experimentRowSchema,
  repetition: z.number().int().min(0),
  status: runStatusSchema,
  /** max_runs, finished_early (the user's Finish now, or nothing left to improve), or null while it has not ended well. */
  stop_reason: z.enum(['max_runs', 'finished_early']).nullable(),
  error: runErrorSchema.nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  iterations_done: z.number().int().min(0),
  psnr: z.number().nullable(),
  ssim: z.number().nullable(),
  mse: z.number().nullable(),
  /** Of x0. */
  initial_psnr: z.number().nullable(),
  /** Solver seconds, warm-up and metrics apart. */
  time_sec: z.number(),
  /** Set-up before the first iteration: reading, norm, x0, network warm-up; seconds. */
  setup_time_sec: z.number().nullable(),
  /** Highest over ranks, MB. */
  peak_memory_mb: z.number().nullable(),
  /** ||A||^2 and the step size used. */
  lipschitz: z.number().nullable(),
  step_size: z.number().nullable(),
  provenance: provenanceSchema.nullable(),
  /** Edge of a voxel of its volumes, mm; null until its data has been opened, and for runs of versions that did not record it. */
  voxel_size_mm: z.number().nullable(),
  /** null where the row says everything itself. */
  chosen: chosenSchema.nullable(),
  prediction: predictionSchema.nullable(),
  /** Only with status out_of_memory. */
  memory_failure: memoryFailureSchema.nullable(),
  /** The run that ran out of memory and that this one repeats with half its batch. */
  retry_of: z.string().nullable(),
  annotation: annotationSchema,
});
export type Run = z.infer<typeof runSchema>;

export const runDetailSchema = runSchema.extend({ iterations: z.array(iterationSchema), log: z.array(z.string()) });
export type RunDetail = z.infer<typeof runDetailSchema>;

/** What was chosen beside the configuration; records of the first version lack it. */
export const runSettingsSchema = z.object({
  /** Every n-th iterate is kept. */
  save_every: z.number().int().positive().default(1),
  /** --model; null: what the rows' denoiser names. */
  model_path: z.string().nullable().default(null),
  /** --devices in rank order; null: automatic. */
  devices: z.array(z.string()).nullable().default(null),
  /** --memory-limit of each worker, MiB; null: that of the control group, if there is one. */
  memory_limit_mib: z.number().positive().nullable().default(null),
  /** A run that runs out of memory is followed by one with half its batch. */
  retry_out_of_memory: z.boolean().default(false),
});
export type RunSettings = z.infer<typeof runSettingsSchema>;

/** What results are written as. */
export const resultFormats = ['csv', 'parquet', 'json', 'bundle'] as const;
export type ResultFormat = (typeof resultFormats)[number];

export const experimentSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** As written. */
  config_text: z.string(),
  data_path: z.string(),
  created_at: z.string(),
  settings: runSettingsSchema,
});
export type ExperimentRecord = z.infer<typeof experimentSchema>;

/** True where a run failed because a worker was killed from outside. */
export function wasWorkerKilled({ status, error }: Pick<Run, 'status' | 'error'>): boolean {
  return status === 'failed' && error?.worker_killed === true;
}

/** True once a run will not change any more. */
export function hasEnded(status: RunStatus): boolean {
  return status !== 'queued' && status !== 'running';
}

/**
 * Telemetry of a run: one line a moment, one value a column (null: not known then). Column names carry their unit: rank0_memory_mib,
 * rank0_cpu_percent (100: one core), other_cpu_percent (the rest of the machine), disk_read_mib_per_sec and disk_written_mib_per_sec (all ranks together), gpu0_memory_mib,
 * gpu0_utilisation_percent, gpu0_power_watt, gpu0_temperature_celsius (of every GPU of the machine, as the driver numbers them).
 */
export const telemetrySchema = z.object({
  columns: z.array(z.string()),
  /** Seconds since the run began, rising. */
  time_sec: z.array(z.number()),
  /** One list a moment, in the order of the columns. */
  values: z.array(z.array(z.number().nullable())),
  /**
   * When a step began: open, read, warm-up, norm, then gradient, denoise and score (with saving) in turn; `unfinished` where nothing is
   * known to have followed. Of several at one time the last is meant.
   */
  steps: z.array(z.object({ time_sec: z.number(), step: z.string() })),
});
export type Telemetry = z.infer<typeof telemetrySchema>;
