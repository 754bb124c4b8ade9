/** The three ports a solver works through, all on volumes known by handle only. Who computes, where and on how many workers is left to the adapters. */

/** A volume (D,H,W) float32 somewhere in shared or device memory. */
export interface Volume {
  readonly name: string;
}

/** The projection operators A_i of a row together with its measurements y_i; voxel values in 1/mm, projections in mm x 1/mm. */
export interface ProjectorPort {
  /** out = sum_i A_i^T (A_i x - y_i) */
  gradient(x: Volume, out: Volume): Promise<void>;
  /** out = sum_i A_i^T y_i, not scaled */
  adjoint(out: Volume): Promise<void>;
  /** out = sum_i A_i^T A_i x */
  normal(x: Volume, out: Volume): Promise<void>;
  /** out = FDK (parallel beam: filtered back projection) of all views together */
  pseudoInverse(out: Volume): Promise<void>;
}

export interface DenoiserPort {
  /** out = D(input, sigma); input is expected in about [0,1], sigma in the same unit */
  denoise(input: Volume, sigma: number, out: Volume): Promise<void>;
}

/** Elementwise and reducing operations; results do not depend on the number of workers. */
export interface VectorPort {
  /** target = offset + sum_k coefficient_k * volume_k; target may be among the volumes */
  combine(target: Volume, terms: readonly (readonly [coefficient: number, volume: Volume])[], offset?: number): Promise<void>;
  clamp(target: Volume, low: number, high: number): Promise<void>;
  dot(a: Volume, b: Volume): Promise<number>;
  minMax(a: Volume): Promise<{ minimum: number; maximum: number }>;
  /** Values at `fractions` (0..1) of the sorted volume, linearly interpolated. */
  percentiles(a: Volume, fractions: readonly number[]): Promise<number[]>;
  /** Reproducible positive random values, the same for any number of workers. */
  fillRandom(target: Volume, seed: number): Promise<void>;
}

export interface Ports {
  readonly projector: ProjectorPort;
  readonly denoiser: DenoiserPort;
  readonly vectors: VectorPort;
  /** Minimum and maximum of the reference volume; null where the data has none. */
  readonly referenceRange: { readonly minimum: number; readonly maximum: number } | null;
  /** The volume called `name`, one of those the solver declared. */
  volume(name: string): Volume;
}
