/** Runs the network once on windows of a given shape and batch, in a process that has done nothing else, so that its peak memory is the network's own. */
import { planTiles } from '../../engine/tiling/tiles';
import { type DeviceName, loadNative } from '../../native/binding';
import type { VolumeShape } from '../../shared/geometry';
import type { NetworkProbeAnswer, NetworkProbeJob } from '../../shared/workerMessages';
import { Denoiser } from '../adapters/denoiser';
import { foldedBlocks } from '../formats/onnxModel';

const MIB = 1024 * 1024;
/** Batches one after the other, so that one is copied while the network works on the next, as in a row. */
const BATCHES = 2;
/** Denoisings after the warm-up: the quickest counts, because everything that disturbs a measurement makes it longer. */
const TIMED = 2;
/** Batches that took this long together are timed well enough by one denoising, seconds. */
const LONG = 1.5;

/**
 * Memory is what the process grew by from before the model was opened to its peak, without the volumes the windows are cut from; seconds are
 * those of one batch with its gathering and scattering, after a warm-up.
 */
export async function probeNetwork(job: NetworkProbeJob): Promise<NetworkProbeAnswer> {
  const native = loadNative();
  const { batch, patch, overlap } = job;
  // As many patches in z as are needed; in plane one, where the border that is mirrored allows it.
  const shape: VolumeShape = [
    Math.max(patch[0] * batch * BATCHES, overlap[0] + 1),
    Math.max(patch[1], overlap[1] + 1),
    Math.max(patch[2], overlap[2] + 1),
  ];
  const tiling = planTiles(shape, patch, overlap);
  const tiles = Array.from({ length: batch * BATCHES }, (_, index) => tiling.tiles[index % tiling.tiles.length] ?? raise());
  const length = shape[0] * shape[1] * shape[2];
  const volumeMiB = (2 * 4 * length) / MIB;
  const before = native.processMemory();
  const deviceBefore = deviceMiB(job.device as DeviceName) ?? 0;
  const denoiser = await Denoiser.open(job, native);
  const [input, output] = [native.createArray(length), native.createArray(length)];
  try {
    await native.fillRandom(input, 1, 'uniform', 0, length, { threads: job.threads });
    output.fill(0);
    await denoiser.warmUp(batch, tiling, job.sigma, BATCHES);
    let seconds = Number.POSITIVE_INFINITY;
    let deviceAfterwards = 0;
    for (let run = 0; run < TIMED && (run === 0 || seconds < LONG); run++) {
      const times = await denoiser.denoise(input, output, job.sigma, tiling, tiles, batch, async () => {
        deviceAfterwards = Math.max(deviceAfterwards, deviceMiB(job.device as DeviceName) ?? 0);
      });
      seconds = Math.min(seconds, times.seconds);
    }
    const after = native.processMemory();
    return {
      memoryMiB: after.peakResidentMiB - volumeMiB - before.residentMiB,
      reservedMiB: after.privateMiB - volumeMiB - before.privateMiB,
      deviceMiB: denoiser.provider === 'cpu' || denoiser.provider === 'native' ? 0 : deviceAfterwards - deviceBefore,
      seconds: seconds / BATCHES,
      provider: denoiser.provider,
      blocks: await foldedBlocks(job.modelPath),
    };
  } finally {
    input.close();
    output.close();
    await denoiser.close();
  }
}

function raise(): never {
  throw new RangeError('A tiling has at least one tile.');
}

/** Memory in use on a GPU; null for the processor. The runtime keeps what it once took, so looking between batches sees the peak. */
function deviceMiB(device: DeviceName): number | null {
  if (device === 'cpu') return null;
  const memory = loadNative().deviceMemory(device);
  return memory.totalMiB - memory.freeMiB;
}
