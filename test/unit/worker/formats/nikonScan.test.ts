// Nikon scans: what is found where, counts to line integrals, angles, and settings that are broken or mean harm. The geometry is proved in test/native.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { hashScan, openScan } from '../../../../src/worker/formats/scanData';
import { quiet } from '../quiet';
import { type NikonChanges, nikonText } from './testNikon';
import { testTiff } from './testTiff';

const root = mkdtempSync(join(tmpdir(), 'nikon-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'scan-'));
});
const image = (first: number) => testTiff({ width: 3, height: 2, values: [first, 60000, 0, 1, 30000, 65535], bits: 16, format: 1 });
const small = { Projections: 4, DetectorPixelsX: 3, DetectorPixelsY: 2, AngularStep: 90 };

function scan(changes: NikonChanges = {}, images = 4, inside = ''): string {
  mkdirSync(join(folder, inside), { recursive: true });
  for (let number = 1; number <= images; number++) writeFileSync(join(folder, inside, `blobs_${number}.tif`), image(1000 * number));
  const path = join(folder, 'blobs.xtekct');
  writeFileSync(path, nikonText({ ...small, ...changes }));
  return path;
}

describe('a Nikon scan', () => {
  it('gives line integrals from counts, views, planes and the voxel size of a pixel at the axis', async () => {
    const opened = await openScan(scan());
    expect(opened).toMatchObject({ kind: 'Nikon scan', fixedType: 'conebeam', sinogramShape: [4, 2, 3], referenceShape: null });
    expect(opened.geometry.voxelSizeMm[0]).toBeCloseTo(100 / 220, 12);
    const view = new Float32Array(6);
    await opened.readSinogramView(2, view);
    const expected = [3000 / 60000, 1, 1 / 60000, 1 / 60000, 0.5, 65535 / 60000].map((part) => -Math.log(part));
    for (const [pixel, value] of expected.entries()) expect(view[pixel]).toBeCloseTo(value, 5);
    const column = new Float32Array(8);
    await opened.readPlane('sinogram', 2, 0, column);
    expect(column[4]).toBe(view[0]);
    await expect(opened.readPlane('reference', 0, 0, column)).rejects.toThrow('has no reference volume');
    await opened.close();
  });

  it('opens from its folder, takes the voxel size of the settings, and images from the folder they name', async () => {
    scan({ InputFolderName: 'images\\raw', VoxelSizeX: 0.4 }, 5, 'images/raw');
    writeFileSync(join(folder, 'images/raw/preview.tif'), image(0));
    const opened = await openScan(folder);
    expect(opened.geometry.voxelSizeMm).toEqual([0.4, 0.4, 0.4]);
    expect(opened.problems.map(({ message }) => message).join(' ')).toContain('of the 5 images the first 4 are used');
    await opened.close();
  });

  it('is another scan when an image changes', async () => {
    const path = scan();
    const first = await openScan(path);
    const before = [first.id, await hashScan(path, quiet)];
    await first.close();
    writeFileSync(join(folder, 'blobs_3.tif'), image(7));
    const second = await openScan(path);
    expect(second.id).not.toBe(before[0]);
    expect(await hashScan(path, quiet)).not.toBe(before[1]);
    await second.close();
  });

  it.each<[string, string, string, number]>([
    [
      '_ctdata.txt',
      'Projs\tx\r\n4\t2\r\nProjection\tAngle(deg)\tTime(s)\r\n1\t0\t1\r\n2\t91\t2\r\n3\t181\t3\r\n4\t269\t4\r\n',
      'up to 1 degrees',
      91,
    ],
    ['.ang', 'Proj: Angle\n1: -0\n2: -89\n3: -180\n4: -270\n5: -360\n', 'up to 1 degrees', 89],
    ['.ang', 'Proj: Angle\n1: 0\n2: 10\n3: 20\n4: 30\n', 'does not fit the 4 projections', 90],
    ['.ang', 'Proj: Angle\n1: 0\n2: 90\n', 'does not fit the 4 projections', 90],
  ])('angles of blobs%s', async (ending, table, message, degrees) => {
    const path = scan();
    writeFileSync(join(folder, `blobs${ending}`), table);
    const opened = await openScan(path);
    expect(opened.problems.map((problem) => problem.message).join(' ')).toContain(message);
    const angle = (view: number) => Math.atan2(opened.geometry.vectors[view * 12 + 1]!, opened.geometry.vectors[view * 12]!);
    expect(((((angle(1) - angle(0)) * 180) / Math.PI + 360) % 360).toFixed(6)).toBe(degrees.toFixed(6));
    await opened.close();
  });

  it.each<[string, NikonChanges, string]>([
    ['no distance', { SrcToObject: '' }, 'blobs.xtekct: SrcToObject is missing'],
    ['words for a number', { WhiteLevel: 'bright' }, 'WhiteLevel is "bright"'],
    ['no white', { WhiteLevel: 0 }, 'WhiteLevel is 0'],
    ['an infinite distance', { SrcToDetector: 'Infinity' }, 'SrcToDetector is "Infinity"'],
    ['an object behind the detector', { SrcToObject: 300 }, 'SrcToObject (300 mm) must be less than SrcToDetector (220 mm)'],
    ['half a projection', { Projections: 1.5 }, 'Projections is 1.5'],
    ['very many projections', { Projections: 1e12 }, 'Projections is 1000000000000'],
    ['a stage that stands', { AngularStep: 0 }, 'AngularStep is 0'],
    ['an axis that lies down', { ObjectTilt: 90 }, 'ObjectTilt is 90 degrees'],
    ['a folder elsewhere', { InputFolderName: '../../etc' }, 'InputFolderName is "../../etc"'],
    ['an absolute folder', { InputFolderName: '/etc' }, 'only folders beside the file are read'],
    ['a drive', { InputFolderName: 'C:\\data' }, 'only folders beside the file are read'],
    ['a folder that is not there', { InputFolderName: 'none' }, 'the folder none of InputFolderName is missing'],
    ['more projections than images', { Projections: 9 }, 'tells of 9 projections, but there are 4 images'],
    ['another detector', { DetectorPixelsX: 5 }, 'blobs_1.tif has 3 x 2 pixels, but blobs.xtekct tells of 5 x 2'],
  ])('refuses %s', async (_name, changes, message) => {
    const path = scan(changes);
    await expect(openScan(path)).rejects.toThrow(UserError);
    await expect(openScan(path)).rejects.toThrow(message);
  });

  it('refuses settings and tables that are none', async () => {
    const path = scan();
    writeFileSync(path, 'SrcToObject=1\n');
    await expect(openScan(path)).rejects.toThrow('has no section [XTekCT]');
    writeFileSync(path, nikonText(small));
    writeFileSync(join(folder, 'blobs.ang'), 'Proj: Angle\n1: 0\n2: ninety\n');
    await expect(openScan(path)).rejects.toThrow('blobs.ang, line 3');
    writeFileSync(join(folder, 'blobs.ang'), 'words\n'.repeat(20));
    await expect(openScan(path)).rejects.toThrow('blobs.ang, line 11');
    writeFileSync(join(folder, 'blobs.ang'), '');
    await expect(openScan(path)).rejects.toThrow('blobs.ang holds no angles');
    rmSync(join(folder, 'blobs.ang'));
    writeFileSync(join(folder, 'other.xtekct'), nikonText(small));
    await expect(openScan(folder)).rejects.toThrow('holds several scans');
    rmSync(join(folder, 'blobs_2.tif'));
    writeFileSync(join(folder, 'blobs_2.tif'), image(1).subarray(0, 30));
    const opened = await openScan(path);
    await expect(opened.readSinogramView(1, new Float32Array(6))).rejects.toThrow('blobs_2.tif');
    await opened.close();
  });

  it('answers with a sentence or a scan for settings changed at random', async () => {
    const path = scan();
    const whole = readFileSync(path);
    let state = 11;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let trial = 0; trial < 200; trial++) {
      const bytes = Buffer.from(trial % 4 === 0 ? whole.subarray(0, random(whole.length)) : whole);
      for (let change = 0; change < 3 && bytes.length > 0; change++) bytes[random(bytes.length)] = random(256);
      writeFileSync(path, bytes);
      try {
        await (await openScan(path)).close();
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
  });
});
