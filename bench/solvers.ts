/** npm run bench -- solvers [fast|tv|all] [--iterations N] [--workers N] [DATA.pt ...]: PnP-fast against the reference's PnP, and PnP against best-tuned FISTA-TV, on walnuts of 100^3 voxels and 50 views. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { loadConfig } from '../src/engine/plan/planConfig';
import { timeToPsnr } from '../src/engine/results/timeToPsnr';
import { planRanks } from '../src/main/coordinator/rowPlan';
import { WorkerClient } from '../src/main/processes/workerClient';
import { findModelFile } from '../src/main/queue/modelFile';
import { usesNetwork } from '../src/shared/experiment';
import type { Iteration } from '../src/shared/runs';
import type { DeviceMethods } from '../src/shared/workerMessages';
import { runUnkept, workerLauncher } from './runUnkept';

const modelsFolder = join('resources', 'models');
const walnutMini = join('..', 'shared', 'data', 'walnut-mini.pt');
const referenceIterations = 40;
/** Seeds of the simulated walnuts; the networks were trained on other volumes. */
const seeds = [11, 12];
const photons = 50_000;
/** The default of schedule_iterations. */
const fastIterations = 6;

/** Settings of configs/quickstart.yml; those of PnP-fast itself are its own. */
const shared = `slurm_gres: "gpu:2", slurm_ntasks_per_node: 2, distribute_physics: true`;
const network = `${shared}, distribute_denoiser: true, patch_size: [[20, 50, 50]], overlap: [[6, 7, 7]], max_batch_size: 10`;
const reference = `PnP: {${network}, denoiser_sigma: 0.05, denoiser_lambda_relaxation: 1000.0}`;
const fast = `PnP-fast: {${network}}`;

/** All iterations of one solver in worker processes, as the program runs it. */
async function run(solver: string, iterations: number, dataPath: string, workers: number): Promise<Iteration[]> {
  const text = `dataset:\n  - tomography_3d: {num_operators: 2, num_projections: 50}\nsolver:\n  - ${solver}\nmax-runs: ${iterations}\n`;
  const [row] = loadConfig(text, 'bench').rows;
  if (!row) throw new Error('The configuration has no row.');
  const devices = Array.from({ length: workers }, () => 'cpu');
  const plan = planRanks(row, { logicalCores: workers, cuda: [] }, devices);
  const modelPath = usesNetwork(row.solver) ? (await findModelFile(row.solver.denoiser, modelsFolder)).path : null;
  return runUnkept(workerLauncher, { row, plan, dataPath, modelPath });
}

/** Simulated scans beside walnut-mini, in a folder that is removed at the end. */
async function simulate(folder: string): Promise<string[]> {
  const worker = new WorkerClient<DeviceMethods>(workerLauncher('deviceMain', 'simulation'), 'The simulation');
  const files: string[] = [];
  for (const seed of seeds) {
    const out = join(folder, `walnut-${seed}.pt`);
    await worker.call('simulateFile', { size: 100, views: 50, photons, blurPixels: 0, jitterDegrees: 0, phantom: 'walnut', seed, out });
    files.push(out);
  }
  await worker.close();
  return files;
}

const decibels = (value: number | null | undefined): string => (value == null ? '-' : value.toFixed(2));

