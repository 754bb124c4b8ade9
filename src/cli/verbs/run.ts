/** `run`: the whole grid of one or several configurations through the queue, each row recorded as it happens. */
import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { distinguishingLabels } from '../../engine/figures/labels';
import { figureNames } from '../../engine/figures/series';
import type { RunQueue } from '../../main/queue/queueTypes';
import { createRunQueue } from '../../main/queue/runQueue';
import type { DataSummary } from '../../shared/contract';
import type { ExperimentRow } from '../../shared/experiment';
import type { Run, RunDetail } from '../../shared/runs';
import { commonOptions, parseRowList } from '../arguments';
import { parseDevices } from '../devices';
import { writeFigure } from '../figureFiles';
import { corrections, dataPath, inspectScan, type NamedConfig, readConfig } from '../inputs';
import { bytesText } from '../output';
import { runDocument } from '../runDocument';
import { RunProgress } from '../runProgress';
import { runsTable } from '../runsTable';
import { workspaceFolder } from '../session';
import type { ExitCode, Verb, VerbContext } from '../verb';

/** Volumes up to this size are cheap enough to keep every iterate; of larger ones every tenth is kept. */
const EVERY_ITERATE_BYTES = 64 * 2 ** 20;

export const run: Verb = {
  name: 'run',
  summary: 'runs the grid of one or several configurations',
  positional: { name: 'a configuration (.yml)', least: 1, most: 1000 },
  options: {
    data: commonOptions.data,
    workspace: commonOptions.workspace,
    devices: commonOptions.devices,
    'max-runs': { value: 'N', help: "iterations at most, in place of the configuration's max-runs" },
    rows: { value: 'LIST', help: 'only these rows of the grid, counted from 0: 0,2 or 0-3' },
    resume: { value: null, help: 'leave out rows that are done already and show their results' },
    'save-every': {
      value: 'N',
      help: 'keep every N-th iterate (the first and the last always); default: 1, or 10 for volumes above 64 MiB',
    },
    'voxel-size': commonOptions['voxel-size'],
    correct: commonOptions.correct,
    model: commonOptions.model,
    charts: { value: 'FOLDER', help: 'also draw all charts there: SVG, PNG and the numbers as CSV' },
    json: commonOptions.json,
  },
  finishesOnInterrupt: true,
  execute,
};

/** What the command line says in place of the configuration; null: nothing. */
interface Given {
  readonly maxRuns: number | null;
  readonly corrected: string | null;
}

interface Chosen {
  readonly config: NamedConfig;
  readonly rows: readonly ExperimentRow[];
  readonly labels: readonly string[];
}

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session, interrupt } = context;
  const maxRuns = args.wholeNumber('max-runs', 1);
  const voxelSizeMm = args.positiveNumber('voxel-size');
  const saveEveryGiven = args.wholeNumber('save-every', 1);
  const model = args.text('model');
  const corrected = corrections(args);
  const chosen: Chosen[] = [];
  for (const path of args.positional) chosen.push(chooseRows(await readConfig(path, context), args.text('rows'), { maxRuns, corrected }));
  const data = dataPath(args, context);
  const summary = await inspectScan(data, voxelSizeMm, context);
  const saveEvery = saveEveryGiven ?? (volumeBytes(summary) <= EVERY_ITERATE_BYTES ? 1 : 10);
  const machine = await session.machine();
  const devices = parseDevices(args.text('devices'), machine);
  const workspace = workspaceFolder(args.text('workspace'));
  const store = await session.store(workspace);
  await warnOfFullDisk(workspace, summary, chosen, saveEvery, context);

  const queue = createRunQueue({
    launcher: session.launcher,
    store,
    data: session.data,
    machine,
    workspace,
    modelsFolder: session.folders.models,
    appVersion: context.version,
    programFolder: session.folders.root,
  });
  try {
    const progress = new RunProgress(output, () => queue.state().etaSec);
    queue.onEvent((event) => progress.onEvent(event));
    // Everything is checked and recorded before the first row starts.
    queue.setPaused(true);
    const runs: Run[] = [];
    for (const { config, rows, labels } of chosen) {
      const request = { name: config.name, configText: config.text, dataPath: data, rows, labels, saveEvery, voxelSizeMm, devices };
      const started = await queue.start({ ...request, modelPath: model === null ? null : resolve(model), resume: args.flag('resume') });
      runs.push(...started.runs);
    }
    progress.expect(runs);
    stopOnInterrupt(queue, runs, context);
    queue.setPaused(false);
    await queue.idle();
    output.clearBar();

    const details: RunDetail[] = [];
    for (const { id } of runs) details.push(await store.call('getRun', { id }).catch(() => progress.detailOf(id)));
    const charts = await drawCharts(args.text('charts'), details, context);
    output.document({ workspace, data, runs: details.map((detail) => runDocument(detail, details, workspace)), charts });
    output.print(runsTable(details, workspace));
    if (interrupt.requested) return 130;
    return details.every(({ status }) => status === 'done') ? 0 : 1;
  } finally {
    await queue.close();
  }
}

