/** Times LEAP on the same scans, where LEAP_LIB names its library as built for CPUs; its modular beam takes arbitrary vectors as ours does. Its back projection is not the transpose. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ScanGeometry, selectViews, viewCount } from '../../src/shared/geometry';

export interface LeapSeconds {
  /** Scaled from the views that were run to all. */
  readonly forward: number;
  readonly back: number;
  /** Of its projections from ours, relative L2: both see the same scan. */
  readonly difference: number;
}

export const howToGetLeap =
  "The LEAP column is missing: set LEAP_LIB to libleapct.so, built from LEAP's sources with src/cpu_CMakeLists.txt (-O3 -march=native).";

interface Job {
  readonly volume: Float32Array;
  /** Of some views, to compare; the same views are projected. */
  readonly project: (geometry: ScanGeometry) => Promise<Float32Array>;
  readonly forwardViews: number;
  readonly backViews: number;
  readonly threads: number;
}

/** null where LEAP_LIB is not set. */
export async function timeLeap(geometry: ScanGeometry, job: Job): Promise<LeapSeconds | null> {
  const library = process.env.LEAP_LIB;
  if (!library) return null;
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-leap-'));
  try {
    const volume = join(folder, 'volume.raw');
    writeFileSync(volume, new Uint8Array(job.volume.buffer, job.volume.byteOffset, job.volume.byteLength));
    const run = (operation: 'forward' | 'back', views: number) => {
      const part = evenly(geometry, views);
      const sinogram = join(folder, 'sinogram.raw');
      const path = join(folder, 'job.json');
      writeFileSync(path, JSON.stringify({ ...describe(part), library, volume, sinogram, operations: [operation], repeats: 1 }));
      const { status, stdout, stderr } = spawnSync('python3', [join('bench', 'peers', 'leap.py'), path], {
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: `${job.threads}` },
      });
      if (status !== 0) throw new Error(`LEAP failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
      // The library prints about itself before the last line.
      const seconds = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
      return { part, seconds: ((seconds[operation] ?? Number.NaN) * viewCount(geometry)) / viewCount(part), sinogram };
    };
    const forward = run('forward', job.forwardViews);
    const theirs = new Float32Array(Uint8Array.from(readFileSync(forward.sinogram)).buffer);
    const ours = await job.project(forward.part);
    let [squares, scale] = [0, 0];
    for (const [index, value] of ours.entries()) {
      squares += (value - (theirs[index] ?? 0)) ** 2;
      scale += value ** 2;
    }
    return { forward: forward.seconds, back: run('back', job.backViews).seconds, difference: Math.sqrt(squares / scale) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function evenly(geometry: ScanGeometry, count: number): ScanGeometry {
  const views = viewCount(geometry);
  const used = Math.min(count, views);
  return selectViews(
    geometry,
    Array.from({ length: used }, (_, index) => Math.floor((index * views) / used)),
  );
}

/** LEAP wants directions of length 1 and the pixel's edges apart. */
function describe({ vectors, volumeShape, voxelSizeMm, detectorRows, detectorColumns }: ScanGeometry) {
  const views = vectors.length / 12;
  const columnsOf = (start: number) =>
    Array.from({ length: views }, (_, view) => [...vectors.subarray(view * 12 + start, view * 12 + start + 3)]);
  const [u, v] = [columnsOf(6), columnsOf(9)];
  const [pixelWidth, pixelHeight] = [Math.hypot(...(u[0] ?? [])), Math.hypot(...(v[0] ?? []))];
  const unit = (direction: readonly number[], length: number) => direction.map((value) => value / length);
  return {
    views,
    rows: detectorRows,
    columns: detectorColumns,
    shape: volumeShape,
    voxel: voxelSizeMm[0],
    pixelHeight,
    pixelWidth,
    sources: columnsOf(0).flat(),
    centres: columnsOf(3).flat(),
    rowDirections: v.flatMap((direction) => unit(direction, pixelHeight)),
    columnDirections: u.flatMap((direction) => unit(direction, pixelWidth)),
  };
}
