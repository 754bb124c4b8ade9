/** An experiment as data: what the YAML says after parsing and expansion. Parameter names are those of the YAML, so that file, table, database and export agree. */
import { z } from 'zod';
import { correctionsTextSchema } from './corrections';
import { UserError } from './errors';

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

const startSchema = z.enum(['pseudo_inverse', 'zeros', 'adjoint']);

/** How a row is spread over ranks; every solver has these. */
const rankParameters = {
  distribute_physics: z.boolean(),
  slurm_nodes: positiveInteger,
  slurm_ntasks_per_node: positiveInteger,
  slurm_gres: z.string().regex(/^gpu:\d+$/),
  torchrun_nproc_per_node: positiveInteger,
  name_prefix: z.string(),
};

/** Where the network runs: auto goes with the worker's device; native is the program's own code on the processor, cpu ONNX Runtime's. */
export const providerChoiceSchema = z.enum(['auto', 'cuda', 'webgpu', 'native', 'cpu']);
export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
export const precisionSchema = z.enum(['fp32', 'fp16']);
export type Precision = z.infer<typeof precisionSchema>;

const auto = z.literal('auto');

/** The denoising network and how it meets the volume. `auto` is settled on the machine before the row runs (main/queue/settleRows). */
const networkParameters = {
  denoiser: z.string(),
  denoiser_sigma: z.number().min(0),
  distribute_denoiser: z.boolean(),
  patch_size: z.union([perAxis, auto]),
  overlap: z.union([perAxis, auto]),
  /** 0: all of a rank's patches in one batch. */
  max_batch_size: z.union([count, auto]),
  provider: providerChoiceSchema.default('auto'),
  precision: precisionSchema.default('fp32'),
};

export const pnpParametersSchema = z.object({
  name: z.literal('PnP'),
  init_method: startSchema,
  norm_strategy: z.enum(['dynamic', 'initial', 'clip']),
  step_size: z.number().positive().nullable(),
  step_size_scale: z.number().positive(),
  denoiser_lambda_relaxation: z.number().positive().nullable(),
  ...networkParameters,
  ...rankParameters,
});
export type PnpParameters = z.infer<typeof pnpParametersSchema>;

export const pnpFastParametersSchema = z.object({
  name: z.literal('PnP-fast'),
  init_method: startSchema,
  /** The noise level falls from here to denoiser_sigma. */
  sigma_start: z.number().min(0),
  schedule_iterations: positiveInteger,
  /** Relative to ||A||^2. */
  data_coupling: z.number().min(0),
  data_iterations: positiveInteger,
  /** Records of earlier versions lack it, and were made without. */
  nonnegativity: z.boolean().default(false),
  ...networkParameters,
  ...rankParameters,
});
export type PnpFastParameters = z.infer<typeof pnpFastParametersSchema>;

export const fdkParametersSchema = z.object({ name: z.literal('FDK'), ...rankParameters });
export type FdkParameters = z.infer<typeof fdkParametersSchema>;

export const sirtParametersSchema = z.object({
  name: z.literal('SIRT'),
  init_method: startSchema,
  /** Between 0 and 2, where it converges. */
  relaxation: z.number().positive().lt(2),
  nonnegativity: z.boolean(),
  ...rankParameters,
});
export type SirtParameters = z.infer<typeof sirtParametersSchema>;

export const cglsParametersSchema = z.object({ name: z.literal('CGLS'), init_method: startSchema, ...rankParameters });
export type CglsParameters = z.infer<typeof cglsParametersSchema>;

export const fistaTvParametersSchema = z.object({
  name: z.literal('FISTA-TV'),
  init_method: startSchema,
  step_size_scale: z.number().positive().max(1),
  /** Relative to ||A||^2 times the intensity range, so that it does not depend on units. */
  tv_weight: z.number().min(0),
  tv_iterations: positiveInteger,
  nonnegativity: z.boolean(),
  ...rankParameters,
});
export type FistaTvParameters = z.infer<typeof fistaTvParametersSchema>;

export const solverParametersSchema = z.discriminatedUnion('name', [
  pnpParametersSchema,
  pnpFastParametersSchema,
  fdkParametersSchema,
  sirtParametersSchema,
  cglsParametersSchema,
  fistaTvParametersSchema,
]);
export type SolverParameters = z.infer<typeof solverParametersSchema>;
/** Parameters of the solvers that denoise with a network. */
export type NetworkParameters = PnpParameters | PnpFastParameters;

export function usesNetwork(solver: SolverParameters): solver is NetworkParameters {
  return 'denoiser' in solver;
}

/** The windows of a row that runs. */
export interface NetworkWindows {
  readonly patch_size: z.infer<typeof perAxis>;
  readonly overlap: z.infer<typeof perAxis>;
  readonly max_batch_size: number;
}

/** Throws UserError where one of them is still `auto`. */
export function windowsOf({ patch_size, overlap, max_batch_size }: NetworkParameters): NetworkWindows {
  if (patch_size === 'auto' || overlap === 'auto' || max_batch_size === 'auto') {
    throw new UserError('patch_size, overlap and max_batch_size can be auto in the configurations of plan and run; give numbers here.');
  }
  return { patch_size, overlap, max_batch_size };
}

export function hasAuto(solver: SolverParameters): solver is NetworkParameters {
  return usesNetwork(solver) && [solver.patch_size, solver.overlap, solver.max_batch_size].includes('auto');
}

/** One line of the expanded grid. */
export const experimentRowSchema = z.object({
  /** Position in the expanded grid, from 0. */
  index: count,
  objective: z.string(),
  dataset: datasetParametersSchema,
  solver: solverParametersSchema,
  /** Iterations at most. */
  max_runs: positiveInteger,
  n_repetitions: positiveInteger,
  /** dB that time_to_psnr is measured to; left out: what the grid's reference reaches (engine/results/timeToPsnr). */
  target_psnr: z.number().positive().optional(),
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
