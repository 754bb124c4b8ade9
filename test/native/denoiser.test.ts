// The denoiser on tiles: the trimmed network gives the numbers of the whole window, batches do not matter, and providers and precisions fall back aloud.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowRegions } from '../../src/engine/tiling/drunetRegions';
import { planTiles, type Tiling, wholeVolume } from '../../src/engine/tiling/tiles';
import { loadNative } from '../../src/native/binding';
import type { VolumeShape } from '../../src/shared/geometry';
import { OnnxDenoiser } from '../../src/worker/adapters/onnxDenoiser';
import type { SessionOptions } from '../../src/worker/adapters/onnxSession';
import { importModel } from '../../src/worker/formats/onnxModel';
import { decodeOnnx, encodeOnnx } from '../../src/worker/formats/onnxSchema';

const folder = mkdtempSync(join(tmpdir(), 'denoiser-'));
const native = loadNative();
const ours = join(folder, 'flat.onnx');
/** The same network without its description: nothing is known of its structure, so it always runs on whole windows. */
const unknown = join(folder, 'unknown.onnx');

beforeAll(async () => {
  await importModel('test/fixtures/torch/drunet_flat.pt', ours);
  const model = decodeOnnx(readFileSync(ours));
  if (model === null) throw new Error('the imported model cannot be read');
  writeFileSync(unknown, encodeOnnx({ ...model, metadata: {} }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const onCpu: Omit<SessionOptions, 'modelPath'> = { device: 'cpu', provider: 'cpu', precision: 'fp32', threads: 1 };

/** Not smooth and without any symmetry, so that a voxel in the wrong place shows. */
function testVolume(shape: VolumeShape): Float32Array {
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => 0.5 + 0.4 * Math.sin(i * 0.7) * Math.cos(i * 0.013));
}

async function denoise(options: SessionOptions, tiling: Tiling, batch: number): Promise<{ values: Float32Array; denoiser: OnnxDenoiser }> {
  const volume = testVolume(tiling.shape);
  const [input, output] = [native.createArray(volume.length), native.createArray(volume.length)];
  const denoiser = await OnnxDenoiser.open(options, native);
  try {
    input.write(0, volume);
    await denoiser.denoise(input, output, 0.1, tiling, tiling.tiles, batch, async () => {});
    const values = new Float32Array(volume.length);
    output.read(0, values);
    return { values, denoiser };
  } finally {
    await denoiser.close();
    input.close();
    output.close();
  }
}

function largestGap(a: Float32Array, b: Float32Array): number {
  return a.reduce((gap, value, index) => Math.max(gap, Math.abs(value - (b[index] ?? Number.NaN))), 0);
}

describe('the trimmed network', () => {
  it.each<[string, Tiling, number]>([
    ['published proportions: 12 slices padded to 16', planTiles([20, 60, 60], [8, 48, 48], [2, 16, 16]), 0.75],
    ['a halo of whole blocks in z', planTiles([40, 24, 24], [16, 24, 24], [16, 4, 4]), 0.6],
    ['windows that need no padding', planTiles([36, 40, 40], [26, 30, 30], [3, 5, 5]), 0.95],
    ['odd sizes', planTiles([13, 21, 35], [7, 11, 20], [1, 3, 5]), 0.9],
    ['a whole volume that is padded', wholeVolume([18, 33, 40]), 0.75],
  ])('%s: as the whole window, with less work', async (_name, tiling, most) => {
    expect(windowRegions(tiling, 2).work).toBeLessThan(most);
    const trimmed = await denoise({ ...onCpu, modelPath: ours }, tiling, 3);
    const whole = await denoise({ ...onCpu, modelPath: unknown }, tiling, 3);
    expect(largestGap(trimmed.values, whole.values)).toBeLessThan(1e-6);
    expect(largestGap(trimmed.values, new Float32Array(trimmed.values.length))).toBeGreaterThan(0.05);
  });

  it('leaves nothing out where everything counts', () => {
    expect(windowRegions(wholeVolume([32, 40, 48]), 2).work).toBe(1);
  });

  it('gives the same bits in batches of any size', async () => {
    const tiling = planTiles([20, 40, 40], [8, 20, 20], [2, 6, 6]);
    const results = await Promise.all([0, 1, 2, 5].map((batch) => denoise({ ...onCpu, modelPath: ours }, tiling, batch)));
    for (const { values } of results) expect(values).toEqual(results[0]?.values);
  });

  it('changes from one tiling to another and back', async () => {
    const tilings = [
      planTiles([16, 32, 32], [8, 16, 16], [2, 4, 4]),
      wholeVolume([16, 32, 32]),
      planTiles([16, 32, 32], [6, 20, 20], [1, 2, 2]),
    ];
    const volume = testVolume([16, 32, 32]);
    const [input, output] = [native.createArray(volume.length), native.createArray(volume.length)];
    const denoiser = await OnnxDenoiser.open({ ...onCpu, modelPath: ours }, native);
    const results: Float32Array[] = [];
    input.write(0, volume);
    for (const tiling of [...tilings, ...tilings]) {
      await denoiser.denoise(input, output, 0.1, tiling, tiling.tiles, 2, async () => {});
      const values = new Float32Array(volume.length);
      output.read(0, values);
      results.push(values);
    }
    await denoiser.close();
    input.close();
    output.close();
    for (const index of [0, 1, 2]) expect(results[index + 3]).toEqual(results[index]);
    expect(largestGap(results[0] as Float32Array, results[1] as Float32Array)).toBeGreaterThan(1e-4);
  });
});

describe('provider and precision', () => {
  const tiling = wholeVolume([8, 32, 32]);

  it('runs on the processor without a word', async () => {
    const { denoiser } = await denoise({ ...onCpu, provider: 'auto', modelPath: ours }, tiling, 0);
    expect([denoiser.provider, denoiser.precision, denoiser.notes]).toEqual(['cpu', 'fp32', []]);
  });

  const hasGpu = native.deviceInfo().cuda.length > 0;
  if (hasGpu) console.log('Not run: a provider that cannot start (this machine has a GPU).');
  it.skipIf(hasGpu)('falls back aloud from CUDA', async () => {
    const { denoiser, values } = await denoise({ ...onCpu, device: 'cuda:0', provider: 'auto', modelPath: ours }, tiling, 0);
    expect(denoiser.provider).toBe('cpu');
    expect(denoiser.notes[0]).toMatch(/^The network runs on the processor: CUDA could not start \(.+\)/);
    expect(values).toEqual((await denoise({ ...onCpu, modelPath: ours }, tiling, 0)).values);
  });

  it('says that the processor has no half precision', async () => {
    const { denoiser } = await denoise({ ...onCpu, precision: 'fp16', modelPath: ours }, tiling, 0);
    expect(denoiser.precision).toBe('fp32');
    expect(denoiser.notes).toEqual(['precision: fp16 is not to be had on the processor; the network ran in fp32.']);
  });
});
