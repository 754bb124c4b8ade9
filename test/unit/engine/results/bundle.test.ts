// How a run differs from the one in a bundle.
import { describe, expect, it } from 'vitest';
import { bundleInputs, compareRuns } from '../../../../src/engine/results/bundle';
import { type Provenance, provenanceSchema } from '../../../../src/shared/runs';
import { iterationRecord, runDetail } from '../../../fixtures/records';

const provenance = (change: Partial<Provenance> = {}): Provenance =>
  provenanceSchema.parse({
    data_path: '/data/walnut.pt',
    data_sha256: 'd1',
    model_name: 'net.onnx',
    model_sha256: 'm1',
    devices: ['cpu', 'cpu'],
    provider: 'cpu',
    versions: { tomobench: '0.1.0', onnxruntime: '1.30.0' },
    machine: { cpu: 'A', logical_cores: '2' },
    notes: [],
    ...change,
  });

describe('compareRuns', () => {
  const there = runDetail('a', 3, { provenance: provenance() });

  it('finds nothing where nothing differs', () => {
    const here = runDetail('b', 3, { provenance: provenance() });
    expect(compareRuns(there, here, { bundle: 'x', here: 'x' })).toMatchObject({
      same_bits: true,
      psnr_difference_db: 0,
      largest_psnr_difference_db: 0,
      time_ratio: 1,
      circumstances: [],
    });
  });

  it('says here minus bundle over the iterations both have, and the largest difference on the way', () => {
    const iterations = [0, 1, 2].map((index) => ({
      ...iterationRecord(index),
      psnr: 20 + index + (index === 1 ? -0.5 : 0.25),
      time_sec: 3 * index,
    }));
    const here = runDetail('b', 3, { iterations, iterations_done: 5, status: 'failed' });
    const longer = runDetail('a', 5, { provenance: provenance() });
    expect(compareRuns(longer, here, { bundle: 'x', here: 'y' })).toMatchObject({
      same_bits: false,
      status: { bundle: 'done', here: 'failed' },
      psnr_difference_db: 0.25,
      largest_psnr_difference_db: 0.5,
      time_ratio: 1.5,
    });
  });

  it('names versions, hardware, data and network that are not the same', () => {
    const changed = { data_sha256: 'd2', git: { commit: 'c', changed: true }, versions: { tomobench: '0.2.0', onnxruntime: '1.30.0' } };
    const here = runDetail('b', 3, { provenance: provenance(changed) });
    expect(compareRuns(there, here, { bundle: null, here: 'x' })).toMatchObject({
      same_bits: null,
      circumstances: [
        { what: 'data_sha256', bundle: 'd1', here: 'd2' },
        { what: 'commit', bundle: 'none', here: 'c, with changes' },
        { what: 'tomobench', bundle: '0.1.0', here: '0.2.0' },
      ],
    });
  });
});

it('lists data and networks of a bundle once', () => {
  const runs = [runDetail('a', 1, { provenance: provenance() }), runDetail('b', 1, { provenance: provenance() }), runDetail('c', 0)];
  expect(bundleInputs(runs)).toEqual({
    data: [{ path: '/data/walnut.pt', sha256: 'd1' }],
    models: [{ name: 'net.onnx', sha256: 'm1' }],
  });
});
