/**
 * npm run bench -- projector [mini] [big] [full] [--device cuda:N] [--json]: forward, back and FDK on walnut-mini, on 256^3 and, where it is named, on the
 * walnut's own size. On the processor: one thread and all, beside plastimatch where it is installed and LEAP where LEAP_LIB names its library. On a GPU: arrays in its memory, and in the computer's.
 */
import { parseArgs } from 'node:util';
import { type DeviceName, loadNative, type NativeArray } from '../src/native/binding';
import { UserError } from '../src/shared/errors';
import { type ScanGeometry, viewCount } from '../src/shared/geometry';
import { openScan } from '../test/native/walnut';
import { howToGetLeap, type LeapSeconds, timeLeap } from './peers/leap';
import { circularScan, walnutScan } from './projecting/circularScan';
import { timePlastimatch } from './projecting/plastimatch';
import { best } from './projecting/timing';

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
  /** Where the arrays are. */
  readonly arrays: DeviceName;
  readonly threads: number;
  /** Best of three. */
  readonly seconds: number;
  /** CPU seconds of all threads, the best of the same runs: what a shared machine spoils least. */
  readonly cpuSeconds: number;
  readonly gigaUpdatesPerSecond: number;
}

const native = loadNative();

async function timeScan(device: DeviceName, scan: string, fill: string, geometry: ScanGeometry, volume: NativeArray): Promise<Row[]> {
  const length = viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns;
  const projector = native.createProjector(geometry, { device });
  const weights = native.fdkWeights(geometry);
  const rows: Row[] = [];
  const all = native.deviceInfo().threadsDefault;
  // A GPU's arrays in its own memory show its kernels; in the computer's, where ranks share them, the copies too.
  const cases =
    device === 'cpu'
      ? [...new Set([1, all])].map((threads) => ({ arrays: device, threads }))
      : [device, 'cpu' as const].map((arrays) => ({ arrays, threads: all }));
  for (const { arrays, threads } of cases) {
    const [input, sinogram, target] = [volume.length, length, volume.length].map((count) => native.createArray(count, arrays)) as [
      NativeArray,
      NativeArray,
      NativeArray,
    ];
    await native.copy(input, 0, volume, 0, volume.length);
    const operations: Record<string, () => Promise<void>> = {
      forward: () => projector.forward(input, sinogram, { threads }),
      back: () => projector.back(sinogram, target, { threads }),
      fdk: () => native.fdk(geometry, sinogram, weights, target, { filter: 'ramp', device, threads }),
    };
    for (const [operation, run] of Object.entries(operations)) {
      // A GPU's first call makes room and loads its kernels.
      if (device !== 'cpu') await run();
      const { seconds, cpuSeconds } = await best(run);
      const gigaUpdatesPerSecond = (volume.length * viewCount(geometry)) / seconds / 1e9;
      rows.push({ scan, fill, operation, arrays, threads, seconds, cpuSeconds, gigaUpdatesPerSecond });
    }
    for (const array of [input, sinogram, target]) array.close();
  }
  projector.close();
  return rows;
}

/** LEAP beside our own projection of the same views. */
async function leapOf(geometry: ScanGeometry, volume: NativeArray, forwardViews: number, backViews: number): Promise<LeapSeconds | null> {
  const values = new Float32Array(volume.length);
  volume.read(0, values);
  const project = async (part: ScanGeometry): Promise<Float32Array> => {
    const sinogram = native.createArray(viewCount(part) * part.detectorRows * part.detectorColumns);
    const projector = native.createProjector(part);
    await projector.forward(volume, sinogram);
    const result = new Float32Array(sinogram.length);
    sinogram.read(0, result);
    projector.close();
    sinogram.close();
    return result;
  };
  return timeLeap(geometry, { volume: values, project, forwardViews, backViews, threads: native.deviceInfo().threadsDefault });
}

interface Arguments {
  readonly scans: readonly string[];
  readonly device: DeviceName;
  readonly json: boolean;
}

function readArguments(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { device: { type: 'string', default: 'cpu' }, json: { type: 'boolean', default: false } },
  });
  const wrong = positionals.find((scan) => !['mini', 'big', 'full'].includes(scan));
  if (wrong !== undefined) throw new UserError(`There is no scan "${wrong}" here; name mini, big or full.`);
  return { scans: positionals.length === 0 ? ['mini', 'big'] : positionals, device: values.device as DeviceName, json: values.json };
}

