/** Only iterates that records name, inside the workspace, and data that was opened can be looked at. */
import { join, resolve } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { VolumeResolver } from '../../../../src/main/app/volumeResolver';
import { UserError } from '../../../../src/shared/errors';
import { experimentRow, iterationRecord } from '../../../fixtures/records';

const workspace = resolve('/workspace');
let files: (string | null)[];
let voxelSize: number | null;
let recordedVoxelSize: number | null;
let dataFound: boolean;
let reads: number;

function resolver(): VolumeResolver {
  const row = experimentRow();
  const store = {
    call: async (method: string, argument: { id: string }) => {
      if (method === 'getExperiment') return { data_path: '/data.pt' };
      if (argument.id !== 'a') throw new UserError(`There is no run ${argument.id} in this workspace.`, 'not_found');
      reads++;
      return {
        label: 'batch 4',
        experiment_id: 'e',
        voxel_size_mm: recordedVoxelSize,
        row: { ...row, dataset: { ...row.dataset, voxel_size: voxelSize } },
        iterations: files.map((volume_file, iteration) => ({ ...iterationRecord(iteration), volume_file })),
      };
    },
  };
  const data = {
    call: async () => {
      if (!dataFound) throw new UserError('/data.pt does not exist.', 'not_found');
      return { geometry: { voxelSizeMm: [0.5, 0.5, 0.5] } };
    },
  };
  return new VolumeResolver(workspace, store as never, data as never);
}

beforeEach(() => {
  files = ['runs/a/0.npy', null, 'runs/a/2.npy'];
  voxelSize = null;
  recordedVoxelSize = null;
  dataFound = true;
  reads = 0;
});

const iterate = (runId: string, iteration: number) => ({ kind: 'iterate', runId, iteration }) as const;

it('finds kept iterates with the voxel size of their data', async () => {
  expect(await resolver().resolve(iterate('a', 2))).toEqual({
    kind: 'npy',
    path: join(workspace, 'runs', 'a', '2.npy'),
    voxelSizeMm: 0.5,
    title: 'batch 4, iteration 2',
  });
});

it("takes the row's voxel size first, and says so where none is known", async () => {
  voxelSize = 0.2;
  expect(await resolver().resolve(iterate('a', 0))).toMatchObject({ voxelSizeMm: 0.2 });
  voxelSize = null;
  dataFound = false;
  expect(await resolver().resolve(iterate('a', 0))).toMatchObject({
    voxelSizeMm: 0.1,
    title: expect.stringContaining('voxel size unknown'),
  });
});

it('takes the voxel size the run recorded, also where its data is gone', async () => {
  recordedVoxelSize = 0.3;
  voxelSize = 0.2;
  dataFound = false;
  expect(await resolver().resolve(iterate('a', 0))).toMatchObject({ voxelSizeMm: 0.3, title: 'batch 4, iteration 0' });
});

it('reads a record once, and again for an iterate that came later', async () => {
  const volumes = resolver();
  for (const iteration of [0, 2, 0, 2]) await volumes.resolve(iterate('a', iteration));
  expect(reads).toBe(1);
  files.push('runs/a/3.npy');
  expect(await volumes.resolve(iterate('a', 3))).toMatchObject({ kind: 'npy' });
  expect(reads).toBe(2);
});

it('refuses iterates that were not kept, unknown runs, and files outside the workspace', async () => {
  await expect(resolver().resolve(iterate('a', 1))).rejects.toThrow('Iterate 1 of "batch 4" was not kept.');
  await expect(resolver().resolve(iterate('a', 9))).rejects.toThrow('was not kept');
  await expect(resolver().resolve(iterate('b', 0))).rejects.toThrow('no run b');
  files = ['../elsewhere.npy'];
  await expect(resolver().resolve(iterate('a', 0))).rejects.toThrow('outside the workspace');
});

it('shows data only after it was opened', async () => {
  const volumes = resolver();
  const ref = { kind: 'data', dataId: '0f', array: 'reference' } as const;
  await expect(volumes.resolve(ref)).rejects.toThrow('not open');
  volumes.allowData('0f', '/data.pt');
  expect(await volumes.resolve(ref)).toEqual({ kind: 'scan', path: '/data.pt', array: 'reference' });
});
