/** Isotropic 3D total-variation denoising and the search for its best weight, as a peer for the network; which noise it faces is the caller's. */
import type { VolumeShape } from '../../src/shared/geometry';

const searchIterations = 80;
const finalIterations = 400;
const searchSteps = 9;
/** Where the best weight lies as a multiple of the noise level: bounds of the search, wide enough for any noise here. */
const smallestFactor = 0.15;
const largestFactor = 3;

export interface BestTotalVariation {
  readonly meanSquaredError: number;
  readonly weight: number;
}

/**
 * Minimises |u - noisy|^2 / 2 + weight * sum |grad u| (forward differences, Neumann border) over its dual by FISTA
 * (Beck and Teboulle 2009, "Fast gradient-based algorithms for constrained total variation image denoising", without bounds on u).
 * The dual variable is kept between calls: it starts the next weight near its solution.
 */
export class TotalVariationDenoiser {
  private readonly dual: [Float32Array, Float32Array, Float32Array];
  private readonly point: [Float32Array, Float32Array, Float32Array];
  private readonly image: Float32Array;

  constructor(
    private readonly noisy: Float32Array,
    private readonly shape: VolumeShape,
  ) {
    const field = () => new Float32Array(noisy.length);
    this.dual = [field(), field(), field()];
    this.point = [field(), field(), field()];
    this.image = field();
  }

  /** The denoised volume (D,H,W), valid until the next call. */
  denoise(weight: number, iterations: number): Float32Array {
    for (const axis of [0, 1, 2] as const) this.point[axis].set(this.dual[axis]);
    let momentum = 1;
    for (let iteration = 0; iteration < iterations; iteration++) {
      this.imageOf(this.point, weight);
      const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      // 12 bounds the norm of gradient times divergence in three dimensions.
      this.step(1 / (12 * weight), (momentum - 1) / next);
      momentum = next;
    }
    this.imageOf(this.dual, weight);
    return this.image;
  }

  /** image = noisy + weight * div field. */
  private imageOf([fieldZ, fieldY, fieldX]: [Float32Array, Float32Array, Float32Array], weight: number): void {
    const { noisy, image } = this;
    const [depth, height, width] = this.shape;
    const plane = height * width;
    for (let z = 0, i = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          let divergence = (fieldZ[i] as number) + (fieldY[i] as number) + (fieldX[i] as number);
          if (z > 0) divergence -= fieldZ[i - plane] as number;
          if (y > 0) divergence -= fieldY[i - width] as number;
          if (x > 0) divergence -= fieldX[i - 1] as number;
          image[i] = (noisy[i] as number) + weight * divergence;
        }
      }
    }
  }

  /** dual = point + size * grad image, pulled back to length 1; point = dual + inertia * (change of dual). */
  private step(size: number, inertia: number): void {
    const { image } = this;
    const [dualZ, dualY, dualX] = this.dual;
    const [pointZ, pointY, pointX] = this.point;
    const [depth, height, width] = this.shape;
    const plane = height * width;
    for (let z = 0, i = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const here = image[i] as number;
          let newZ = z + 1 < depth ? (pointZ[i] as number) + size * ((image[i + plane] as number) - here) : 0;
          let newY = y + 1 < height ? (pointY[i] as number) + size * ((image[i + width] as number) - here) : 0;
          let newX = x + 1 < width ? (pointX[i] as number) + size * ((image[i + 1] as number) - here) : 0;
          const squared = newZ * newZ + newY * newY + newX * newX;
          if (squared > 1) {
            const scale = 1 / Math.sqrt(squared);
            newZ *= scale;
            newY *= scale;
            newX *= scale;
          }
          pointZ[i] = newZ + inertia * (newZ - (dualZ[i] as number));
          pointY[i] = newY + inertia * (newY - (dualY[i] as number));
          pointX[i] = newX + inertia * (newX - (dualX[i] as number));
          dualZ[i] = newZ;
          dualY[i] = newY;
          dualX[i] = newX;
        }
      }
    }
  }
}

/** Golden-section search for the weight of least error against `clean`, then a long run at that weight. */
export function bestTotalVariation(clean: Float32Array, noisy: Float32Array, shape: VolumeShape, sigma: number): BestTotalVariation {
  const denoiser = new TotalVariationDenoiser(noisy, shape);
  const error = (logWeight: number, iterations: number) => meanSquaredError(denoiser.denoise(Math.exp(logWeight), iterations), clean);
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(smallestFactor * sigma);
  let high = Math.log(largestFactor * sigma);
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let leftError = error(left, searchIterations);
  let rightError = error(right, searchIterations);
  for (let step = 0; step < searchSteps; step++) {
    if (leftError < rightError) {
      [high, right, rightError] = [right, left, leftError];
      left = high - golden * (high - low);
      leftError = error(left, searchIterations);
    } else {
      [low, left, leftError] = [left, right, rightError];
      right = low + golden * (high - low);
      rightError = error(right, searchIterations);
    }
  }
  const logWeight = leftError < rightError ? left : right;
  return { meanSquaredError: error(logWeight, finalIterations), weight: Math.exp(logWeight) };
}

export function meanSquaredError(volume: Float32Array, reference: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < volume.length; i++) sum += ((volume[i] as number) - (reference[i] as number)) ** 2;
  return sum / volume.length;
}
