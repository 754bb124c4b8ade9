/** Runs the windows of a network that are not measured yet, as far as memory and patience allow. What is made of the probes is left to preflight and advise. */
import { estimateNetwork, type NetworkProbe, windowShape } from '../../engine/plan/networkEstimate';
import type { MachineInfo } from '../../shared/workerMessages';
import { Prober, type ProberOptions, type Progress, type Windows } from '../coordinator/prober';
import { freeOf } from './freeMemory';
import type { NetworkNeeds } from './rowNeeds';

/** Probes leave so much of the free memory alone. */
const PROBE_SHARE = 0.6;
/** A batch that would take longer is not run for a prediction, seconds; smaller ones are continued. */
const LONGEST_BATCH_SEC = 20;
/** Windows of usual sizes and shapes, from which those in between are read. */
const LADDER: readonly Windows[] = [
  { batch: 1, patch: [24, 24, 24], overlap: [4, 4, 4] },
  { batch: 2, patch: [24, 48, 48], overlap: [4, 8, 8] },
  { batch: 1, patch: [12, 112, 112], overlap: [2, 8, 8] },
  { batch: 1, patch: [40, 80, 80], overlap: [4, 8, 8] },
  { batch: 1, patch: [12, 240, 240], overlap: [2, 8, 8] },
  { batch: 1, patch: [28, 176, 176], overlap: [2, 8, 8] },
];

export class WindowProbes {
  readonly prober: Prober;
  private readonly machine: MachineInfo;

  constructor(options: ProberOptions) {
    this.prober = new Prober(options);
    this.machine = options.machine;
  }

  /** Usual windows of the row's network, for windows that nobody has run. */
  async measureLadder(network: NetworkNeeds, limitMiB: number | null, progress: Progress = {}): Promise<void> {
    for (const [index, windows] of LADDER.entries()) {
      progress.report?.(index / LADDER.length);
      await this.measureOnce(network, windows, limitMiB, progress);
    }
  }

  /** The row's own windows, one at a time and in its largest batch that can be tried. */
  async measureWindows(network: NetworkNeeds, limitMiB: number | null, progress: Progress): Promise<void> {
    const windows = { patch: network.tiling.patch, overlap: network.tiling.halo };
    await this.measureOnce(network, { ...windows, batch: 1 }, limitMiB, progress);
    const probes = await this.prober.networkProbes(network.use);
    if (probes.some((probe) => probe.batch >= network.largestBatch && isSameProbe(probe, { ...windows, batch: probe.batch }))) return;
    // What does not fit is not tried at its full size; two sizes are needed to continue from.
    for (let batch = network.largestBatch; batch > 1; batch = Math.floor(batch / 2)) {
      if (await this.measureOnce(network, { ...windows, batch }, limitMiB, progress)) return;
    }
    const [smallest] = LADDER;
    if (smallest) await this.measureOnce(network, smallest, limitMiB, progress);
  }

  /** The probe of these windows, run where it is missing; null where memory ran out. */
  async probe(network: NetworkNeeds, windows: Windows, limitMiB: number | null, progress: Progress): Promise<NetworkProbe | null> {
    const probes = await this.prober.networkProbes(network.use);
    const known = probes.find((probe) => isSameProbe(probe, windows));
    return known ?? this.prober.measureNetwork(network.use, windows, limitMiB, progress.signal);
  }

  /** True where the probe is there afterwards; one that memory or patience does not allow is not tried. */
  private async measureOnce(network: NetworkNeeds, windows: Windows, limitMiB: number | null, progress: Progress): Promise<boolean> {
    const probes = await this.prober.networkProbes(network.use);
    const isKnown = probes.some((probe) => isSameProbe(probe, windows));
    const expected = estimateNetwork(probes, windowShape(windows.patch, windows.overlap), windows.batch);
    const single = probes.find((probe) => isSameProbe(probe, { ...windows, batch: 1 }));
    const memoryMiB = expected?.memoryMiB ?? (single?.memoryMiB ?? 0) * windows.batch;
    const seconds = expected?.seconds ?? (single?.seconds ?? 0) * windows.batch;
    const room = PROBE_SHARE * freeOf(network.use.device, this.machine);
    if (!isKnown && (network.use.workers * memoryMiB > room || seconds > LONGEST_BATCH_SEC)) return false;
    return (await this.probe(network, windows, limitMiB, progress)) !== null;
  }
}

function isSameProbe(probe: Windows, { batch, patch, overlap }: Windows): boolean {
  return probe.batch === batch && String(probe.patch) === String(patch) && String(probe.overlap) === String(overlap);
}
