/** What may stand under dataset and solver: names, defaults, the check of each value and the sentence that says what is allowed (design reference, configuration). */
import { allowedCorrections } from '../../shared/corrections';
import {
  datasetParametersSchema,
  fistaTvParametersSchema,
  pnpFastParametersSchema,
  pnpParametersSchema,
  sirtParametersSchema,
} from '../../shared/experiment';
import type { ConfigNode } from './configTree';

export type ParameterValue = string | number | boolean | null | readonly number[];

export interface ParameterSpec {
  readonly default: ParameterValue;
  /** Ends the sentence "it must be ...". */
  readonly allowed: string;
  /** The typed value, or undefined where it is not allowed. */
  readonly read: (value: unknown) => ParameterValue | undefined;
}

export interface SpecTable {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  /** Keys of the users' benchmark that mean nothing here: accepted with a warning. */
  readonly ignored: ReadonlySet<string>;
}

interface Check {
  safeParse(value: unknown): { success: boolean; data?: unknown };
}

function spec(
  check: Check,
  fallback: ParameterValue,
  allowed: string,
  adapt: (value: unknown) => unknown = (value) => value,
): ParameterSpec {
  return {
    default: fallback,
    allowed,
    read: (value) => {
      const result = check.safeParse(adapt(value));
      return result.success ? (result.data as ParameterValue) : undefined;
    },
  };
}

/** The users' tools read YAML 1.1, where these words are booleans. */
const yaml11Booleans: ReadonlyMap<unknown, boolean> = new Map([
  ['yes', true],
  ['on', true],
  ['no', false],
  ['off', false],
]);
const asBoolean = (value: unknown): unknown => yaml11Booleans.get(typeof value === 'string' ? value.toLowerCase() : value) ?? value;
const nullAsZero = (value: unknown): unknown => value ?? 0;

const positiveWhole = 'a whole number from 1';
const positive = 'a number greater than 0';
const trueOrFalse = 'true or false';
const perAxis = 'a whole number from 0 for all axes, or three of them as [depth, height, width]';

const dataset = datasetParametersSchema.shape;
const pnp = pnpParametersSchema.shape;

const tomography3d: SpecTable = {
  name: 'tomography_3d',
  parameters: new Map<string, ParameterSpec>([
    ['num_operators', spec(dataset.num_operators, 1, positiveWhole)],
    ['num_projections', spec(dataset.num_projections, null, `${positiveWhole}, or null for all views`)],
    ['geometry_type', spec(dataset.geometry_type, 'conebeam', 'conebeam or parallel3d')],
    ['use_dataset_sinogram', spec(dataset.use_dataset_sinogram, true, trueOrFalse, asBoolean)],
    ['voxel_size', spec(dataset.voxel_size, null, `${positive} (mm), or null for the file's`)],
    ['noise_photons', spec(dataset.noise_photons, null, `${positive} (photons per pixel), or null for no noise`)],
    ['seed', spec(dataset.seed, 0, 'a whole number')],
    ['corrections', spec(dataset.corrections, null, `one or more of ${allowedCorrections}, or null for none`)],
  ]),
  ignored: new Set(['image_size', 'image_shape', 'data_path', 'device', 'debug']),
};

/** How ranks share the work; every solver has these keys. */
const rankSpecs = (prefix: string): [string, ParameterSpec][] => [
  ['distribute_physics', spec(pnp.distribute_physics, false, trueOrFalse, asBoolean)],
  ['slurm_nodes', spec(pnp.slurm_nodes, 1, positiveWhole)],
  ['slurm_ntasks_per_node', spec(pnp.slurm_ntasks_per_node, 1, positiveWhole)],
  ['slurm_gres', spec(pnp.slurm_gres, 'gpu:1', 'text such as "gpu:2" (devices of a node)')],
  ['torchrun_nproc_per_node', spec(pnp.torchrun_nproc_per_node, 1, positiveWhole)],
  ['name_prefix', spec(pnp.name_prefix, prefix, 'text')],
];

const networkSpecs = (denoiser: string, sigma: number): [string, ParameterSpec][] => [
  ['denoiser', spec(pnp.denoiser.min(1), denoiser, 'drunet or drunet-ct (the shipped networks) or the path of a model file')],
  ['denoiser_sigma', spec(pnp.denoiser_sigma, sigma, 'a number from 0 (noise level, relative to the data range)')],
  ['distribute_denoiser', spec(pnp.distribute_denoiser, false, trueOrFalse, asBoolean)],
  ['patch_size', spec(pnp.patch_size, 128, `${perAxis.replaceAll('from 0', 'from 1')}, or auto`, notZero)],
  ['overlap', spec(pnp.overlap, 32, `${perAxis}, or auto`)],
  ['max_batch_size', spec(pnp.max_batch_size, 0, 'a whole number from 0 (0: all patches in one batch), or auto', nullAsZero)],
  [
    'provider',
    spec(
      pnp.provider,
      'auto',
      'auto (by the device), cuda, webgpu, cpu (ONNX Runtime) or native (this program itself): where the network runs',
    ),
  ],
  ['precision', spec(pnp.precision, 'fp32', 'fp32 or fp16')],
];

