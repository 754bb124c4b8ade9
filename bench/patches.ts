/**
 * npm run bench -- patches [--json]: rows with windows as written beside the windows that the adviser would give them, on walnut-mini with two CPU workers: PSNR and
 * SSIM after 10 and 20 iterations, voxels computed for each of the volume, and time. Goal: within 0.01 dB. One window over all of the volume stands beside them.
 */
import { resolve } from 'node:path';
import { median } from '../src/engine/figures/repeated';
import { advisePatch } from '../src/engine/tiling/adviser';
import { planTiles, tilingCost } from '../src/engine/tiling/tiles';
import type { VolumeShape } from '../src/shared/geometry';
import { traceRow } from './iterating/tracedRow';

const shape: VolumeShape = [100, 100, 100];
const ranks = 2;
const counted = [10, 20] as const;

interface Windows {
  readonly patch: VolumeShape;
  readonly overlap: VolumeShape;
}
interface Settings {
  readonly name: string;
  readonly sigma: number;
  readonly lambda: number;
  readonly written: readonly Windows[];
}

const cases: readonly Settings[] = [
  { name: 'published', sigma: 0.03, lambda: 10, written: [{ patch: [8, 256, 256], overlap: [2, 16, 16] }] },
  {
    name: 'quickstart',
    sigma: 0.05,
    lambda: 1000,
    written: [
      { patch: [20, 50, 50], overlap: [6, 7, 7] },
      { patch: [24, 48, 48], overlap: [4, 8, 8] },
    ],
  },
];
/** What `overlap: auto` begins with, and the whole volume with a halo as wide as it takes without padding further. */
const autoOverlap: VolumeShape = [2, 8, 8];
const whole: Windows = { patch: shape, overlap: [6, 14, 14] };

interface Line {
  readonly what: string;
  readonly windows: Windows;
  readonly computedPerVoxel: number;
  readonly secondsPerIteration: number;
  readonly scores: readonly { readonly iterations: number; readonly psnr: number; readonly ssim: number }[];
}

async function main(): Promise<void> {
  const results: { readonly name: string; readonly lines: Line[] }[] = [];
  for (const settings of cases) {
    const lines: Line[] = [];
    for (const windows of settings.written) {
      lines.push(await measure('as written', windows, settings));
      lines.push(await measure('Advise patch', advised(windows.overlap), settings));
    }
    lines.push(await measure('auto', advised(autoOverlap), settings), await measure('one window', whole, settings));
    results.push({ name: settings.name, lines });
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
  else for (const { name, lines } of results) print(name, lines);
}

/** As the window and `auto` advise where memory is no question, which it is not on so small a volume. */
function advised(overlap: VolumeShape): Windows {
  const advice = advisePatch(shape, overlap, () => true, { ranks, mayWiden: true });
  if (advice === null) throw new Error('Some windows always fit.');
  return { patch: advice.patch, overlap: advice.tiling.halo };
}

async function measure(what: string, windows: Windows, { sigma, lambda }: Settings): Promise<Line> {
  const { patch, overlap } = windows;
  console.error(`${what}: [${patch}] + [${overlap}] ...`);
  const dataPath = resolve('resources', 'samples', 'walnut-mini.pt');
  const common = { dataPath, workers: ranks, threadsPerWorker: 1, iterations: Math.max(...counted), batch: 1 };
  const { iterations } = await traceRow({ ...common, patch, overlap, sigma, lambda });
  return {
    what,
    windows,
    computedPerVoxel: tilingCost(planTiles(shape, patch, overlap)).networkWaste,
    // The first iteration touches its memory for the first time.
    secondsPerIteration: median(iterations.slice(2).map(({ iteration_time_sec }) => iteration_time_sec)),
    scores: counted.map((count) => {
      const { psnr, ssim } = iterations[count] ?? {};
      if (psnr == null || ssim == null) throw new Error('walnut-mini has a reference.');
      return { iterations: count, psnr, ssim };
    }),
  };
}

/** Differences are to the row as written above. */
function print(name: string, lines: readonly Line[]): void {
  const heads = counted.map((count) => `PSNR, SSIM after ${count} | to the row as written`).join(' | ');
  console.log(
    `\n${name}\n| | windows | voxels for each | s an iteration | of its time | ${heads} |\n|---|---|---|---|---|${'---|---|'.repeat(counted.length)}`,
  );
  let written: Line | undefined;
  for (const line of lines) {
    if (line.what === 'as written') written = line;
    const { patch, overlap } = line.windows;
    const of = written === undefined || written === line ? '' : (line.secondsPerIteration / written.secondsPerIteration).toFixed(2);
    const scores = line.scores.map(({ psnr, ssim }, index) => {
      const before = written === line ? undefined : written?.scores[index];
      const change = before === undefined ? '' : `${signed(psnr - before.psnr)} dB, ${signed(ssim - before.ssim)}`;
      return `${psnr.toFixed(3)} dB, ${ssim.toFixed(4)} | ${change}`;
    });
    console.log(
      `| ${line.what} | [${patch}] + [${overlap}] | ${line.computedPerVoxel.toFixed(2)} | ${line.secondsPerIteration.toFixed(3)} | ${of} | ${scores.join(' | ')} |`,
    );
  }
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

void main();
