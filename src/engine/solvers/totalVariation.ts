/** The proximal step of total variation, as steps on its dual that the volume operations carry out slab by slab. */
import type { Ports, VectorField, Volume } from '../ports/ports';

/** ||grad||^2 <= 12: four for each axis, whose differences are never stretched (ports). */
const SQUARED_GRADIENT_NORM = 12;

/** Six volumes; `dual` keeps its solution between calls, so that the next call starts near its own. */
export const totalVariationVolumes = ['dual_z', 'dual_y', 'dual_x', 'point_z', 'point_y', 'point_x'] as const;

export interface TotalVariationSettings {
  /** In the unit of the image (1/mm). */
  readonly weight: number;
  readonly iterations: number;
  /** Limits of the image. */
  readonly low: number;
  readonly high: number;
}

/** Isotropic total variation in three dimensions, TV(x) = sum over voxels of |grad x|. */
export class TotalVariation {
  private readonly dual: VectorField;
  private readonly point: VectorField;

  constructor(private readonly ports: Ports) {
    const field = (name: string): VectorField => [ports.volume(`${name}_z`), ports.volume(`${name}_y`), ports.volume(`${name}_x`)];
    this.dual = field('dual');
    this.point = field('point');
  }

  /** What the next call starts from, under the names of its volumes. */
  get memory(): Readonly<Record<string, Volume>> {
    const [dual_z, dual_y, dual_x] = this.dual;
    return { dual_z, dual_y, dual_x };
  }

  /** dual = 0 */
  async reset(): Promise<void> {
    for (const part of this.dual) await this.ports.vectors.combine(part, []);
  }

  /**
   * out = argmin over low <= u <= high of |u - b|^2 / 2 + weight TV(u), by `iterations` accelerated steps on the dual p:
   *
   *     u = clip(b + weight div r);  q = P(r + grad u / (12 weight));  r = q + (t - 1)/t' (q - p);  p = q;   t' = (1 + sqrt(1 + 4 t^2)) / 2
   *
   * P cuts vectors back to length 1. Source: Beck and Teboulle 2009, "Fast gradient-based algorithms for constrained total variation image
   * denoising and deblurring problems", IEEE Trans. Image Process. 18(11), algorithm FGP; 12 instead of 8 for three dimensions. `out` may not be `b`.
   */
  async proximal(b: Volume, out: Volume, { weight, iterations, low, high }: TotalVariationSettings): Promise<void> {
    const { vectors } = this.ports;
    if (weight > 0) {
      for (const axis of [0, 1, 2] as const) await vectors.combine(this.point[axis], [[1, this.dual[axis]]]);
      let t = 1;
      for (let iteration = 0; iteration < iterations; iteration++) {
        await vectors.totalVariationImage(out, b, this.point, weight, low, high);
        const next = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
        await vectors.totalVariationStep(out, this.dual, this.point, 1 / (SQUARED_GRADIENT_NORM * weight), (t - 1) / next);
        t = next;
      }
    }
    await vectors.totalVariationImage(out, b, this.dual, weight, low, high);
  }
}
