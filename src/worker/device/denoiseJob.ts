/** The denoising network on a volume file, alone and timed, for the command line; rows of an experiment go through deviceSession. */
import { batchTiles, planTiles, wholeVolume } from '../../engine/tiling/tiles';
import { loadNative } from '../../native/binding';
import { UserError } from '../../shared/errors';
import type { DenoiseAnswer, DenoiseJob, ModelSummary } from '../../shared/workerMessages';
import { Denoiser } from '../adapters/denoiser';
import { writeVolume } from '../formats/volumeWriter';
import { loadNpy, npyVolumeShape } from './arrayFiles';

const MB_PER_MIB = (1024 * 1024) / 1e6;

type Notify = (name: 'progress' | 'log', payload: unknown) => void;

/** Writes D(volume, sigma). The volume is expected in [0,1]. */
export async function denoiseFile(job: DenoiseJob, notify: Notify): Promise<DenoiseAnswer> {
  const native = loadNative();
  const shape = await npyVolumeShape(job.volumePath);
  const tiling = job.patch === null ? wholeVolume(shape) : planTiles(shape, job.patch.size, job.patch.overlap);
  const batches = batchTiles(tiling.tiles, job.maxBatchSize);
  const denoiser = await Denoiser.open(job, native);
  const length = shape[0] * shape[1] * shape[2];
  const [input, output] = [native.createArray(length), native.createArray(length)];
  try {
    await loadNpy(job.volumePath, shape, input, 'the volume');
    await denoiser.warmUp(batches[0]?.length ?? 1, tiling, job.sigma, batches.length);
    native.resetPeakMemory();
    const { seconds, networkSeconds } = await denoiser.denoise(
      input,
      output,
      job.sigma,
      tiling,
      tiling.tiles,
      job.maxBatchSize,
      async (done) => {
        notify('progress', { step: 'denoise', fraction: done / tiling.tiles.length });
      },
    );
    const peak_memory_mb = native.processMemory().peakResidentMiB * MB_PER_MIB;
    const place = { shape, voxelSizeMm: [job.voxelSizeMm, job.voxelSizeMm, job.voxelSizeMm], centreMm: [0, 0, 0] } as const;
    await writeVolume(job.outPath, place, (first, target) => output.read(first, target));
    return {
      shape,
      windows: tiling.tiles.length,
      window: tiling.window,
      networkShape: tiling.networkShape,
      batches: batches.length,
      provider: denoiser.provider,
      precision: denoiser.precision,
      networkSeconds,
      peak_memory_mb,
      notes: denoiser.notes,
      seconds,
    };
  } finally {
    input.close();
    output.close();
    await denoiser.close();
  }
}

/** What a model file takes and gives, after a run on a small window to prove that it works. */
export async function describeModel(path: string): Promise<ModelSummary> {
  const native = loadNative();
  const denoiser = await Denoiser.open({ modelPath: path, device: 'cpu', provider: 'cpu', precision: 'fp32', threads: 1 }, native);
  try {
    if (!(await answersFinite(denoiser, native))) {
      throw new UserError(`${path} answers with values that are not finite numbers. Import the weights again.`);
    }
    return { provider: denoiser.provider, ...denoiser.describe() };
  } finally {
    await denoiser.close();
  }
}

async function answersFinite(denoiser: Denoiser, native: ReturnType<typeof loadNative>): Promise<boolean> {
  const tiling = wholeVolume([32, 32, 32]);
  const values = new Float32Array(32 ** 3);
  const [input, output] = [native.createArray(values.length), native.createArray(values.length)];
  try {
    await denoiser.denoise(input, output, 0.05, tiling, tiling.tiles, 1, async () => {});
    output.read(0, values);
    return values.every(Number.isFinite);
  } finally {
    input.close();
    output.close();
  }
}
