/**
 * npm run bench -- scaling [quick|full] [--threads N] [--json]: what forward, back and FDK cost from 64^3 to 512^3 voxels and 30 to 720 views, as time for each
 * voxel in each view beside that of 256^3 with 180 views, and how much memory they take beyond their inputs and outputs. The published walnut is one of the rows.
 */
import { spawnSync } from 'node:child_process';
import { loadNative } from '../src/native/binding';
import { type ScanGeometry, viewCount } from '../src/shared/geometry';
import { circularScan, walnutScan } from './projecting/circularScan';
import { best } from './projecting/timing';

const native = loadNative();

interface Case {
  readonly name: string;
  readonly geometry: ScanGeometry;
}

interface Row {
  readonly name: string;
  readonly operation: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU nanoseconds for each voxel in each view. */
  readonly nanoseconds: number;
  readonly dataMiB: number;
  /** Peak of the process while it ran, less what it had with volume and sinogram before the first operation. */
  readonly extraMiB: number;
  /** What docs/benchmarks-projector.md states it may take. */
  readonly statedMiB: number;
}

/** The detector grows with the volume, 1.5 pixels a voxel, so that the cost of a voxel in a view should stay the same. */
function cube(voxels: number, views: number): Case {
  const pixels = (voxels * 3) / 2;
  return { name: `${voxels}^3, ${views} views of ${pixels} x ${pixels}`, geometry: circularScan(voxels, views, [pixels, pixels]) };
}

const middle = cube(256, 180);
const walnut: Case = { name: '501^3, 50 views of 972 x 768 (published walnut)', geometry: walnutScan() };
const sets: Readonly<Record<string, () => Case[]>> = {
  quick: () => [...[30, 180].map((views) => cube(64, views)), ...[30, 180].map((views) => cube(128, views)), cube(256, 30), middle],
  standard: () => [
    ...[30, 180, 720].flatMap((views) => [64, 128].map((voxels) => cube(voxels, views))),
    cube(256, 30),
    middle,
    walnut,
    cube(512, 30),
  ],
  full: () => [...[64, 128, 256, 512].flatMap((voxels) => [30, 90, 180, 360, 720].map((views) => cube(voxels, views))), walnut],
};

/**
 * The projector's own buffers, whatever the number of voxels and views: images of 8 views for each of two blocks or for each thread, one more image and a tile of
 * 16 voxel columns a thread; and 2 MiB for threads and pages.
 */
function statedMiB({ detectorRows, detectorColumns, volumeShape }: ScanGeometry, threads: number): number {
  const image = (Math.max(detectorRows, detectorColumns) + 32) * Math.min(detectorRows, detectorColumns) * 4;
  const tile = 16 * (Math.max(...volumeShape) + 176) * 4;
  return ((8 * Math.max(2, threads) + threads) * image + threads * tile) / 2 ** 20 + 2;
}

async function warmUp(threads: number): Promise<void> {
  const { geometry } = cube(16, 20);
  const [volume, sinogram] = [native.createArray(16 ** 3), native.createArray(20 * 24 * 24)];
  const projector = native.createProjector(geometry);
  for (let repeat = 0; repeat < 3; repeat++) {
    await projector.forward(volume, sinogram, { threads });
    await projector.back(sinogram, volume, { threads });
    await native.fdk(geometry, sinogram, native.fdkWeights(geometry), volume, { filter: 'ramp', threads });
  }
  projector.close();
}

async function measure({ name, geometry }: Case, threads: number): Promise<Row[]> {
  const [depth, height, width] = geometry.volumeShape;
  const volume = native.createArray(depth * height * width);
  const sinogram = native.createArray(viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns);
  // Every page is touched, so that what follows is the operation's own.
  await native.fillRandom(volume, 1, 'uniform', 0, volume.length);
  await native.fillRandom(sinogram, 2, 'uniform', 0, sinogram.length);
  const projector = native.createProjector(geometry);
  const weights = native.fdkWeights(geometry);
  const operations: Record<string, () => Promise<void>> = {
    forward: () => projector.forward(volume, sinogram, { threads }),
    back: () => projector.back(sinogram, volume, { threads }),
    fdk: () => native.fdk(geometry, sinogram, weights, volume, { filter: 'ramp', threads }),
  };
  const rows: Row[] = [];
  // What threads and the JavaScript engine take once is not the operations'.
  await warmUp(threads);
  globalThis.gc?.();
  const before = native.processMemory().residentMiB;
  for (const [operation, run] of Object.entries(operations)) {
    native.resetPeakMemory();
    const { seconds, cpuSeconds } = await best(run, 4);
    const extraMiB = native.processMemory().peakResidentMiB - before;
    const nanoseconds = (cpuSeconds * 1e9) / volume.length / viewCount(geometry);
    const dataMiB = ((volume.length + sinogram.length) * 4) / 2 ** 20;
    rows.push({ name, operation, seconds, cpuSeconds, nanoseconds, dataMiB, extraMiB, statedMiB: statedMiB(geometry, threads) });
  }
  for (const array of [volume, sinogram]) array.close();
  projector.close();
  return rows;
}

/** Each case has a process of its own: what an earlier one left behind in the heap would hide what the next one takes. */
function measureApart(set: string, index: number, threads: number): Row[] {
  const [script = ''] = process.argv.slice(1);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, set, '--case', `${index}`, '--threads', `${threads}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Case ${index} failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(stdout) as Row[];
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const numberAfter = (name: string): number | null => (words.includes(name) ? Number(words[words.indexOf(name) + 1]) : null);
  const threads = numberAfter('--threads') ?? native.deviceInfo().threadsDefault;
  const set = words.find((word) => word in sets) ?? 'standard';
  const cases = sets[set]?.() ?? [];
  const only = numberAfter('--case');
  if (only !== null) {
    const one = cases[only];
    console.log(JSON.stringify(one === undefined ? [] : await measure(one, threads)));
    return;
  }
  const rows: Row[] = [];
  for (const [index, { name }] of cases.entries()) {
    process.stderr.write(`${index + 1} of ${cases.length}: ${name} ...\n`);
    rows.push(...measureApart(set, index, threads));
  }
  const info = native.deviceInfo();
  if (words.includes('--json')) {
    console.log(JSON.stringify({ info, threads, rows }, null, 2));
    return;
  }
  console.log(`${info.cpuName}, ${threads} threads, ${info.simd}, ${new Date().toISOString().slice(0, 10)}\n`);
  console.log(
    '| scan | operation | wall s | CPU s | CPU ns a voxel and view | against 256^3, 180 views | volume + sinogram, MiB | beyond them, MiB | stated, MiB |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const row of rows) {
    const reference = rows.find(({ name, operation }) => name === middle.name && operation === row.operation);
    const cells = [
      row.name,
      row.operation,
      row.seconds.toFixed(3),
      row.cpuSeconds.toFixed(3),
      row.nanoseconds.toFixed(2),
      reference === undefined ? '' : (row.nanoseconds / reference.nanoseconds).toFixed(2),
      row.dataMiB.toFixed(0),
      row.extraMiB.toFixed(1),
      row.statedMiB.toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
