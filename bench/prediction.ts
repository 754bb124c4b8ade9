/**
 * npm run bench -- prediction [--json]: memory and time of windows and rows that were never run, predicted from the usual probes and then measured.
 * Targets: within 10 % for memory, 15 % for time. Uses a workspace of its own, so that nothing measured before helps.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { estimateNetwork, windowShape } from '../src/engine/plan/networkEstimate';
import { loadConfig } from '../src/engine/plan/planConfig';
import type { Windows } from '../src/main/coordinator/prober';
import { createChildLauncher } from '../src/main/processes/childLauncher';
import { probeMachine } from '../src/main/processes/probeMachine';
import { openStore } from '../src/main/processes/storeClient';
import { WorkerClient } from '../src/main/processes/workerClient';
import { ModelFinder } from '../src/main/queue/planRuns';
import { Preflight } from '../src/main/queue/preflight';
import { rowNeeds } from '../src/main/queue/rowNeeds';
import { createRunQueue } from '../src/main/queue/runQueue';
import { WindowProbes } from '../src/main/queue/windowProbes';
import type { DataMethods } from '../src/shared/workerMessages';

/** Other shapes, halos and batches than the ladder of usual windows has. */
const unseen: readonly Windows[] = [
  { batch: 1, patch: [20, 50, 50], overlap: [6, 7, 7] },
  { batch: 6, patch: [20, 50, 50], overlap: [6, 7, 7] },
  { batch: 2, patch: [16, 96, 96], overlap: [4, 16, 16] },
  { batch: 1, patch: [52, 64, 64], overlap: [2, 8, 8] },
  { batch: 3, patch: [8, 100, 100], overlap: [2, 14, 14] },
  { batch: 2, patch: [28, 100, 100], overlap: [2, 8, 8] },
  { batch: 1, patch: [8, 256, 256], overlap: [2, 16, 16] },
];

interface Line {
  readonly what: string;
  readonly memoryMiB: readonly [predicted: number, measured: number];
  readonly seconds: readonly [predicted: number, measured: number];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-bench-'));
  const launcher = createChildLauncher(resolve('out', 'main'));
  const machine = await probeMachine(launcher);
  const { store } = await openStore(launcher, folder);
  const data = new WorkerClient<DataMethods>(launcher('dataMain', 'data'), 'The data reader');
  try {
    const modelsFolder = resolve('resources', 'models');
    const dataPath = resolve('resources', 'samples', 'walnut-mini.pt');
    const rows = loadConfig(readFileSync(join('configs', 'quickstart.yml'), 'utf8'), 'quickstart.yml').rows.map((row) => ({
      ...row,
      max_runs: 5,
    }));
    const scan = await data.call('inspect', { path: dataPath, voxelSizeMm: null });
    const common = { machine, models: new ModelFinder(modelsFolder), scan, dataPath, voxelSizeMm: null, modelPath: null, devices: null };
    const request = { ...common, rows, memoryLimitMiB: null, saveEvery: 1, workspace: folder };
    const [first] = rows;
    const network = first && (await rowNeeds(first, common)).network;
    if (!network) throw new Error('quickstart.yml has rows with a network.');

    const options = { launcher, store, machine, appVersion: 'bench' };
    const windows = new WindowProbes(options);
    await windows.measureLadder(network, null);
    const ladder = await windows.prober.networkProbes(network.use);
    const ofWindows: Line[] = [];
    for (const each of unseen) {
      const predicted = estimateNetwork(ladder, windowShape(each.patch, each.overlap), each.batch);
      const measured = await windows.probe(network, each, null, {});
      if (!predicted || !measured) throw new Error('A window could not be measured.');
      ofWindows.push({
        what: `${each.batch} x [${each.patch.join(',')}] + [${each.overlap.join(',')}]`,
        memoryMiB: [predicted.memoryMiB, measured.memoryMiB],
        seconds: [predicted.seconds, measured.seconds],
      });
    }

    const preflight = new Preflight(options);
    await preflight.measure(request);
    const queue = createRunQueue({ ...options, data, workspace: folder, modelsFolder, programFolder: resolve('.') });
    const { runs } = await queue.start({
      ...{ name: 'prediction', configText: '', dataPath, rows, labels: rows.map(({ index }) => `row ${index}`), saveEvery: 5 },
      ...{ voxelSizeMm: null, modelPath: null, devices: null, resume: false, memoryLimitMiB: null, retryOutOfMemory: false },
    });
    await queue.idle();
    const ofRows: Line[] = [];
    for (const { id } of runs) {
      const run = await store.call('getRun', { id });
      if (!run.prediction || run.status !== 'done')
        throw new Error(`${run.label} is ${run.status}: ${run.error?.message ?? 'not predicted'}`);
      ofRows.push({
        what: `quickstart row ${run.row.index} (${run.prediction.basis})`,
        memoryMiB: [Math.max(...run.prediction.peak_memory_mib), ((run.peak_memory_mb ?? 0) * 1e6) / 2 ** 20],
        seconds: [run.prediction.seconds_per_iteration, run.time_sec / run.iterations_done],
      });
    }
    await queue.close();
    if (process.argv.includes('--json'))
      console.log(JSON.stringify({ cores: availableParallelism(), windows: ofWindows, rows: ofRows }, null, 2));
    else print(ofWindows, ofRows);
  } finally {
    await Promise.all([store.close(), data.close()]);
    rmSync(folder, { recursive: true });
  }
}

function print(windows: readonly Line[], rows: readonly Line[]): void {
  const percent = ([predicted, measured]: Line['seconds']): string => `${(100 * (predicted / measured - 1)).toFixed(0)} %`;
  for (const [title, lines] of [
    ['Windows that no probe had (network alone, a batch)', windows],
    ['Rows of configs/quickstart.yml on walnut-mini (a worker; an iteration)', rows],
  ] as const) {
    console.log(`\n${title}\n| | memory predicted / measured (MiB) | off | seconds predicted / measured | off |\n|---|---|---|---|---|`);
    for (const { what, memoryMiB, seconds } of lines) {
      const memory = memoryMiB.map((value) => value.toFixed(0)).join(' / ');
      console.log(
        `| ${what} | ${memory} | ${percent(memoryMiB)} | ${seconds.map((value) => value.toFixed(3)).join(' / ')} | ${percent(seconds)} |`,
      );
    }
  }
  console.log('\nTargets: 10 % for memory, 15 % for time. Times on a busy machine say little.');
}

void main();
