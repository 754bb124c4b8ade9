// The denoiser on tiles: the trimmed network gives the numbers of the whole window, batches do not matter, and providers and precisions fall back aloud.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowRegions } from '../../src/engine/tiling/drunetRegions';
import { planTiles, type Tiling, wholeVolume } from '../../src/engine/tiling/tiles';
import { loadNative } from '../../src/native/binding';
import type { VolumeShape } from '../../src/shared/geometry';
import { Denoiser } from '../../src/worker/adapters/denoiser';
import type { NetworkOptions } from '../../src/worker/adapters/networkRunner';
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

const onCpu: Omit<NetworkOptions, 'modelPath'> = { device: 'cpu', provider: 'cpu', precision: 'fp32', threads: 1 };

/** Not smooth and without any symmetry, so that a voxel in the wrong place shows. */
function testVolume(shape: VolumeShape): Float32Array {
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => 0.5 + 0.4 * Math.sin(i * 0.7) * Math.cos(i * 0.013));
}

async function denoise(options: NetworkOptions, tiling: Tiling, batch: number): Promise<{ values: Float32Array; denoiser: Denoiser }> {
  const volume = testVolume(tiling.shape);
  const [input, output] = [native.createArray(volume.length), native.createArray(volume.length)];
  const denoiser = await Denoiser.open(options, native);
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
    const denoiser = await Denoiser.open({ ...onCpu, modelPath: ours }, native);
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

describe("the program's own code for the network", () => {
  const shipped = 'resources/models/drunet-small.onnx';
  const own: Omit<NetworkOptions, 'modelPath'> = { ...onCpu, provider: 'native' };

  it.each<[string, Tiling]>([
    ['published proportions: 12 slices padded to 16', planTiles([20, 60, 60], [8, 48, 48], [2, 16, 16])],
    ['a halo of whole blocks in z', planTiles([40, 24, 24], [16, 24, 24], [16, 4, 4])],
    ['windows that need no padding', planTiles([36, 40, 40], [26, 30, 30], [3, 5, 5])],
    ['odd sizes', planTiles([13, 21, 35], [7, 11, 20], [1, 3, 5])],
    ['a whole volume that is padded', wholeVolume([18, 33, 40])],
    ['windows of which everything counts', planTiles([32, 64, 64], [32, 64, 64], [0, 0, 0])],
  ])('%s: the numbers of ONNX Runtime within float32', async (_name, tiling) => {
    const [ours, theirs] = [
      await denoise({ ...own, modelPath: shipped }, tiling, 3),
      await denoise({ ...onCpu, modelPath: shipped }, tiling, 3),
    ];
    expect([ours.denoiser.provider, ours.denoiser.notes, theirs.denoiser.provider]).toEqual(['native', [], 'cpu']);
    expect(largestGap(ours.values, theirs.values)).toBeLessThan(5e-6);
    expect(largestGap(ours.values, new Float32Array(ours.values.length))).toBeGreaterThan(0.05);
  });

  it('gives the same bits in batches of any size and on any number of threads', async () => {
    const tiling = planTiles([20, 40, 40], [8, 20, 20], [2, 6, 6]);
    const first = await denoise({ ...own, modelPath: shipped }, tiling, 0);
    for (const [batch, threads] of [
      [1, 1],
      [2, 2],
      [5, 3],
    ] as const)
      expect((await denoise({ ...own, threads, modelPath: shipped }, tiling, batch)).values).toEqual(first.values);
  });

  it('is what auto takes where it can, and says aloud where it was asked for and cannot', async () => {
    const tiling = wholeVolume([8, 32, 32]);
    expect((await denoise({ ...own, provider: 'auto', modelPath: shipped }, tiling, 0)).denoiser.provider).toBe('native');
    const { denoiser } = await denoise({ ...own, modelPath: ours }, tiling, 0);
    expect(denoiser.provider).toBe('cpu');
    expect(denoiser.notes).toEqual([
      'The network runs on the processor: native cannot run it, but ONNX Runtime can (its channels are no multiples of 16).',
    ]);
  });

  it('refuses weights and windows that do not belong together', async () => {
    expect(() => native.createNetwork([16, 32, 64, 128], 2, new Float32Array(10))).toThrow(/number of weights/);
    expect(() => native.createNetwork([16, 32, 64], 2, new Float32Array(10))).toThrow(/four numbers of channels/);
    const channels = [16, 16, 16, 16];
    const lengths = [18 * 16, 7 * 2 * 16 * 16 * 9, 6 * 16 * 16 * 8, 9 * 16];
    const network = native.createNetwork(channels, 1, new Float32Array(lengths.reduce((sum, length) => sum + length, 0)));
    const levels = [0, 1, 2, 3].map((level) => {
      const box = { start: [0, 0, 0], end: [8 >> level, 8 >> level, 8 >> level] } as const;
      return { encoder: box, decoder: box, pairedSlices: 8 >> level };
    });
    const [input, output] = [new Float32Array(2 * 512), new Float32Array(512).fill(1)];
    await network.run(input, output, 1, levels);
    expect(output.every((value) => value === 0)).toBe(true);
    await expect(network.run(input, output, 2, levels)).rejects.toThrow(/do not fit the arrays/);
    await expect(network.run(input, output, 1, levels.slice(1))).rejects.toThrow(/four levels/);
    await expect(network.run(input, output, 1, [...levels.slice(1), levels[0] as (typeof levels)[number]])).rejects.toThrow(
      /half as large/,
    );
    network.close();
    await expect(network.run(input, output, 1, levels)).rejects.toThrow(/closed/);
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
