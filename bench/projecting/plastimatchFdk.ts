/** Reconstructs projections with Debian's plastimatch, in the geometry that it describes itself, so that it and ours see the very same rays. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScanGeometry } from '../../src/shared/geometry';

export interface PlastimatchScan {
  readonly geometry: ScanGeometry;
  /** (D,H,W) of the scan's volume from line integrals (views, rows, columns), plastimatch's own scale, air at 0. */
  reconstruct(sinogram: Float32Array): Float32Array;
  close(): void;
}

interface Circle {
  readonly voxels: number;
  readonly voxelMm: number;
  readonly views: number;
  /** Of the square detector. */
  readonly pixels: number;
  readonly pixelMm: number;
  readonly sourceMm: number;
  readonly detectorMm: number;
}

/** A full circle; null where plastimatch is not installed. */
export function plastimatchScan({ voxels, voxelMm, views, pixels, pixelMm, sourceMm, detectorMm }: Circle): PlastimatchScan | null {
  if (spawnSync('plastimatch', ['--version']).error) return null;
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-fdk-'));
  const run = (args: string[]): string => execFileSync('plastimatch', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const [sad, sid] = [`${sourceMm}`, `${sourceMm + detectorMm}`];
  const detector = ['-r', `${pixels} ${pixels}`, '-z', `${pixels * pixelMm} ${pixels * pixelMm}`];
  const circle = ['-t', 'pfm', '--sad', sad, '--sid', sid, '-o', '0 0 0', ...detector, '-a', `${views}`, '-N', `${360 / views}`];
  run(['drr', '-G', ...circle, '-O', join(folder, 'p_')]);
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort();
  const vectors = Float64Array.from(
    texts.flatMap((name) => rowOf(readFileSync(join(folder, name), 'utf8'), pixelMm, sourceMm, detectorMm)),
  );
  const geometry: ScanGeometry = {
    type: 'conebeam',
    volumeShape: [voxels, voxels, voxels],
    voxelSizeMm: [voxelMm, voxelMm, voxelMm],
    volumeCentreMm: [0, 0, 0],
    detectorRows: pixels,
    detectorColumns: pixels,
    vectors,
  };
  return {
    geometry,
    reconstruct: (sinogram) => {
      const header = Buffer.from(`Pf\n${pixels} ${pixels}\n-1\n`);
      texts.forEach((name, view) => {
        const image = sinogram.subarray(view * pixels * pixels, (view + 1) * pixels * pixels);
        const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
        writeFileSync(join(folder, name.replace('.txt', '.pfm')), Buffer.concat([header, bytes]));
      });
      const size = `${voxels * voxelMm}`;
      const volume = ['-r', `${voxels} ${voxels} ${voxels}`, '-z', `${size} ${size} ${size}`];
      run(['fdk', '-X', 'c', '-f', 'ramp', '-I', folder, '-O', join(folder, 'out.mha'), ...volume]);
      const out = readFileSync(join(folder, 'out.mha'));
      // Its numbers are Hounsfield units: air is -1000.
      return new Float32Array(Uint8Array.from(out.subarray(out.length - voxels ** 3 * 4)).buffer).map((value) => value + 1000);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The file of a view: centre (2 numbers), matrix (3 x 4), distances (2), normal (3), then the extrinsic matrix, whose first two rows are column and row. */
function rowOf(text: string, pixelMm: number, sourceMm: number, detectorMm: number): number[] {
  const numbers = text
    .replace(/[A-Za-z]{2,}/g, ' ')
    .trim()
    .split(/\s+/)
    .map(Number);
  const take = (at: number): number[] => numbers.slice(at, at + 3);
  const [normal, column, row] = [take(16), take(19), take(23)];
  const times = (direction: readonly number[], length: number) => direction.map((value) => value * length);
  return [...times(normal, -sourceMm), ...times(normal, detectorMm), ...times(column, pixelMm), ...times(row, pixelMm)];
}
