/**
 * npm run bench -- iteration [share] [workers] [peer] [flat] [--json]: a whole PnP iteration with the shipped network. share: what each part costs at 100^3 and
 * 256^3; workers: two workers with one core each against one, 256^3; peer: against the reference's pipeline in PyTorch; flat: memory over 1,000 iterations.
 * Without a word: all. The volumes of 256^3 are simulated once and kept in the system's temporary folder.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateFile } from '../src/worker/device/simulateJob';
import { writeNpyVolume } from '../src/worker/formats/npy';
import { openScan } from '../src/worker/formats/scanData';
import { networkOfModel } from './denoising/networks';
import { parts, type Shares, sharesOf } from './iterating/shares';
import { type TraceOptions, traceRow } from './iterating/tracedRow';
import { howToGetTorch, pythonWithTorch, runPeer } from './peers/referencePipeline';

const words = ['share', 'workers', 'peer', 'flat'] as const;
const mini = join('resources', 'samples', 'walnut-mini.pt');
const tiny = join('resources', 'samples', 'walnut-tiny.pt');
const model = join('resources', 'models', 'drunet-small.onnx');
const flatIterations = 1000;

type Windows = Pick<TraceOptions, 'patch' | 'overlap' | 'batch'>;
/** configs/quickstart.yml: windows of 32 x 64 x 64. */
const quickstart: Windows = { patch: [20, 50, 50], overlap: [6, 7, 7], batch: 4 };
/** As many windows for two workers as for one: 128 of 40 x 80 x 80. */
const large: Windows = { patch: [32, 64, 64], overlap: [4, 8, 8], batch: 4 };
/** The published rows. */
const published: Windows = { patch: [8, 256, 256], overlap: [2, 16, 16], batch: 4 };

async function simulated256(): Promise<string> {
  const out = join(tmpdir(), 'tomobench-bench-256.pt');
  if (!existsSync(out)) {
    console.error('Simulating a walnut of 256^3 with 50 views (a minute or two) ...');
    await simulateFile(
      { size: 256, views: 50, photons: 50_000, blurPixels: 0, jitterDegrees: 0, phantom: 'walnut', seed: 1, out },
      () => {},
    );
  }
  return out;
}

async function share(): Promise<Record<string, Shares>> {
  const common = { workers: availableParallelism(), threadsPerWorker: 1 };
  return {
    '100^3': sharesOf(await traceRow({ ...common, ...quickstart, dataPath: mini, iterations: 8 })),
    '256^3': sharesOf(await traceRow({ ...common, ...large, dataPath: await simulated256(), iterations: 4 })),
  };
}

async function workers(): Promise<{ one: Shares; two: Shares; denoiseRatio: number; iterationRatio: number }> {
  const common = { ...large, dataPath: await simulated256(), iterations: 4, threadsPerWorker: 1 };
  const one = sharesOf(await traceRow({ ...common, workers: 1 }));
  const two = sharesOf(await traceRow({ ...common, workers: 2 }));
  return { one, two, denoiseRatio: one.denoiseStep / two.denoiseStep, iterationRatio: one.iteration / two.iteration };
}

interface PeerRow {
  readonly windows: string;
  readonly seconds: number;
  readonly peerSeconds: number | null;
  readonly ratio: number | null;
  readonly peerWindows: string;
}

