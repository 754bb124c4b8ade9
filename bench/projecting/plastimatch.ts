/** Times Debian's plastimatch on the same sizes: exact DRR forward, FDK of flavour c (nearest neighbour, no adjoint). Its geometry is circular, without tilt. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScanGeometry, viewCount } from '../../src/shared/geometry';

export interface PlastimatchSeconds {
  /** Of drrViews views, scaled to all. */
  readonly forward: number;
  readonly back: number;
  /** Filter and back projection. */
  readonly fdk: number;
}

interface Sizes {
  readonly sizeMm: number;
  readonly pixelMm: number;
  /** Views that are really projected; the exact DRR is slow. */
  readonly drrViews: number;
}

/** A volume file (MetaImage) of ones. */
function volumeFile(path: string, [depth, height, width]: readonly [number, number, number], sizeMm: number): void {
  const voxel = sizeMm / width;
  const offset = -((width - 1) / 2) * voxel;
  const header = [
    'ObjectType = Image',
    'NDims = 3',
    'BinaryData = True',
    'BinaryDataByteOrderMSB = False',
    `Offset = ${offset} ${offset} ${offset}`,
    `ElementSpacing = ${voxel} ${voxel} ${voxel}`,
    `DimSize = ${width} ${height} ${depth}`,
    'ElementType = MET_FLOAT',
    'ElementDataFile = LOCAL\n',
  ].join('\n');
  const values = new Float32Array(depth * height * width).fill(0.02);
  writeFileSync(path, Buffer.concat([Buffer.from(header), Buffer.from(values.buffer)]));
}

/** null where plastimatch is not installed. */
export function timePlastimatch(geometry: ScanGeometry, { sizeMm, pixelMm, drrViews }: Sizes): PlastimatchSeconds | null {
  if (spawnSync('plastimatch', ['--version']).error) return null;
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-plastimatch-'));
  const run = (args: string[]): string => execFileSync('plastimatch', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  try {
    const views = viewCount(geometry);
    const { detectorRows, detectorColumns, volumeShape } = geometry;
    const volume = join(folder, 'volume.mha');
    volumeFile(volume, volumeShape, sizeMm);
    const detector = ['-r', `${detectorRows} ${detectorColumns}`, '-z', `${detectorRows * pixelMm} ${detectorColumns * pixelMm}`];
    const scan = ['-t', 'pfm', '--sad', '66', '--sid', '199', '-o', '0 0 0', ...detector];
    const drr = (count: number, extra: string[]): number => {
      const start = performance.now();
      run(['drr', ...scan, '-a', `${count}`, '-N', `${360 / count}`, ...extra, '-O', join(folder, 'p_')]);
      return (performance.now() - start) / 1000;
    };
    // One view costs the start of the program and reading the volume too; the difference is what views cost.
    const projection = ['-i', 'exact', '-P', 'none', '-I', volume];
    const one = drr(1, projection);
    const forward = ((drr(drrViews + 1, projection) - one) / drrViews) * views;
    drr(views, ['-G']);
    const header = Buffer.from(`Pf\n${detectorRows} ${detectorColumns}\n-1\n`);
    const image = Buffer.concat([header, Buffer.from(new Float32Array(detectorRows * detectorColumns).fill(1).buffer)]);
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.txt')) writeFileSync(join(folder, file.replace('.txt', '.pfm')), image);
    }
    const [depth, height, width] = volumeShape;
    const output = ['-O', join(folder, 'out.mha'), '-r', `${width} ${height} ${depth}`, '-z', `${sizeMm} ${sizeMm} ${sizeMm}`];
    const report = run(['fdk', '-X', 'c', '-f', 'ramp', '-I', folder, ...output]);
    const secondsOf = (label: string): number => Number(new RegExp(`^${label} = ([0-9.]+)`, 'm').exec(report)?.[1] ?? Number.NaN);
    const back = secondsOf('Backprojection time');
    return { forward, back, fdk: secondsOf('Filter time') + back };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
