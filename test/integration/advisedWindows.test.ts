// What is said of advised windows before anything runs: the trial ends where runs of both rows end, and keeps nothing.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ModelFinder } from '../../src/main/queue/planRuns';
import type { ForecastRequest } from '../../src/main/queue/rowNeeds';
import { pnpOf } from '../pnpOf';
import { closeProgramsAfterEach, startRows, startWatched, tinyRow } from './programs';
import { root, temporaryFolder, walnutTiny } from './rows';

const folder = temporaryFolder();
closeProgramsAfterEach();

it('tells the difference to the windows as written that runs of both rows have', async () => {
  const watched = await startWatched(join(folder, 'advised'));
  const { program } = watched;
  const row = tinyRow(0, 2);
  const request: ForecastRequest = {
    rows: [row],
    machine: await program.machine,
    models: new ModelFinder(join(root, 'resources', 'models')),
    scan: await program.data.call('inspect', { path: walnutTiny, voxelSizeMm: null }),
    ...{
      dataPath: walnutTiny,
      voxelSizeMm: null,
      modelPath: null,
      devices: ['cpu'],
      workspace: folder,
      saveEvery: 1,
      memoryLimitMiB: null,
    },
  };
  const preflight = await program.preflight;
  const { patch_size, overlap, quality, difference } = await preflight.advisePatch(row, request, null);
  expect(await program.store.call('listRuns', {})).toEqual([]);
  expect(quality?.iterations).toBe(2);
  expect(difference).toMatch(
    /^Tried on this data for 2 iterations: \d+\.\d{3} dB, \d+\.\d{3} dB with the windows as written \([+-]\d\.\d{3} dB\)\./,
  );

  const advised = { ...row, index: 1, solver: { ...pnpOf(row), patch_size, overlap } };
  await startRows(watched, [2, 2], { rows: [row, advised], devices: ['cpu'] });
  await (await program.queue).idle();
  const runs = await program.store.call('listRuns', {});
  const psnrOf = (index: number) => runs.find((run) => run.row.index === index)?.psnr;
  expect(psnrOf(0)).toBe(quality?.psnrWritten);
  expect(psnrOf(1)).toBe(quality?.psnrAdvised);
  expect(psnrOf(0)).not.toBe(psnrOf(1));

  const blind = { ...request, scan: { ...request.scan, hasReference: false } };
  expect(await preflight.advisePatch(row, blind, null)).toMatchObject({
    quality: null,
    difference: expect.stringContaining('no reference'),
  });
  const same = { ...row, solver: { ...pnpOf(row), patch_size, overlap } };
  expect(await preflight.advisePatch(same, request, null)).toMatchObject({
    quality: null,
    difference: expect.stringContaining('that the row has'),
  });
});
