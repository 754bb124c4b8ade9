// Probes of the network: run on all workers at once, held to the limit, kept and found again; no worker is left behind.
import { describe, expect, it } from 'vitest';
import { type NetworkUse, Prober } from '../../../../src/main/coordinator/prober';
import { UserError } from '../../../../src/shared/errors';
import { pnpOf } from '../../../pnpOf';
import { formula, networkRow, outOfMemory, probeRig } from './probeRig';

const use: NetworkUse = {
  model: { path: 'drunet.onnx', hash: 'abc' },
  device: 'cpu',
  threads: 4,
  workers: 2,
  solver: pnpOf(networkRow()),
};
const windows = { batch: 2, patch: [32, 32, 32], overlap: [4, 4, 4] } as const;

describe('Prober.measureNetwork', () => {
  it('runs a batch on as many workers as the row has: the highest memory and the mean time of them', async () => {
    const rig = probeRig((job, worker) => ({ ...formula(job), memoryMiB: 300 + 10 * worker, seconds: 1 + worker }));
    const probe = await new Prober(rig.options).measureNetwork(use, windows, 2000);
    expect(probe).toMatchObject({ ...windows, memoryMiB: 310, seconds: 1.5 });
    expect(rig.jobs).toHaveLength(2);
    expect(rig.jobs[0]).toMatchObject({ modelPath: 'drunet.onnx', threads: 4, precision: 'fp32', sigma: 0.03 });
    expect(rig.limits).toEqual([2000, 2000]);
    expect(rig.alive()).toBe(0);
  });

  it('keeps what it measured for the same circumstances only', async () => {
    const rig = probeRig();
    const prober = new Prober(rig.options);
    expect(await prober.networkProbes(use)).toEqual([]);
    await prober.measureNetwork(use, windows, null);
    expect(await prober.networkProbes(use)).toHaveLength(1);
    expect(await new Prober(rig.options).networkProbes(use)).toHaveLength(1);
    const others: NetworkUse[] = [
      { ...use, threads: 2 },
      { ...use, workers: 1 },
      { ...use, device: 'cuda:0' },
      { ...use, solver: { ...use.solver, precision: 'fp16' } },
      { ...use, model: { ...use.model, hash: 'def' } },
    ];
    for (const other of others) expect(await prober.networkProbes(other)).toEqual([]);
    expect(await new Prober({ ...rig.options, appVersion: '2' }).networkProbes(use)).toEqual([]);
    expect(rig.limits).toEqual([]);
  });

  it('answers null where memory runs out on one worker, and keeps nothing', async () => {
    const rig = probeRig((job, worker) => (worker === 1 ? outOfMemory() : formula(job)));
    expect(await new Prober(rig.options).measureNetwork(use, windows, null)).toBeNull();
    expect(rig.records).toEqual([]);
    expect(rig.alive()).toBe(0);
  });

  it('passes other failures on, and leaves no worker behind', async () => {
    const rig = probeRig(() => {
      throw new UserError('The model cannot be read.');
    });
    await expect(new Prober(rig.options).measureNetwork(use, windows, null)).rejects.toThrow('The model cannot be read.');
    expect(rig.alive()).toBe(0);
  });

  it('ends the workers when it is cancelled', async () => {
    const cancel = new AbortController();
    const rig = probeRig((job) => {
      cancel.abort();
      return formula(job);
    });
    await expect(new Prober(rig.options).measureNetwork(use, windows, null, cancel.signal)).rejects.toThrow();
    expect(rig.records).toEqual([]);
    expect(rig.alive()).toBe(0);
  });
});