/** The rows of one configuration that are to run. Labels tell the rows of the whole grid apart, also when only some run. */
function chooseRows(config: NamedConfig, list: string | null, given: Given): Chosen {
  const labels = distinguishingLabels(config.rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
  const indices = list === null ? config.rows.map((_, index) => index) : parseRowList(list, config.rows.length);
  const rows = indices.flatMap((index) => config.rows[index] ?? []);
  return {
    config,
    rows: rows.map((row) => ({
      ...row,
      max_runs: given.maxRuns ?? row.max_runs,
      dataset: { ...row.dataset, corrections: given.corrected ?? row.dataset.corrections },
    })),
    labels: indices.map((index) => labels[index] ?? `row ${index}`),
  };
}

/** First Ctrl+C: the running row ends after its iteration, the others never start. Second: everything stops, what is kept stays. */
function stopOnInterrupt(queue: RunQueue, runs: readonly Run[], { interrupt, output }: VerbContext): void {
  interrupt.onFirst(() => {
    output.note('Finishing the current iteration; press Ctrl+C again to stop at once.');
    const running = queue.state().runningRunId;
    for (const { id } of runs) if (id !== running) void queue.cancel(id);
    if (running !== null) queue.finishNow(running);
  });
  interrupt.onSecond(() => {
    output.note('Stopping.');
    void queue.close();
  });
}

function volumeBytes({ geometry }: DataSummary): number {
  return 4 * geometry.volumeShape.reduce((product, size) => product * size, 1);
}

async function warnOfFullDisk(
  workspace: string,
  summary: DataSummary,
  chosen: readonly Chosen[],
  saveEvery: number,
  { output }: VerbContext,
): Promise<void> {
  const volumes = chosen
    .flatMap(({ rows }) => rows)
    .reduce((sum, row) => sum + row.n_repetitions * (1 + Math.ceil(row.max_runs / saveEvery)), 0);
  const needed = volumes * volumeBytes(summary);
  const { bavail, bsize } = await statfs(workspace);
  const free = bavail * bsize;
  if (needed > free) {
    output.note(
      `The iterates to keep need about ${bytesText(needed)}, but ${workspace} has ${bytesText(free)} free. A larger --save-every keeps fewer.`,
    );
  }
}

/** The files written, in order; none without --charts. */
async function drawCharts(folder: string | null, runs: readonly RunDetail[], context: VerbContext): Promise<string[]> {
  if (folder === null) return [];
  const files: string[] = [];
  for (const name of figureNames) files.push(...(await writeFigure(name, runs, resolve(folder, name), context)));
  if (files.length > 0) context.output.note(`Charts are in ${resolve(folder)}.`);
  return files;
}
