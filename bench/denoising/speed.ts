/** Seconds of the denoiser and of the reference's pipeline in PyTorch on the same volume, windows, weights and number of threads, and how far their results are apart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planTiles, type Tiling } from '../../src/engine/tiling/tiles';
import { loadNative } from '../../src/native/binding';
import type { VolumeShape } from '../../src/shared/geometry';
import { Denoiser } from '../../src/worker/adapters/denoiser';
import type { NetworkOptions } from '../../src/worker/adapters/networkRunner';
import { openNpy, writeNpyVolume } from '../../src/worker/formats/npy';
import { howToGetTorch, pythonWithTorch, runPeer } from '../peers/referencePipeline';
import { type NetworkFiles, networkOfModel, randomNetwork } from './networks';

const sigma = 0.05;
const repeats = 3;
const fullChannels = [64, 128, 256, 512];
const fullBlocks = 4;

interface Case {
  readonly windows: string;
  readonly shape: VolumeShape;
  readonly patch: VolumeShape;
  readonly overlap: VolumeShape;
  readonly batch: number;
}

/** The last one is the published [8,256,256] + [2,16,16] at half its width: 12 slices that the network pads to 16. */
const cases: readonly Case[] = [
  { windows: '16 x 96 x 96, nothing padded', shape: [16, 96, 96], patch: [16, 96, 96], overlap: [0, 0, 0], batch: 1 },
  { windows: '12 x 160 x 160 for 8 x 128 x 128', shape: [16, 128, 128], patch: [8, 128, 128], overlap: [2, 16, 16], batch: 2 },
];

export interface SpeedRow {
  readonly network: string;
  readonly windows: string;
  readonly targetRatio: number;
  /** Best of three. */
  readonly seconds: number;
  /** The same network in ONNX Runtime. */
  readonly runtimeSeconds: number;
  readonly peerSeconds: number | null;
  readonly ratio: number | null;
  /** Largest difference of the results over the range of the peer's. */
  readonly gapOfRange: number | null;
}

export async function measureSpeed(shippedModel: string, threads: number): Promise<SpeedRow[]> {
  const python = pythonWithTorch();
  if (python === null) console.error(howToGetTorch);
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-'));
  try {
    const networks: [string, number, NetworkFiles][] = [
      ['small (16,32,64,128), 2 blocks, shipped', 50, await networkOfModel(folder, shippedModel)],
      ['full (64,128,256,512), 4 blocks, random', 10, await randomNetwork(folder, fullChannels, fullBlocks)],
    ];
    const rows: SpeedRow[] = [];
    for (const [network, targetRatio, files] of networks) {
      for (const each of cases) rows.push({ network, targetRatio, ...(await compare(folder, python, files, each, threads)) });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(
  folder: string,
  python: string | null,
  { modelPath, weightsPath }: NetworkFiles,
  { windows, shape, patch, overlap, batch }: Case,
  threads: number,
): Promise<Omit<SpeedRow, 'network' | 'targetRatio'>> {
  const length = shape[0] * shape[1] * shape[2];
  const volume = Float32Array.from({ length }, (_, i) => 0.5 + 0.4 * Math.sin(i * 0.7) * Math.cos(i * 0.013));
  const paths = { volume: join(folder, 'in.npy'), out: join(folder, 'out.npy') };
  await writeNpyVolume(paths.volume, shape, (start, target) => target.set(volume.subarray(start, start + target.length)));
  const tiling = planTiles(shape, patch, overlap);
  const { seconds, result } = await time({ modelPath, provider: 'auto', threads }, tiling, volume, batch);
  const { seconds: runtimeSeconds } = await time({ modelPath, provider: 'cpu', threads }, tiling, volume, batch);
  const own = { windows, seconds, runtimeSeconds };
  if (python === null) return { ...own, peerSeconds: null, ratio: null, gapOfRange: null };
  const job = { weights: weightsPath, ...paths, sigma, patch, overlap, batch, threads, repeats, warm_up: 1, limit: 0 };
  const peerSeconds = Math.min(...runPeer(python, folder, job).denoise_seconds);
  return { ...own, peerSeconds, ratio: peerSeconds / seconds, gapOfRange: await gapOfRange(paths.out, result) };
}

/** Best of a few, after a warm-up. */
async function time(
  options: Pick<NetworkOptions, 'modelPath' | 'provider' | 'threads'>,
  tiling: Tiling,
  volume: Float32Array,
  batch: number,
): Promise<{ seconds: number; result: Float32Array }> {
  const native = loadNative();
  const denoiser = await Denoiser.open({ ...options, device: 'cpu', precision: 'fp32' }, native);
  const [input, output] = [native.createArray(volume.length), native.createArray(volume.length)];
  const result = new Float32Array(volume.length);
  let seconds = Number.POSITIVE_INFINITY;
  try {
    input.write(0, volume);
    for (let run = 0; run <= repeats; run++) {
      const times = await denoiser.denoise(input, output, sigma, tiling, tiling.tiles, batch, async () => {});
      if (run > 0) seconds = Math.min(seconds, times.seconds);
    }
    output.read(0, result);
    return { seconds, result };
  } finally {
    await denoiser.close();
    input.close();
    output.close();
  }
}

async function gapOfRange(path: string, result: Float32Array): Promise<number> {
  const file = await openNpy(path);
  const expected = new Float32Array(file.elements);
  await file.read(expected, 0, expected.length);
  await file.close();
  let [low, high, gap] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const [index, value] of expected.entries()) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    gap = Math.max(gap, Math.abs(value - (result[index] ?? Number.NaN)));
  }
  return gap / (high - low);
}

export function printSpeed(rows: readonly SpeedRow[], threads: number): void {
  console.log(`Both with ${threads} threads; best of ${repeats}; the same weights, windows and batches.`);
  console.log(
    '| network | windows | PyTorch, inflated 3D | ONNX Runtime, folded | TomoBench | ratio to PyTorch | target | largest gap / range |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const { network, windows, peerSeconds, runtimeSeconds, seconds, ratio, targetRatio, gapOfRange: gap } of rows) {
    const peer = peerSeconds === null ? '-' : `${peerSeconds.toFixed(2)} s`;
    console.log(
      `| ${network} | ${windows} | ${peer} | ${runtimeSeconds.toFixed(3)} s | ${seconds.toFixed(3)} s | ${ratio?.toFixed(1) ?? '-'} | >= ${targetRatio} | ${gap?.toExponential(1) ?? '-'} |`,
    );
  }
}
