/** Open files follow what is on disk, stay few, and refuse what is no volume. */
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenFiles } from '../../../../src/worker/data/openFiles';
import { npyHeader } from '../../../../src/worker/formats/npy';

const tiny = resolve('resources/samples/walnut-tiny.pt');
let folder: string;
let files: OpenFiles;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-data-'));
  files = new OpenFiles();
});
afterEach(async () => {
  await files.closeAll();
  rmSync(folder, { recursive: true, force: true });
});

function writeVolume(name: string, shape: readonly number[], values: readonly number[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([npyHeader(shape), new Uint8Array(new Float32Array(values).buffer)]));
  return path;
}
const npy = (path: string, title = 'title') => ({ kind: 'npy', path, voxelSizeMm: 0.5, title }) as const;

async function firstPlane(path: string): Promise<number[]> {
  const { volume } = await files.volume(npy(path));
  const target = new Float32Array(volume.sliceLength);
  await volume.readPlane(0, 0, target);
  return [...target];
}

it('opens iterates under the title and voxel size asked for', async () => {
  const path = writeVolume('a.npy', [1, 2, 2], [1, 2, 3, 4]);
  expect(await files.volume(npy(path, 'first'))).toMatchObject({ title: 'first', voxelSizeMm: 0.5, unit: '1/mm' });
  expect(await files.volume({ ...npy(path, 'second'), voxelSizeMm: 0.1 })).toMatchObject({ title: 'second', voxelSizeMm: 0.1 });
});

it('reads a file anew once it has changed', async () => {
  const path = writeVolume('a.npy', [1, 1, 2], [1, 2]);
  expect(await firstPlane(path)).toEqual([1, 2]);
  writeVolume('a.npy', [1, 1, 2], [5, 6]);
  utimesSync(path, 1, 1);
  expect(await firstPlane(path)).toEqual([5, 6]);
});

it('keeps only a few files open and all of them usable', async () => {
  const paths = Array.from({ length: 30 }, (_, index) => writeVolume(`${index}.npy`, [1, 1, 1], [index]));
  for (const [index, path] of paths.entries()) expect(await firstPlane(path)).toEqual([index]);
  for (const [index, path] of paths.entries()) expect(await firstPlane(path)).toEqual([index]);
});

it('refuses arrays that are no volume, cut files and missing ones in words', async () => {
  await expect(files.volume(npy(writeVolume('flat.npy', [2, 2], [1, 2, 3, 4])))).rejects.toThrow(/no volume: its shape is \(2, 2\)/);
  const cut = writeVolume('cut.npy', [4, 4, 4], new Array(64).fill(1));
  truncateSync(cut, 200);
  await expect(files.volume(npy(cut))).rejects.toThrow('ends before its data does');
  await expect(files.volume(npy(join(folder, 'missing.npy')))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('opens a scan with its reference and its projections', async () => {
  const scan = await files.scan(tiny, null);
  expect(await files.scan(tiny, null)).toBe(scan);
  const reference = await files.volume({ kind: 'scan', path: tiny, array: 'reference' });
  expect(reference.volume.shape).toEqual([40, 40, 40]);
  expect(reference.voxelSizeMm).toBe(scan.geometry.voxelSizeMm[0]);
  const sinogram = await files.volume({ kind: 'scan', path: tiny, array: 'sinogram' });
  expect(sinogram.volume.shape).toEqual(scan.sinogramShape);
  const view = new Float32Array(sinogram.volume.sliceLength);
  await scan.readSinogramView(3, view);
  const plane = new Float32Array(sinogram.volume.sliceLength);
  await sinogram.volume.readSlices(3, 1, plane);
  expect(plane).toEqual(view);
  const column = new Float32Array(sinogram.volume.shape[0] * sinogram.volume.shape[1]);
  await sinogram.volume.readPlane(2, 10, column);
  expect(column[3 * sinogram.volume.shape[1]]).toBe(view[10]);
});

it('opens a scan anew for another voxel size and keeps it', async () => {
  const other = await files.scan(tiny, 0.7);
  expect(other.geometry.voxelSizeMm[0]).toBe(0.7);
  expect(await files.scan(tiny, null)).toBe(other);
});
