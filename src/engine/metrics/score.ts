/** PSNR, SSIM and MSE of a volume against the reference, from sums over slices that the workers hand in; which voxels they summed is theirs to know. */

/** What one rank answers for its slices. The order of ranks and slices is the order of the volume. */
export interface ScorePart {
  /** Sum over the slice of (x - reference)^2. */
  readonly squaredError: Float64Array;
  /** Sum over the slice of the local SSIM, and the number of windows summed. */
  readonly ssimSum: Float64Array;
  readonly ssimCount: Float64Array;
}

export interface TotalScore {
  /** dB; null where it is infinite (x equals the reference) or the reference has no positive value. */
  readonly psnr: number | null;
  readonly ssim: number | null;
  readonly mse: number | null;
}

/** Adds up slice by slice, in order, so that the figures do not depend on how the slices were shared out. `voxels` is D*H*W, `dataRange` the maximum of the reference. */
export function totalScore(parts: readonly ScorePart[], voxels: number, dataRange: number): TotalScore {
  const meanSquaredError = sumOf(parts.map((part) => part.squaredError)) / voxels;
  const windows = sumOf(parts.map((part) => part.ssimCount));
  const similarity = sumOf(parts.map((part) => part.ssimSum)) / windows;
  return { psnr: psnr(meanSquaredError, dataRange), ssim: finiteOrNull(similarity), mse: finiteOrNull(meanSquaredError) };
}

/** 20 log10(range / sqrt(mse)) in dB, with the range being the maximum of the reference (design reference); null where that is no finite number. */
export function psnr(meanSquaredError: number, dataRange: number): number | null {
  if (!(dataRange > 0)) return null;
  return finiteOrNull(20 * Math.log10(dataRange / Math.sqrt(meanSquaredError)));
}

function sumOf(arrays: readonly Float64Array[]): number {
  let sum = 0;
  for (const array of arrays) for (const value of array) sum += value;
  return sum;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
