/** PSNR by noise level of the shipped network and of best-tuned 3D total variation, on a volume that neither has seen. */
import { psnr } from '../../src/engine/metrics/score';
import { wholeVolume } from '../../src/engine/tiling/tiles';
import { loadNative } from '../../src/native/binding';
import type { VolumeShape } from '../../src/shared/geometry';
import { Denoiser } from '../../src/worker/adapters/denoiser';
import { openTorchFile } from '../../src/worker/formats/torchFile';
import { bestTotalVariation, meanSquaredError } from './totalVariation';

const sigmas = [0.02, 0.05, 0.1, 0.15, 0.2];
const seed = 20_261_123;

export interface QualityRow {
  readonly sigma: number;
  readonly noisy: number;
  readonly totalVariation: number;
  readonly totalVariationWeight: number;
  readonly network: number;
  readonly networkSeconds: number;
}

/** The reference volume of a torch.save file, scaled linearly to [0, 1]. */
async function readScaledReference(path: string): Promise<{ values: Float32Array; shape: VolumeShape }> {
  const file = await openTorchFile(path);
  try {
    const tensor = file.entries.get('dense_reconstruction');
    const [depth, height, width] = tensor?.shape ?? [];
    if (!tensor || depth === undefined || height === undefined || width === undefined) {
      throw new Error(`${path} holds no volume named dense_reconstruction.`);
    }
    const values = new Float32Array(tensor.elements);
    await tensor.read(values, 0, values.length);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return { values: values.map((value) => (value - low) / (high - low)), shape: [depth, height, width] };
  } finally {
    await file.close();
  }
}

/** Uniform numbers in (0, 1] from a 32-bit seed (mulberry32), so that the noise is the same on every machine. */
function uniformSource(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / 4_294_967_296;
  };
}

/** volume + Gaussian noise of standard deviation sigma (Box and Muller). */
function addNoise(volume: Float32Array, sigma: number, start: number): Float32Array {
  const uniform = uniformSource(start);
  return volume.map((value) => value + sigma * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}

async function denoiseWithNetwork(denoiser: Denoiser, noisy: Float32Array, shape: VolumeShape, sigma: number): Promise<Float32Array> {
  const native = loadNative();
  const input = native.createArray(noisy.length);
  const output = native.createArray(noisy.length);
  try {
    input.write(0, noisy);
    const tiling = wholeVolume(shape);
    await denoiser.denoise(input, output, sigma, tiling, tiling.tiles, 1, async () => {});
    const result = new Float32Array(noisy.length);
    output.read(0, result);
    return result;
  } finally {
    input.close();
    output.close();
  }
}

export function printQuality(rows: readonly QualityRow[]): void {
  console.log('| sigma | noisy | best 3D TV (weight) | network | network - TV | network time |');
  console.log('|---|---|---|---|---|---|');
  for (const row of rows) {
    const difference = row.network - row.totalVariation;
    console.log(
      `| ${row.sigma} | ${row.noisy.toFixed(2)} dB | ${row.totalVariation.toFixed(2)} dB (${row.totalVariationWeight.toFixed(4)}) | ` +
        `${row.network.toFixed(2)} dB | ${difference >= 0 ? '+' : ''}${difference.toFixed(2)} dB | ${row.networkSeconds.toFixed(2)} s |`,
    );
  }
}

export async function measureQuality(dataPath: string, modelPath: string, threads: number): Promise<QualityRow[]> {
  const { values: clean, shape } = await readScaledReference(dataPath);
  const denoiser = await Denoiser.open({ modelPath, device: 'cpu', provider: 'cpu', precision: 'fp32', threads }, loadNative());
  // A shape's first run prepares memory, which the later ones do not pay for.
  await denoiser.warmUp(1, wholeVolume(shape), 0);
  const rows: QualityRow[] = [];
  for (const [index, sigma] of sigmas.entries()) {
    const noisy = addNoise(clean, sigma, seed + index);
    const start = performance.now();
    const denoised = await denoiseWithNetwork(denoiser, noisy, shape, sigma);
    const networkSeconds = (performance.now() - start) / 1000;
    const totalVariation = bestTotalVariation(clean, noisy, shape, sigma);
    const decibels = (error: number) => psnr(error, 1) ?? Number.NaN;
    rows.push({
      sigma,
      noisy: decibels(meanSquaredError(noisy, clean)),
      totalVariation: decibels(totalVariation.meanSquaredError),
      totalVariationWeight: totalVariation.weight,
      network: decibels(meanSquaredError(denoised, clean)),
      networkSeconds,
    });
  }
  await denoiser.close();
  return rows;
}
