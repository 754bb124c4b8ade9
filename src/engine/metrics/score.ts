/** Image quality against the reference from sums per slice, so that it does not depend on who summed which slices. */
import type { Score } from '../run/runRow';

/** Sums over the slices of one rank, one number a slice. */
export interface SliceSums {
  /** Sum of (x - reference)^2. */
  readonly squaredError: Float64Array;
  /** Sum and number of the local SSIM values of the windows fully inside. */
  readonly ssimSum: Float64Array;
  readonly ssimCount: Float64Array;
}

/** PSNR = 10 log10(range^2 / MSE) in dB; null where it is not a number (no difference at all, or no range). */
export function psnr(meanSquaredError: number, dataRange: number): number | null {
  const value = 10 * Math.log10((dataRange * dataRange) / meanSquaredError);
  return Number.isFinite(value) ? value : null;
}

/** MSE, PSNR (data range = maximum of the reference) and mean SSIM; `parts` in slice order. */
export function totalScore(parts: readonly SliceSums[], voxels: number, dataRange: number): Score {
  const total = (pick: (part: SliceSums) => Float64Array): number => {
    let sum = 0;
    for (const part of parts) for (const value of pick(part)) sum += value;
    return sum;
  };
  const mse = total((part) => part.squaredError) / voxels;
  const ssim = total((part) => part.ssimSum) / total((part) => part.ssimCount);
  return { psnr: psnr(mse, dataRange), ssim: Number.isFinite(ssim) ? ssim : null, mse: Number.isFinite(mse) ? mse : null };
}