async function main(): Promise<void> {
  const { scans, device, json } = readArguments();
  // Refuses what is no device, or none of this machine, before anything is read.
  native.openDevice(device);
  const info = native.deviceInfo();
  const rows: Row[] = [];
  const plastimatch: Record<string, Awaited<ReturnType<typeof timePlastimatch>>> = {};
  const leap: Record<string, LeapSeconds | null> = {};
  if (scans.includes('mini')) {
    const { geometry, reference } = openScan('walnut-mini');
    const volume = native.createArray(reference.length);
    volume.write(0, reference);
    rows.push(...(await timeScan(device, 'mini', 'walnut', geometry, volume)));
    if (device === 'cpu') leap.mini = await leapOf(geometry, volume, 120, 12);
    await native.fillRandom(volume, 1, 'uniform', 0, volume.length);
    rows.push(...(await timeScan(device, 'mini', 'random', geometry, volume)));
    if (device === 'cpu') plastimatch.mini = timePlastimatch(geometry, { sizeMm: 50, pixelMm: 0.748, drrViews: 120 });
    volume.close();
  }
  const timeRandom = async (scan: string, geometry: ScanGeometry): Promise<void> => {
    const volume = native.createArray(geometry.volumeShape[0] ** 3);
    await native.fillRandom(volume, 1, 'uniform', 0, volume.length);
    rows.push(...(await timeScan(device, scan, 'random', geometry, volume)));
    if (device === 'cpu' && scan === 'big') leap.big = await leapOf(geometry, volume, 18, 6);
    volume.close();
  };
  if (scans.includes('big')) {
    const geometry = circularScan(256, 180, [384, 384]);
    await timeRandom('big', geometry);
    if (device === 'cpu')
      plastimatch.big = timePlastimatch(geometry, { sizeMm: 50.1, pixelMm: (50.1 * 1.15 * 199) / 66 / 384, drrViews: 6 });
  }
  if (scans.includes('full')) await timeRandom('full', walnutScan());
  if (json) {
    console.log(JSON.stringify({ device, info, rows, plastimatch, leap, targetsSeconds }, null, 2));
    return;
  }
  const gpu = info.cuda.find(({ index }) => device === `cuda:${index}`);
  console.log(
    `${gpu === undefined ? '' : `${device} ${gpu.name}, `}${info.cpuName}, ${info.logicalCores} logical cores, ${info.simd}, ${new Date().toISOString().slice(0, 10)}\n`,
  );
  console.log(
    '| scan | fill | operation | arrays | threads | s | CPU s | GUPS | target s | plastimatch here, s | LEAP modular here, s | noted elsewhere, s |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    const all = device === 'cpu' && row.threads === info.threadsDefault;
    const peer = all ? plastimatch[row.scan]?.[row.operation as 'forward' | 'back' | 'fdk'] : undefined;
    const theirs = all && row.operation !== 'fdk' ? leap[row.scan]?.[row.operation as 'forward' | 'back'] : undefined;
    const cells = [
      row.scan,
      row.fill,
      row.operation,
      row.arrays,
      row.threads,
      row.seconds.toFixed(3),
      row.cpuSeconds.toFixed(3),
      row.gigaUpdatesPerSecond.toFixed(2),
      (all && targetsSeconds[row.scan]?.[row.operation]) || '',
      peer === undefined ? '' : peer.toFixed(3),
      theirs === undefined ? '' : theirs.toFixed(3),
      (all && notedElsewhere[row.scan]?.[row.operation]) || '',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  for (const [scan, result] of Object.entries(leap)) {
    if (result !== null)
      console.log(
        `\nLEAP's projections of ${scan} differ from ours by ${(100 * result.difference).toFixed(2)} %; its back projection is timed on some views and scaled.`,
      );
  }
  if (Object.values(leap).includes(null)) console.log(`\n${howToGetLeap}`);
  if (Object.values(plastimatch).includes(null)) console.log('\nplastimatch is not installed here (Debian package plastimatch).');
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
