/**
 * npm run bench -- denoiserInputs OUT [--model M.onnx] [--iterations N] [--views N] [--set key=value ...] DATA.pt ...: runs PnP-fast on scans and keeps what its denoiser
 * is given, for scripts/train: OUT/SCAN-NN.npy (D,H,W) on the solver's scale; OUT/SCAN.json names the noise levels and the scan, whose reference is the truth.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/engine/plan/planConfig';
import { scheduleAt } from '../src/engine/solvers/pnpFast';
import type { Launcher } from '../src/main/processes/launcher';
import { runUnkept, workerLauncher } from './runUnkept';

/** A launcher whose only worker keeps the input of each denoising in a file before it denoises. */
function keepingInputs(launcher: Launcher, fileOf: (call: number) => string): Launcher {
  let calls = 0;
  return (entry, name) => {
    const worker = launcher(entry, name);
    return {
      ...worker,
      post: (message) => {
        if (message.kind === 'request' && message.method === 'denoise') {
          const { input } = message.argument as { input: string };
          worker.post({ kind: 'request', id: -1 - calls, method: 'save', argument: { a: input, path: fileOf(calls++) } });
        }
        worker.post(message);
      },
    };
  };
}

interface Collecting {
  readonly iterations: number;
  /** Of the scan's views, spread evenly; more than it has: all. */
  readonly views: number;
  /** Keys of PnP-fast, as in a configuration. */
  readonly settings: string;
  readonly modelPath: string;
}

async function collect(dataPath: string, out: string, { iterations, views, settings, modelPath }: Collecting): Promise<void> {
  const name = basename(dataPath).replace(/\.pt$/, '');
  const text = `dataset:\n  - tomography_3d: {num_operators: 1, num_projections: ${views}}\nsolver:\n  - PnP-fast: {max_batch_size: 2, patch_size: [[48, 112, 112]], overlap: [[4, 8, 8]], ${settings}}\nmax-runs: ${iterations}\n`;
  const [row] = loadConfig(text, 'denoiserInputs').rows;
  if (row?.solver.name !== 'PnP-fast') throw new Error('The settings are not those of PnP-fast.');
  const scores = await runUnkept(
    keepingInputs(workerLauncher, (call) => join(out, `${name}-${String(call).padStart(2, '0')}.npy`)),
    { row, plan: { devices: ['cpu'], threadsPerRank: availableParallelism(), notes: [] }, dataPath, modelPath },
  );
  const sigmas = Array.from({ length: iterations }, (_, n) => scheduleAt(n, row.solver as Parameters<typeof scheduleAt>[1]).sigma);
  writeFileSync(
    join(out, `${name}.json`),
    JSON.stringify({ data: dataPath, sigmas, scores: scores.map(({ psnr, ssim }) => ({ psnr, ssim })) }),
  );
  console.log(
    `${name}: ${scores.map(({ psnr, ssim }) => `${psnr?.toFixed(2) ?? '-'} (${ssim?.toFixed(4) ?? '-'})`).join(' ')}: PSNR in dB (SSIM)`,
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: 'string', default: join('resources', 'models', 'drunet-small.onnx') },
      iterations: { type: 'string', default: '12' },
      views: { type: 'string', default: '100000' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const [out, ...scans] = positionals;
  if (out === undefined || scans.length === 0) throw new Error('Name a folder to write to and the scans to run.');
  mkdirSync(out, { recursive: true });
  const settings = values.set.map((entry) => entry.replace('=', ': ')).join(', ');
  const { model: modelPath } = values;
  for (const scan of scans)
    await collect(scan, out, { iterations: Number(values.iterations), views: Number(values.views), settings, modelPath });
}

void main();
