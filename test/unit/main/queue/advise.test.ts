// Windows for the volume of the published experiment on a machine with 8 GiB: for one worker, and for two that share them.
import type * as os from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { estimateNetwork, windowShape } from '../../../../src/engine/plan/networkEstimate';
import { advisePatchFor } from '../../../../src/main/queue/advise';
import { WindowProbes } from '../../../../src/main/queue/windowProbes';
import { shippedNetwork } from '../../engine/plan/probes';
import { askFor, networkRow, probeRig } from './probeRig';

vi.mock('node:os', async (original) => ({ ...(await original<typeof os>()), freemem: () => 8 * 2 ** 30 }));
vi.mock('../../../../src/main/processes/groupMemory', () => ({ groupMemory: () => ({ limitMiB: null, freeMiB: null, kills: 0 }) }));

const volumeMiB = (4 * 501 ** 3) / 2 ** 20;

describe('advisePatchFor a volume of 501^3 in 8 GiB', () => {
  it.each([1, 2])('computes at most 1.3 voxels for each, %i workers together', async (workers) => {
    // What a worker of PnP holds without the network: of four volumes, two operators' parts and the reference its share.
    const volumes = 1 + (1 + 1 + 1) / workers + (workers === 1 ? 2 : 1.5) + 1 / workers;
    const rig = probeRig(
      ({ batch, patch, overlap }) => {
        const estimate = estimateNetwork(shippedNetwork, windowShape(patch, overlap), batch);
        if (estimate === null) throw new Error('no estimate');
        return { ...estimate, provider: 'cpu', blocks: 2 };
      },
      100 + volumes * volumeMiB,
    );
    const row = networkRow({ patch_size: [8, 256, 256], overlap: [2, 8, 8] });
    const request = askFor([row], { devices: Array.from({ length: workers }, () => 'cpu'), memoryLimitMiB: null });
    const geometry = { ...request.scan.geometry, volumeShape: [501, 501, 501] as [number, number, number] };
    const advice = await advisePatchFor(
      new WindowProbes(rig.options),
      row,
      { ...request, scan: { ...request.scan, geometry } },
      { budgetMiB: null, mayWiden: true },
    );
    expect(advice.computedPerVoxel).toBeLessThanOrEqual(1.3);
    expect(advice.peakMiB).toBeLessThanOrEqual(advice.budgetMiB);
    // Everything together, what is shared counted once: one volume of each kind.
    const together = workers * (advice.peakMiB - 100 - (volumes + (workers === 1 ? 0 : 1)) * volumeMiB) + 100 * workers + 7 * volumeMiB;
    expect(together).toBeLessThanOrEqual(0.85 * 8 * 1024 + 1);
  });
});