async function compareSpeed(files: readonly string[], iterations: number, workers: number): Promise<void> {
  console.log(`PnP-fast against PnP (settings of quickstart.yml), ${workers} CPU workers; seconds are solver time.`);
  console.log(
    `| data | FDK | PnP after 40 | SSIM | s | PnP-fast is there after | s | share of the time | best | after ${iterations} | SSIM |`,
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const file of files) {
    const slow = await run(reference, referenceIterations, file, workers);
    const quick = await run(fast, iterations, file, workers);
    const [last, end] = [slow.at(-1), quick.at(-1)];
    const target = last?.psnr ?? Number.POSITIVE_INFINITY;
    const seconds = timeToPsnr(quick, target);
    const arrived = quick.find(({ psnr }) => (psnr ?? 0) >= target)?.iteration;
    const best = Math.max(...quick.map(({ psnr }) => psnr ?? Number.NEGATIVE_INFINITY));
    const share = seconds === null ? '-' : (seconds / (last?.time_sec ?? 1)).toFixed(3);
    console.log(
      `| ${basename(file)} | ${decibels(slow[0]?.psnr)} | ${decibels(target)} | ${last?.ssim?.toFixed(3)} | ${last?.time_sec.toFixed(1)} ` +
        `| ${arrived ?? 'never'} iterations | ${seconds?.toFixed(1) ?? '-'} | ${share} | ${decibels(best)} | ${decibels(end?.psnr)} | ${end?.ssim?.toFixed(3)} |`,
    );
    for (const [name, curve] of [
      ['PnP', slow],
      ['PnP-fast', quick],
    ] as const) {
      const shown = curve.filter(({ iteration }) => iteration <= 10 || iteration % 10 === 0);
      console.log(
        `${name}: ${shown.map(({ iteration, time_sec, psnr }) => `${iteration} ${time_sec.toFixed(1)} s ${decibels(psnr)}`).join(', ')}`,
      );
    }
  }
}

/** Weights of FISTA-TV on a logarithmic grid; the best by PSNR at its best iteration is kept, which nobody can choose in practice. */
async function compareQuality(file: string, workers: number): Promise<void> {
  const weights = [1e-4, 2e-4, 4e-4, 6e-4, 8e-4, 1.2e-3, 2e-3];
  let tuned = { weight: 0, iteration: null as Iteration | null };
  for (const weight of weights) {
    const curve = await run(`FISTA-TV: {${shared}, tv_weight: ${weight}}`, 60, file, workers);
    const best = curve.reduce((a, b) => ((b.psnr ?? 0) > (a.psnr ?? 0) ? b : a));
    console.log(
      `FISTA-TV, tv_weight ${weight}: best ${decibels(best.psnr)} dB, SSIM ${best.ssim?.toFixed(4)} after ${best.iteration}, ${decibels(curve.at(-1)?.psnr)} dB after 60`,
    );
    if ((best.psnr ?? 0) > (tuned.iteration?.psnr ?? 0)) tuned = { weight, iteration: best };
  }
  console.log(`${basename(file)}\n| method | PSNR, dB | SSIM | s |\n|---|---|---|---|`);
  const line = (name: string, iteration: Iteration | null | undefined): void =>
    console.log(`| ${name} | ${decibels(iteration?.psnr)} | ${iteration?.ssim?.toFixed(4)} | ${iteration?.time_sec.toFixed(1)} |`);
  line(`FISTA-TV, tv_weight ${tuned.weight}, ${tuned.iteration?.iteration} iterations`, tuned.iteration);
  for (const [name, solver, iterations] of [
    ['PnP, 40 iterations', reference, referenceIterations],
    [`PnP-fast, ${fastIterations} iterations`, fast, fastIterations],
    ['SIRT, 100 iterations', `SIRT: {${shared}}`, 100],
    ['CGLS, 15 iterations', `CGLS: {${shared}}`, 15],
    ['FDK', `FDK: {${shared}}`, 1],
  ] as const) {
    line(name, (await run(solver, iterations, file, workers)).at(-1));
  }
}

async function main(args: readonly string[]): Promise<void> {
  const option = (name: string, fallback: number): number => {
    const at = args.indexOf(name);
    return at < 0 ? fallback : Number(args[at + 1]);
  };
  const part = args[0] === 'tv' || args[0] === 'fast' ? args[0] : 'all';
  const given = args.filter((arg) => arg.endsWith('.pt'));
  const workers = option('--workers', 2);
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-solvers-'));
  try {
    const files = given.length > 0 ? given : [walnutMini, ...(await simulate(folder))];
    if (part !== 'tv') await compareSpeed(files, option('--iterations', 200), workers);
    if (part !== 'fast') for (const file of files) await compareQuality(file, workers);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