const startSpec = (fallback: 'pseudo_inverse' | 'zeros'): [string, ParameterSpec] => [
  'init_method',
  spec(pnp.init_method, fallback, 'pseudo_inverse, zeros or adjoint'),
];

/** Keys of the users' benchmark that say how their jobs are started and watched. */
const ignoredSolverKeys: ReadonlySet<string> = new Set(
  'compile compile_denoiser compile_mode device use_profiler profile reference_mode slurm_time slurm_partition slurm_account slurm_qos slurm_cpus_per_task slurm_mem slurm_constraint'.split(
    ' ',
  ),
);

function solverTable(name: string, own: readonly [string, ParameterSpec][]): SpecTable {
  return { name, parameters: new Map([...own, ...rankSpecs(name.toLowerCase())]), ignored: ignoredSolverKeys };
}

const pnpFast = pnpFastParametersSchema.shape;
const sirt = sirtParametersSchema.shape;
const fistaTv = fistaTvParametersSchema.shape;
const nonnegativity: [string, ParameterSpec] = ['nonnegativity', spec(sirt.nonnegativity, true, trueOrFalse, asBoolean)];

export const datasetTables: readonly SpecTable[] = [tomography3d];
export const solverTables: readonly SpecTable[] = [
  solverTable('PnP', [
    startSpec('pseudo_inverse'),
    ['norm_strategy', spec(pnp.norm_strategy, 'dynamic', 'dynamic, initial or clip')],
    ['step_size', spec(pnp.step_size, null, `${positive}, or null to choose it from the norm of the operators`)],
    ['step_size_scale', spec(pnp.step_size_scale, 0.99, positive)],
    ['denoiser_lambda_relaxation', spec(pnp.denoiser_lambda_relaxation, null, `${positive}, or null for no relaxation`)],
    ...networkSpecs('drunet', 0.05),
  ]),
  solverTable('PnP-fast', [
    startSpec('pseudo_inverse'),
    ['sigma_start', spec(pnpFast.sigma_start, 0.1, 'a number from 0 (noise level of the first iteration, relative to the data range)')],
    ['schedule_iterations', spec(pnpFast.schedule_iterations, 6, `${positiveWhole} (iterations in which the noise level falls)`)],
    ['data_coupling', spec(pnpFast.data_coupling, 0.01, 'a number from 0 (relative to the squared norm of the operators)')],
    ['data_iterations', spec(pnpFast.data_iterations, 3, `${positiveWhole} (steps of conjugate gradients in each iteration)`)],
    nonnegativity,
    ...networkSpecs('drunet-ct', 0.02),
  ]),
  solverTable('FDK', []),
  solverTable('SIRT', [
    startSpec('zeros'),
    ['relaxation', spec(sirt.relaxation, 1, 'a number greater than 0 and less than 2')],
    nonnegativity,
  ]),
  solverTable('CGLS', [startSpec('zeros')]),
  solverTable('FISTA-TV', [
    startSpec('pseudo_inverse'),
    [
      'tv_weight',
      spec(fistaTv.tv_weight, 0.001, 'a number from 0 (relative to the squared norm of the operators times the intensity range)'),
    ],
    ['tv_iterations', spec(fistaTv.tv_iterations, 10, `${positiveWhole} (steps of the inner problem)`)],
    ['step_size_scale', spec(fistaTv.step_size_scale, 0.99, `${positive}, at most 1`)],
    nonnegativity,
  ]),
];
export const knownObjectives: readonly string[] = ['reconstruction_objective'];

/** Keys beside objective, dataset and solver that have a meaning here, and those of the users' tools that have none. */
export const generalKeys: readonly string[] = ['objective', 'dataset', 'solver', 'max-runs', 'n-repetitions', 'target-psnr'];
export const ignoredGeneralKeys: ReadonlySet<string> = new Set(
  'timeout no-timeout plot plots plot-configs html pdb output output-name parallel-config slurm n-jobs force-solver env env-name conda-env local profile collect display no-display seed data-paths data-home no-cache'.split(
    ' ',
  ),
);

export function isIgnoredParameter(table: SpecTable, key: string): boolean {
  return table.ignored.has(key) || key.startsWith('profiler_') || key.startsWith('slurm_setup');
}

/** patch_size 0 passes the shared schema, which halo sizes share; a window needs at least one voxel of its own. */
function notZero(value: unknown): unknown {
  const sizes = Array.isArray(value) ? value : [value];
  return sizes.includes(0) ? undefined : value;
}

/** A node as a plain value of the kinds that parameters have; undefined for maps and nested lists. */
export function plainValueOf(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'map') return undefined;
  return node.items.length <= 8 && node.items.every((item) => item.kind === 'scalar')
    ? node.items.map((item) => (item.kind === 'scalar' ? item.value : null))
    : undefined;
}