/** The peer's gradient is taken to be as fast as ours (the reference has no cone-beam projector on CPUs), which favours it. */
async function peer(): Promise<PeerRow[]> {
  const python = pythonWithTorch();
  if (python === null) console.error(howToGetTorch);
  const threads = availableParallelism();
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-'));
  try {
    const { weightsPath } = await networkOfModel(folder, model);
    const volume = join(folder, 'in.npy');
    const scan = await openScan(mini, { voxelSizeMm: null });
    const shape = scan.referenceShape ?? [0, 0, 0];
    await writeNpyVolume(volume, shape, async (start, target) => {
      const slice = shape[1] * shape[2];
      await scan.readReferenceSlices(start / slice, target.length / slice, target);
    });
    await scan.close();
    const rows: PeerRow[] = [];
    for (const [name, windows] of [
      ['published [8,256,256] + [2,16,16], batch 4', published],
      ['quickstart [20,50,50] + [6,7,7], batch 4', quickstart],
    ] as const) {
      const ours = sharesOf(await traceRow({ ...windows, workers: threads, threadsPerWorker: 1, dataPath: mini, iterations: 4 }));
      const seconds = ours.iteration - ours.parts['metrics (PSNR, SSIM)'];
      if (python === null) {
        rows.push({ windows: name, seconds, peerSeconds: null, ratio: null, peerWindows: '-' });
        continue;
      }
      const job = { weights: weightsPath, volume, out: null, sigma: 0.05, threads, repeats: 2, warm_up: 1, limit: 8 };
      const result = runPeer(python, folder, { ...job, ...windows });
      const denoise = (Math.min(...result.denoise_seconds) * result.windows) / result.windows_run;
      const peerSeconds = denoise + Math.min(...result.update_seconds) + ours.parts.projector;
      rows.push({
        windows: name,
        seconds,
        peerSeconds,
        ratio: peerSeconds / seconds,
        peerWindows: `${result.windows_run} of ${result.windows}`,
      });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resident memory of the largest worker by iteration, MB. */
async function flat(): Promise<{ iteration: number; residentMb: number }[]> {
  const windows: Windows = { patch: [20, 20, 20], overlap: [6, 6, 6], batch: 2 };
  const { residentMb } = await traceRow({ ...windows, dataPath: tiny, workers: 1, threadsPerWorker: 1, iterations: flatIterations });
  return [10, 100, 300, 500, 700, flatIterations].map((iteration) => ({ iteration, residentMb: residentMb[iteration - 1] ?? Number.NaN }));
}

function printShares(name: string, { iteration, parts: seconds, overhead }: Shares): void {
  console.log(`\n${name}: ${iteration.toFixed(3)} s an iteration, metrics included`);
  console.log('| part | s | share |\n|---|---|---|');
  for (const part of parts) console.log(`| ${part} | ${seconds[part].toFixed(4)} | ${((100 * seconds[part]) / iteration).toFixed(2)} % |`);
  console.log(`Everything but network, projector, metrics and waiting: ${(100 * overhead).toFixed(2)} % (target <= 3 %)`);
}

async function main(args: readonly string[]): Promise<void> {
  const chosen = words.filter((word) => args.includes(word));
  const wants = (word: (typeof words)[number]): boolean => chosen.length === 0 || chosen.includes(word);
  const json = args.includes('--json');
  const results: Record<string, unknown> = {};
  if (wants('share')) {
    const shares = await share();
    results.share = shares;
    if (!json)
      for (const [name, each] of Object.entries(shares)) printShares(`${name}, ${availableParallelism()} workers of one core`, each);
  }
  if (wants('workers')) {
    const scaling = await workers();
    results.workers = scaling;
    if (!json) {
      console.log('\n256^3 | one worker | two workers, one core each | ratio (target >= 1.9)');
      console.log(
        `denoise | ${scaling.one.denoiseStep.toFixed(2)} s | ${scaling.two.denoiseStep.toFixed(2)} s | ${scaling.denoiseRatio.toFixed(2)}`,
      );
      console.log(
        `iteration | ${scaling.one.iteration.toFixed(2)} s | ${scaling.two.iteration.toFixed(2)} s | ${scaling.iterationRatio.toFixed(2)}`,
      );
    }
  }
  if (wants('peer')) {
    const rows = await peer();
    results.peer = rows;
    if (!json) {
      console.log(`\nA PnP iteration on walnut-mini without metrics, ${availableParallelism()} cores each side (target >= 20):`);
      console.log('| windows | PyTorch pipeline (windows timed) | TomoBench | ratio |\n|---|---|---|---|');
      for (const { windows, peerSeconds, peerWindows, seconds, ratio } of rows) {
        console.log(
          `| ${windows} | ${peerSeconds?.toFixed(1) ?? '-'} s (${peerWindows}) | ${seconds.toFixed(3)} s | ${ratio?.toFixed(1) ?? '-'} |`,
        );
      }
    }
  }
  if (wants('flat')) {
    const points = await flat();
    results.flat = points;
    if (!json) for (const { iteration, residentMb } of points) console.log(`iteration ${iteration}: ${residentMb.toFixed(1)} MB resident`);
  }
  if (json) console.log(JSON.stringify(results));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
