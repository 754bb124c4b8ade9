/** Runs the network once on windows of a given shape and batch, in a process that has done nothing else, so that its peak memory is the network's own. */
import { planTiles } from '../../engine/tiling/tiles';
import { type DeviceName, loadNative } from '../../native/binding';
import type { NetworkProbeAnswer, NetworkProbeJob } from '../../shared/workerMessages';
import { OnnxDenoiser } from '../adapters/onnxDenoiser';

const MIB = 1024 * 1024;
/** Batches after the warm-up: the quickest counts, because everything that disturbs a measurement makes it longer. */
const TIMED_BATCHES = 2;
/** A batch that took this long is timed well enough by one run, seconds. */
const LONG_BATCH = 2;

/**
 * Memory is what the process grew by from before the model was opened to its peak, without the volumes the windows are cut from; seconds are
 * those of one batch with its gathering and scattering, after a warm-up.
 */
export async function probeNetwork(job: NetworkProbeJob): Promise<NetworkProbeAnswer> {
  const native = loadNative();
  const { batch, window } = job;
  // Windows side by side in z, without halo: each is gathered and scattered as a row's windows are.
  const shape = [window[0] * batch, window[1], window[2]] as const;
  const volumeMiB = (2 * 4 * shape[0] * shape[1] * shape[2]) / MIB;
  const tiling = planTiles(shape, window, 0);
  const length = shape[0] * shape[1] * shape[2];
  const before = deviceMiB(job.device as DeviceName) ?? native.processMemory().residentMiB;
  const denoiser = await OnnxDenoiser.open(
    { modelPath: job.modelPath, device: job.device, provider: 'auto', precision: 'fp32', threads: job.threads },
    native,
  );
  const [input, output] = [native.createArray(length), native.createArray(length)];
  try {
    await native.fillRandom(input, 1, 'uniform', 0, length, { threads: job.threads });
    output.fill(0);
    await denoiser.warmUp(batch, tiling, job.sigma);
    let seconds = Number.POSITIVE_INFINITY;
    let afterwards = 0;
    for (let run = 0; run < TIMED_BATCHES && (run === 0 || seconds < LONG_BATCH); run++) {
      const start = performance.now();
      await denoiser.denoise(input, output, job.sigma, tiling, tiling.tiles, batch, async () => {
        afterwards = Math.max(afterwards, deviceMiB(job.device as DeviceName) ?? 0);
      });
      seconds = Math.min(seconds, (performance.now() - start) / 1000);
    }
    const peak = denoiser.provider === 'cpu' ? native.processMemory().peakResidentMiB - volumeMiB : afterwards;
    return { memoryMiB: peak - before, seconds, provider: denoiser.provider };
  } finally {
    input.close();
    output.close();
    await denoiser.close();
  }
}

/** Memory in use on a GPU; null for the processor. The runtime keeps what it once took, so looking between batches sees the peak. */
function deviceMiB(device: DeviceName): number | null {
  if (device === 'cpu') return null;
  const memory = loadNative().deviceMemory(device);
  return memory.totalMiB - memory.freeMiB;
}
