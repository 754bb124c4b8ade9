/** An experiment as data: what the YAML says after parsing and expansion. Parameter names are those of the YAML, so that file, table, database and export agree. */
import { z } from 'zod';
import { correctionsTextSchema } from './corrections';

const positiveInteger = z.number().int().positive();
const count = z.number().int().min(0);
/** One number for all axes, or (D,H,W). */
const perAxis = z.union([count, z.tuple([count, count, count])]);

export const datasetParametersSchema = z.object({
  name: z.literal('tomography_3d'),
  num_operators: positiveInteger,
  /** null keeps all views. */
  num_projections: positiveInteger.nullable(),
  geometry_type: z.enum(['conebeam', 'parallel3d']),
  use_dataset_sinogram: z.boolean(),
  /** mm; null: the file's, else 0.1. */
  voxel_size: z.number().positive().nullable(),
  /** Photons per pixel when projections are simulated (use_dataset_sinogram: false); null: no noise. */
  noise_photons: z.number().positive().nullable(),
  seed: z.number().int(),
  /** Corrections of the scan (shared/corrections); null for none. */
  corrections: correctionsTextSchema.default(null),
});
export type DatasetParameters = z.infer<typeof datasetParametersSchema>;

const slurmParameters = {
  slurm_nodes: positiveInteger,
  slurm_ntasks_per_node: positiveInteger,
  slurm_gres: z.string().regex(/^gpu:\d+$/),
  torchrun_nproc_per_node: positiveInteger,
  name_prefix: z.string(),
};

/** Where the network runs: auto goes with the worker's device. */
export const providerChoiceSchema = z.enum(['auto', 'cuda', 'webgpu', 'cpu']);
export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
export const precisionSchema = z.enum(['fp32', 'fp16']);
export type Precision = z.infer<typeof precisionSchema>;

export const pnpParametersSchema = z.object({
  name: z.literal('PnP'),
  denoiser: z.string(),
  init_method: z.enum(['pseudo_inverse', 'zeros', 'adjoint']),
  norm_strategy: z.enum(['dynamic', 'initial', 'clip']),
  step_size: z.number().positive().nullable(),
  step_size_scale: z.number().positive(),
  denoiser_sigma: z.number().min(0),
  denoiser_lambda_relaxation: z.number().positive().nullable(),
  distribute_physics: z.boolean(),
  distribute_denoiser: z.boolean(),
  patch_size: perAxis,
  overlap: perAxis,
  /** 0: all of a rank's patches in one batch. */
  max_batch_size: count,
  provider: providerChoiceSchema.default('auto'),
  precision: precisionSchema.default('fp32'),
  ...slurmParameters,
});
export type PnpParameters = z.infer<typeof pnpParametersSchema>;

export const solverParametersSchema = z.discriminatedUnion('name', [pnpParametersSchema]);
export type SolverParameters = z.infer<typeof solverParametersSchema>;

/** One line of the expanded grid. */
export const experimentRowSchema = z.object({
  /** Position in the expanded grid, from 0. */
  index: count,
  objective: z.string(),
  dataset: datasetParametersSchema,
  solver: solverParametersSchema,
  /** PnP iterations at most. */
  max_runs: positiveInteger,
  n_repetitions: positiveInteger,
});
export type ExperimentRow = z.infer<typeof experimentRowSchema>;

/** Where in the YAML something is wrong or doubtful. Lines and columns count from 1. */
export const problemSchema = z.object({
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  line: positiveInteger.nullable(),
  /** Row of the expanded grid it belongs to. */
  row: count.nullable(),
  key: z.string().nullable(),
});
export type Problem = z.infer<typeof problemSchema>;

/** ranks = slurm_nodes x slurm_ntasks_per_node (design reference). */
export function rankCount(solver: SolverParameters): number {
  return solver.slurm_nodes * solver.slurm_ntasks_per_node;
}
