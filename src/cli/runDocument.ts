/** One run as it stands in the JSON of `run`: parameters by their YAML names, metrics and steps by the reference's column names. */
import { resolve } from 'node:path';
import { flatParameters } from '../engine/figures/labels';
import { psnrReferences, psnrTarget, timeToPsnr } from '../engine/results/timeToPsnr';
import type { Iteration, RankSteps, RunDetail } from '../shared/runs';

type StepColumns = Omit<RankSteps, 'rank'>;

/** `compared`: the runs that time_to_psnr is measured against, this one among them. Paths are absolute. `volume_file` is the newest kept iterate, null where none is. */
export function runDocument(run: RunDetail, compared: readonly RunDetail[], workspace: string) {
  const absolute = (file: string | null): string | null => (file === null ? null : resolve(workspace, file));
  const iterations = run.iterations.map(({ volume_file, ...iteration }) => ({
    ...iteration,
    ...overRanks(iteration.ranks),
    volume_file: absolute(volume_file),
  }));
  const target = psnrTarget(run, psnrReferences(compared));
  return {
    id: run.id,
    experiment_id: run.experiment_id,
    key: run.key,
    row: run.row.index,
    label: run.label,
    repetition: run.repetition,
    parameters: flatParameters(run.row),
    status: run.status,
    stop_reason: run.stop_reason,
    error: run.error?.message ?? null,
    error_details: run.error?.details ?? null,
    psnr: run.psnr,
    ssim: run.ssim,
    mse: run.mse,
    initial_psnr: run.initial_psnr,
    target_psnr: target,
    time_to_psnr: target === null ? null : timeToPsnr(run.iterations, target),
    iterations_done: run.iterations_done,
    time_sec: run.time_sec,
    setup_time_sec: run.setup_time_sec,
    peak_memory_mb: run.peak_memory_mb,
    memory_failure: run.memory_failure,
    retry_of: run.retry_of,
    chosen: run.chosen,
    prediction: run.prediction,
    lipschitz: run.lipschitz,
    step_size: run.step_size,
    volume_file: lastKept(iterations),
    created_at: run.created_at,
    started_at: run.started_at,
    finished_at: run.finished_at,
    iterations,
    provenance: run.provenance,
  };
}

export function lastKept(iterations: readonly Pick<Iteration, 'volume_file'>[]): string | null {
  return iterations.findLast(({ volume_file }) => volume_file !== null)?.volume_file ?? null;
}

/** Ranks wait for each other: the slowest and the largest count, and the least memory left. Nulls for x0, which has no steps. */
export function overRanks(ranks: readonly RankSteps[]): Record<keyof StepColumns, number | null> {
  const largest = (name: keyof StepColumns): number | null => (ranks.length === 0 ? null : Math.max(...ranks.map((rank) => rank[name])));
  return {
    gradient_time_sec: largest('gradient_time_sec'),
    gradient_memory_allocated_mb: largest('gradient_memory_allocated_mb'),
    gradient_memory_reserved_mb: largest('gradient_memory_reserved_mb'),
    gradient_memory_delta_mb: largest('gradient_memory_delta_mb'),
    gradient_memory_peak_mb: largest('gradient_memory_peak_mb'),
    denoise_time_sec: largest('denoise_time_sec'),
    denoise_memory_allocated_mb: largest('denoise_memory_allocated_mb'),
    denoise_memory_reserved_mb: largest('denoise_memory_reserved_mb'),
    denoise_memory_delta_mb: largest('denoise_memory_delta_mb'),
    denoise_memory_peak_mb: largest('denoise_memory_peak_mb'),
    gpu_memory_max_allocated_mb: largest('gpu_memory_max_allocated_mb'),
    gpu_available_memory_mb: ranks.length === 0 ? null : Math.min(...ranks.map((rank) => rank.gpu_available_memory_mb)),
  };
}
