/** npm run bench -- projector [mini] [big] [--json]: forward, back and FDK on walnut-mini and on 256^3, one thread and all, beside plastimatch where it is installed. */
import { loadNative, type NativeArray } from '../src/native/binding';
import { type ScanGeometry, viewCount } from '../src/shared/geometry';
import { openScan } from '../test/native/walnut';
import { timePlastimatch } from './projecting/plastimatch';

/** Seconds on the machine of shared/design/performance.md (2 cores, Zen 5), for orientation; only what runs here is compared. */
const notedElsewhere: Record<string, Record<string, string>> = {
  mini: {
    forward: 'LEAP modular 1.40, plastimatch 1.48',
    back: 'LEAP modular 35 (no adjoint), plastimatch c 0.154 (no adjoint)',
    fdk: 'plastimatch c 1.11',
  },
  big: {
    forward: 'LEAP modular 28.7, plastimatch 28.4',
    back: 'LEAP modular 720 (no adjoint), plastimatch c 3.4 (no adjoint)',
    fdk: 'plastimatch c 5.1',
  },
};

const targetsSeconds: Record<string, Record<string, number>> = {
  mini: { forward: 0.23, back: 0.35 },
  big: { forward: 4.8, back: 7.2 },
};

interface Row {
  readonly scan: string;
  readonly fill: string;
  readonly operation: string;
  readonly threads: number;
  /** Best of three. */
  readonly seconds: number;
  /** CPU seconds of all threads, the best of the same runs: what a shared machine spoils least. */
  readonly cpuSeconds: number;
  readonly gigaUpdatesPerSecond: number;
}

const native = loadNative();

/** 256^3 of 50.1 mm, 180 views of 384 x 384, circular, source 66 mm and detector 199 mm apart from it. */
function bigScan(): ScanGeometry {
  const [views, pixels, sourceMm, detectorMm, sizeMm] = [180, 384, 66, 133, 50.1];
  const pixelMm = (sizeMm * 1.15 * (sourceMm + detectorMm)) / sourceMm / pixels;
  const vectors = new Float64Array(views * 12);
  for (let view = 0; view < views; view++) {
    const [c, s] = [Math.cos((2 * Math.PI * view) / views), Math.sin((2 * Math.PI * view) / views)];
    const row = [sourceMm * c, sourceMm * s, 0, -detectorMm * c, -detectorMm * s, 0, -s * pixelMm, c * pixelMm, 0, 0, 0, pixelMm];
    vectors.set(row, view * 12);
  }
  const voxel = sizeMm / 256;
  return {
    type: 'conebeam',
    volumeShape: [256, 256, 256],
    voxelSizeMm: [voxel, voxel, voxel],
    volumeCentreMm: [0, 0, 0],
    detectorRows: pixels,
    detectorColumns: pixels,
    vectors,
  };
}

async function best(run: () => Promise<void>): Promise<{ seconds: number; cpuSeconds: number }> {
  let result = { seconds: Number.POSITIVE_INFINITY, cpuSeconds: Number.POSITIVE_INFINITY };
  const begin = performance.now();
  // Three times, or as often as fits into a quarter of a minute.
  for (let repeat = 0; repeat < 3 && (repeat === 0 || performance.now() - begin < 15_000); repeat++) {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    await run();
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    result = { seconds: Math.min(seconds, result.seconds), cpuSeconds: Math.min((user + system) / 1e6, result.cpuSeconds) };
  }
  return result;
}

async function timeScan(scan: string, fill: string, geometry: ScanGeometry, volume: NativeArray): Promise<Row[]> {
  const sinogram = native.createArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
  const target = native.createArray(volume.length);
  const projector = native.createProjector(geometry);
  const weights = native.fdkWeights(geometry);
  const rows: Row[] = [];
  for (const threads of new Set([1, native.deviceInfo().threadsDefault])) {
    const operations: Record<string, () => Promise<void>> = {
      forward: () => projector.forward(volume, sinogram, { threads }),
      back: () => projector.back(sinogram, target, { threads }),
      fdk: () => native.fdk(geometry, sinogram, weights, target, { filter: 'ramp', threads }),
    };
    for (const [operation, run] of Object.entries(operations)) {
      const { seconds, cpuSeconds } = await best(run);
      const gigaUpdatesPerSecond = (volume.length * viewCount(geometry)) / seconds / 1e9;
      rows.push({ scan, fill, operation, threads, seconds, cpuSeconds, gigaUpdatesPerSecond });
    }
  }
  for (const array of [sinogram, target]) array.close();
  projector.close();
  return rows;
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const has = (scan: string): boolean => wanted.length === 0 || wanted.includes(scan);
  const info = native.deviceInfo();
  const rows: Row[] = [];
  const plastimatch: Record<string, Awaited<ReturnType<typeof timePlastimatch>>> = {};
  if (has('mini')) {
    const { geometry, reference } = openScan('walnut-mini');
    const volume = native.createArray(reference.length);
    volume.write(0, reference);
    rows.push(...(await timeScan('mini', 'walnut', geometry, volume)));
    await native.fillRandom(volume, 1, 'uniform', 0, volume.length);
    rows.push(...(await timeScan('mini', 'random', geometry, volume)));
    plastimatch.mini = timePlastimatch(geometry, { sizeMm: 50, pixelMm: 0.748, drrViews: 120 });
  }
  if (has('big')) {
    const geometry = bigScan();
    const volume = native.createArray(256 ** 3);
    await native.fillRandom(volume, 1, 'uniform', 0, volume.length);
    rows.push(...(await timeScan('big', 'random', geometry, volume)));
    plastimatch.big = timePlastimatch(geometry, { sizeMm: 50.1, pixelMm: (50.1 * 1.15 * 199) / 66 / 384, drrViews: 6 });
  }
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ info, rows, plastimatch, targetsSeconds }, null, 2));
    return;
  }
  console.log(`${info.cpuName}, ${info.logicalCores} logical cores, ${info.simd}, ${new Date().toISOString().slice(0, 10)}\n`);
  console.log('| scan | fill | operation | threads | s | CPU s | GUPS | target s | plastimatch here, s | noted elsewhere, s |');
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    const all = row.threads === info.threadsDefault;
    const peer = all ? plastimatch[row.scan]?.[row.operation as 'forward' | 'back' | 'fdk'] : undefined;
    const cells = [
      row.scan,
      row.fill,
      row.operation,
      row.threads,
      row.seconds.toFixed(3),
      row.cpuSeconds.toFixed(3),
      row.gigaUpdatesPerSecond.toFixed(2),
      (all && targetsSeconds[row.scan]?.[row.operation]) || '',
      peer === undefined ? '' : peer.toFixed(3),
      (all && notedElsewhere[row.scan]?.[row.operation]) || '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  if (Object.values(plastimatch).includes(null)) console.log('\nplastimatch is not installed here (Debian package plastimatch).');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
