/** The three ports a solver works through, all on volumes known by handle only. Who computes, where and on how many workers is left to the adapters. */

/** A volume (D,H,W) float32 somewhere in shared or device memory. */
export interface Volume {
  readonly name: string;
}

/** One value for each measured pixel of all operators, (views, rows, columns) each; kept by the ranks that own the operators. */
export interface Projections {
  readonly pixels: string;
}

/** The projection operators A_i of a row together with its measurements y_i; voxel values in 1/mm, projections in mm x 1/mm. */
export interface ProjectorPort {
  /** y of all operators; only to be read. */
  readonly measured: Projections;
  /** out = sum_i A_i^T (A_i x - y_i) */
  gradient(x: Volume, out: Volume): Promise<void>;
  /** out = sum_i A_i^T y_i, not scaled */
  adjoint(out: Volume): Promise<void>;
  /** out = sum_i A_i^T A_i x */
  normal(x: Volume, out: Volume): Promise<void>;
  /** out = FDK (parallel beam: filtered back projection) of all views together */
  pseudoInverse(out: Volume): Promise<void>;
  /** out_i = A_i x */
  forward(x: Volume, out: Projections): Promise<void>;
  /** out = sum_i A_i^T p_i */
  back(p: Projections, out: Volume): Promise<void>;
}

export interface DenoiserPort {
  /** out = D(input, sigma); input is expected in about [0,1], sigma in the same unit */
  denoise(input: Volume, sigma: number, out: Volume): Promise<void>;
}

/** Arithmetic on vectors of one kind; results do not depend on the number of workers. */
export interface ArithmeticPort<V> {
  /** target = offset + sum_k coefficient_k * vector_k; target may be among the vectors */
  combine(target: V, terms: readonly (readonly [coefficient: number, vector: V])[], offset?: number): Promise<void>;
  /** target = a / b element by element, 0 where b is not positive; target may be a or b */
  divide(target: V, a: V, b: V): Promise<void>;
  dot(a: V, b: V): Promise<number>;
}

/** A vector field on the volume: one volume for each axis z, y, x. */
export type VectorField = readonly [z: Volume, y: Volume, x: Volume];

/** Elementwise and reducing operations; results do not depend on the number of workers. */
export interface VectorPort extends ArithmeticPort<Volume> {
  clamp(target: Volume, low: number, high: number): Promise<void>;
  minMax(a: Volume): Promise<{ minimum: number; maximum: number }>;
  /** Values at `fractions` (0..1) of the sorted volume, linearly interpolated. */
  percentiles(a: Volume, fractions: readonly number[]): Promise<number[]>;
  /** Reproducible positive random values, the same for any number of workers. */
  fillRandom(target: Volume, seed: number): Promise<void>;
  /**
   * image = min(max(input + weight div field, low), high). div = -grad^T; grad takes forward differences, zero at the far border, each
   * multiplied by (smallest voxel edge) / (edge along its axis): in cubic voxels plain differences.
   */
  totalVariationImage(image: Volume, input: Volume, field: VectorField, weight: number, low: number, high: number): Promise<void>;
  /** q = point + step grad image, cut back to length 1 voxel by voxel;  point = q + inertia (q - dual);  dual = q */
  totalVariationStep(image: Volume, dual: VectorField, point: VectorField, step: number, inertia: number): Promise<void>;
}

export interface Ports {
  readonly projector: ProjectorPort;
  readonly denoiser: DenoiserPort;
  readonly vectors: VectorPort;
  readonly pixels: ArithmeticPort<Projections>;
  /** Minimum and maximum of the reference volume; null where the data has none. */
  readonly referenceRange: { readonly minimum: number; readonly maximum: number } | null;
  /** The volume called `name`, one of those the solver declared. */
  volume(name: string): Volume;
  /** The projections called `name`, of those the solver declared. */
  projections(name: string): Projections;
}
