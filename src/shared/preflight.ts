/** What is known of a row before it starts: memory, seconds and disk against what the machine has, and what would fit where it does not. */
import { z } from 'zod';
import { chosenSchema, predictionSchema } from './runs';

const triple = z.tuple([z.number().int(), z.number().int(), z.number().int()]);

/** What would fit in place of the row as written; null where this key need not change. */
export const remedySchema = z.object({
  max_batch_size: z.number().int().positive().nullable(),
  patch_size: triple.nullable(),
  overlap: triple.nullable(),
  /** One sentence. */
  sentence: z.string(),
});

export const rowForecastSchema = z.object({
  /** Position in the expanded grid. */
  row: z.number().int(),
  /** null while probes of this machine are missing. */
  prediction: predictionSchema.nullable(),
  /** What `auto` stands for; null where the row says everything itself or probes are missing. */
  chosen: chosenSchema.nullable(),
  /** Memory of everything a row puts on a device, MiB (2^20 bytes); shared volumes count once. */
  devices: z.array(
    z.object({
      device: z.string(),
      ranks: z.array(z.number().int()),
      neededMiB: z.number().nullable(),
      freeMiB: z.number(),
    }),
  ),
  /** Of each worker, MiB; null: none. */
  limitMiB: z.number().nullable(),
  /** null where nobody knows. */
  fits: z.boolean().nullable(),
  /** Only where the row does not fit; null then: nothing smaller fits either. */
  remedy: remedySchema.nullable(),
  /** Voxels the network computes, halo and padding included, for each voxel of the volume; null without network. */
  computedPerVoxel: z.number().nullable(),
  /** Disk that the kept iterates of all its repetitions take, bytes. */
  keptBytes: z.number(),
  /** Sentences. */
  warnings: z.array(z.string()),
});
export type RowForecast = z.infer<typeof rowForecastSchema>;

export const forecastSchema = z.object({
  rows: z.array(rowForecastSchema),
  /** Probes of this machine that would have to run before every row is predicted. */
  missingProbes: z.number().int(),
  /** All rows with their repetitions, seconds; null while a row is not predicted. */
  totalSec: z.number().nullable(),
  /** Every n-th iterate is kept: as asked for, or what was chosen. */
  saveEvery: z.number().int().positive(),
  keptBytes: z.number(),
  diskFreeBytes: z.number(),
});
export type Forecast = z.infer<typeof forecastSchema>;

/** What one row asks a forecast of. */
export const forecastRequestSchema = z.object({
  text: z.string(),
  dataPath: z.string(),
  /** Every n-th iterate is kept; null: as many as suit the disk. */
  saveEvery: z.number().int().positive().nullable(),
  /** Of each worker; null: that of the control group, if there is one. */
  memoryLimitMiB: z.number().positive().nullable(),
});

/** Windows in place of a row's own. */
export const patchAdviceSchema = z.object({
  patch_size: triple,
  overlap: triple,
  /** Voxels the network computes for each of the volume, as advised and as the row has it. */
  computedPerVoxel: z.number(),
  computedPerVoxelNow: z.number(),
  /** Highest memory of a worker with one window at a time, MiB. */
  peakMiB: z.number(),
  budgetMiB: z.number(),
  /** One sentence. */
  reason: z.string(),
  /** PSNR in dB after the first iterations of a trial with the row's windows and with these; null where it was not made. */
  quality: z.object({ iterations: z.number().int(), psnrWritten: z.number(), psnrAdvised: z.number() }).nullable(),
  /** What the trial found, or why there was none; sentences. */
  difference: z.string(),
});
export type PatchAdvice = z.infer<typeof patchAdviceSchema>;

export const batchAdviceSchema = z.object({
  max_batch_size: z.number().int().positive(),
  reason: z.string(),
  /** What was measured: windows a second and memory of a worker by batch, rising. */
  tried: z.array(z.object({ batch: z.number().int(), windowsPerSec: z.number(), peakMiB: z.number() })),
});
export type BatchAdvice = z.infer<typeof batchAdviceSchema>;
