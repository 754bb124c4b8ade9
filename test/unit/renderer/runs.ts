/** Runs as the store would send them, for tests of figures and of the window's state. */
import { type ExperimentRow, pnpParametersSchema } from '../../../src/shared/experiment';
import { type Iteration, noAnnotation, type RankSteps, type Run, type RunDetail } from '../../../src/shared/runs';

export function makeRow(index: number, maxBatchSize: number, sigma = 0.05): ExperimentRow {
  const solver = pnpParametersSchema.parse({
    name: 'PnP',
    denoiser: 'drunet',
    init_method: 'pseudo_inverse',
    norm_strategy: 'dynamic',
    step_size: null,
    step_size_scale: 0.99,
    denoiser_sigma: sigma,
    denoiser_lambda_relaxation: null,
    distribute_physics: true,
    distribute_denoiser: true,
    patch_size: [8, 16, 16],
    overlap: [2, 4, 4],
    max_batch_size: maxBatchSize,
    provider: 'auto',
    precision: 'fp32',
    slurm_nodes: 1,
    slurm_ntasks_per_node: 2,
    slurm_gres: 'gpu:2',
    torchrun_nproc_per_node: 1,
    name_prefix: 'pnp',
  });
  return {
    index,
    objective: 'reconstruction_objective',
    dataset: {
      name: 'tomography_3d',
      num_operators: 2,
      num_projections: 20,
      geometry_type: 'conebeam',
      use_dataset_sinogram: true,
      voxel_size: null,
      noise_photons: null,
      seed: 0,
      corrections: null,
    },
    solver,
    max_runs: 10,
    n_repetitions: 1,
  };
}

export function makeRun(id: string, row: ExperimentRow, changes: Partial<Run> = {}): Run {
  return {
    id,
    experiment_id: 'experiment',
    key: id,
    label: id,
    row,
    repetition: 0,
    status: 'done',
    stop_reason: 'max_runs',
    error: null,
    created_at: '2026-01-01T10:00:00.000Z',
    started_at: null,
    finished_at: null,
    iterations_done: 2,
    psnr: 25,
    ssim: 0.5,
    mse: 1e-4,
    initial_psnr: 20,
    time_sec: 5,
    setup_time_sec: 1,
    peak_memory_mb: null,
    lipschitz: null,
    step_size: null,
    provenance: null,
    voxel_size_mm: null,
    chosen: null,
    prediction: null,
    memory_failure: null,
    retry_of: null,
    annotation: noAnnotation,
    ...changes,
  };
}

function steps(rank: number, gradient: number, denoise: number): RankSteps {
  return {
    rank,
    gradient_time_sec: gradient,
    gradient_memory_allocated_mb: 1,
    gradient_memory_reserved_mb: 1,
    gradient_memory_delta_mb: 0,
    gradient_memory_peak_mb: 1,
    denoise_time_sec: denoise,
    denoise_memory_allocated_mb: 1,
    denoise_memory_reserved_mb: 1,
    denoise_memory_delta_mb: 0,
    denoise_memory_peak_mb: 1,
    gpu_memory_max_allocated_mb: 1,
    gpu_available_memory_mb: 1,
  };
}

/** Two ranks; the second is slower in the gradient, the first in the denoiser. */
export function makeIteration(iteration: number, psnr: number | null, seconds = 2.5): Iteration {
  return {
    iteration,
    psnr,
    ssim: psnr === null ? null : psnr / 50,
    mse: null,
    iteration_time_sec: iteration === 0 ? 0 : seconds,
    time_sec: iteration * seconds,
    ranks: iteration === 0 ? [] : [steps(0, 0.3, 1.5), steps(1, 0.5, 1.2)],
    volume_file: `runs/x/${iteration}.npy`,
  };
}

export function withIterations(run: Run, iterations: Iteration[]): RunDetail {
  return { ...run, iterations, log: [] };
}
