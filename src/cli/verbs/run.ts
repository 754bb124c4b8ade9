/** `run`: the whole grid of one or several configurations through the queue, each row recorded as it happens. */
import { resolve } from 'node:path';
import { figureNames } from '../../engine/figures/figure';
import { distinguishingLabels } from '../../engine/figures/labels';
import { type Overrides, overrideRows } from '../../engine/plan/overrideRows';
import { summariseRepetitions } from '../../engine/results/repetitions';
import { planDisk, volumeBytes } from '../../main/queue/diskRoom';
import { modelArgument } from '../../main/queue/modelFile';
import type { RunQueue } from '../../main/queue/queueTypes';
import type { Bundle } from '../../main/queue/resultFiles';
import { createRunQueue } from '../../main/queue/runQueue';
import { UserError } from '../../shared/errors';
import type { ExperimentRow } from '../../shared/experiment';
import type { Run, RunDetail } from '../../shared/runs';
import { commonOptions, parseRowList } from '../arguments';
import { type BundleGrid, compareWithBundle, differencesText, isBundle, openBundle } from '../bundleRun';
import { parseDevices } from '../devices';
import { writeFigure } from '../figureFiles';
import { corrections, dataPath, inspectScan, type NamedConfig, readConfig } from '../inputs';
import { longWork } from '../longWork';
import { runDocument } from '../runDocument';
import { RunProgress } from '../runProgress';
import { runsTable } from '../runsTable';
import { workspaceFolder } from '../session';
import type { ExitCode, Verb, VerbContext } from '../verb';

const GIB = 2 ** 30;

export const run: Verb = {
  name: 'run',
  summary: 'runs the grid of one or several configurations, or repeats a bundle',
  positional: { name: 'a configuration (.yml) or a bundle (.zip)', least: 1, most: 1000 },
  options: {
    data: commonOptions.data,
    workspace: commonOptions.workspace,
    devices: commonOptions.devices,
    'max-runs': { value: 'N', help: "iterations at most, in place of the configuration's max-runs" },
    rows: { value: 'LIST', help: 'only these rows of the grid, counted from 0: 0,2 or 0-3' },
    resume: { value: null, help: 'leave out rows that are done, and go on with interrupted ones from their last kept iterate' },
    'memory-limit': commonOptions['memory-limit'],
    'retry-out-of-memory': { value: null, help: 'repeat a row that runs out of memory with half its batch, as a run of its own' },
    'save-every': {
      value: 'N',
      help: 'keep every N-th iterate (the first and the last always); default: 1, or 10 for volumes above 64 MiB, or what the disk takes',
    },
    'disk-limit': { value: 'GIB', help: 'kept iterates of this command may take so much at most; default: what the disk has free' },
    'voxel-size': commonOptions['voxel-size'],
    correct: commonOptions.correct,
    model: commonOptions.model,
    charts: { value: 'FOLDER', help: 'also draw all charts there: SVG, PNG and the numbers as CSV' },
    json: commonOptions.json,
  },
  finishesOnInterrupt: true,
  execute,
};

interface Chosen {
  readonly name: string;
  readonly configText: string;
  readonly rows: readonly ExperimentRow[];
  readonly labels: readonly string[];
  /** null: as given on the command line, or by itself. */
  readonly saveEvery: number | null;
  readonly devices: readonly string[] | null;
  /** The experiment of the bundle that is repeated. */
  readonly bundleExperiment: string | null;
}

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session, interrupt } = context;
  const voxelSizeMm = args.positiveNumber('voxel-size');
  const memoryLimitMiB = args.positiveNumber('memory-limit');
  const saveEvery = args.wholeNumber('save-every', 1);
  const diskLimitGiB = args.positiveNumber('disk-limit');
  const model = args.text('model');
  const { chosen, bundle, bundleData } = await choose(context);
  const data = bundleData !== null && args.text('data') === null ? bundleData : dataPath(args, context);
  const summary = await inspectScan(data, voxelSizeMm, context);
  const machine = await session.machine();
  const devices = parseDevices(args.text('devices'), machine);
  const workspace = workspaceFolder(args.text('workspace'));
  const store = await session.store(workspace);
  const disk = await planDisk({
    rows: chosen.flatMap(({ rows }) => rows),
    volumeBytes: volumeBytes(summary),
    workspace,
    saveEvery: saveEvery ?? chosen[0]?.saveEvery ?? null,
    limitBytes: diskLimitGiB === null ? null : diskLimitGiB * GIB,
  });
  output.note(disk.note);

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
    const show = longWork(output, interrupt);
    const runs: Run[] = [];
    const experimentOf = new Map<string, string>();
    for (const { name, configText, rows, labels, devices: recorded, bundleExperiment } of chosen) {
      const request = { name, configText, dataPath: data, rows, labels, saveEvery: disk.saveEvery, voxelSizeMm };
      const started = await queue.start({
        ...request,
        devices: devices ?? recorded,
        modelPath: model === null ? null : modelArgument(model),
        resume: args.flag('resume'),
        memoryLimitMiB,
        retryOutOfMemory: args.flag('retry-out-of-memory'),
        show,
      });
      runs.push(...started.runs);
      for (const run of started.runs) for (const reason of run.chosen?.reasons ?? []) output.note(`Row ${run.row.index}: ${reason}`);
      for (const { id } of started.runs) if (bundleExperiment !== null) experimentOf.set(id, bundleExperiment);
    }
    progress.expect(runs);
    queue.onEvent((event) => {
      // A retry at half the batch is a run of its own, which nobody asked for by row.
      if (event.kind !== 'runs') return;
      runs.push(...event.runs.filter((changed) => changed.retry_of !== null && !runs.some(({ id }) => id === changed.id)));
    });
    stopOnInterrupt(queue, runs, context);
    queue.setPaused(false);
    await queue.idle();
    output.clearBar();

    const details: RunDetail[] = [];
    for (const { id } of runs) details.push(await store.call('getRun', { id }).catch(() => progress.detailOf(id)));
    const charts = await drawCharts(args.text('charts'), details, context);
    const comparison = bundle && (await compareWithBundle(bundle, details, experimentOf, workspace));
    output.document({
      workspace,
      data,
      save_every: disk.saveEvery,
      kept_bytes: disk.keptBytes,
      configs: chosen.map(({ name, configText }) => ({ name, text: configText })),
      runs: details.map((detail) => runDocument(detail, details, workspace)),
      repetitions: summariseRepetitions(details),
      charts,
      ...(comparison ? { comparison } : {}),
    });
    output.print(runsTable(details, workspace));
    if (comparison) output.print(`Compared with the bundle:\n${differencesText(comparison)}`);
    if (interrupt.requested) return 130;
    return details.every(({ status }) => status === 'done') ? 0 : 1;
  } finally {
    await queue.close();
  }
}

/** What the arguments name: configurations, or one bundle. */
async function choose(context: VerbContext): Promise<{ chosen: Chosen[]; bundle: Bundle | null; bundleData: string | null }> {
  const { args } = context;
  const [first = ''] = args.positional;
  for (const path of args.positional) {
    if (args.positional.length > 1 && (await isBundle(path))) throw new UserError(`${path} is a bundle; it is repeated alone.`);
  }
  if (await isBundle(first)) {
    const { bundle, grids, dataPath: bundleData } = await openBundle(first, context);
    const chosen = grids.map(({ experimentId, ...grid }: BundleGrid): Chosen => ({ ...grid, bundleExperiment: experimentId }));
    return { chosen, bundle, bundleData };
  }
  const given = { maxRuns: args.wholeNumber('max-runs', 1), corrections: corrections(args) };
  const chosen: Chosen[] = [];
  for (const path of args.positional) chosen.push(chooseRows(await readConfig(path, context), args.text('rows'), given));
  return { chosen, bundle: null, bundleData: null };
}

/** The rows of one configuration that are to run. Labels tell the rows of the whole grid apart, also when only some run. */
function chooseRows(config: NamedConfig, list: string | null, given: Overrides): Chosen {
  const labels = distinguishingLabels(config.rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
  const indices = list === null ? config.rows.map((_, index) => index) : parseRowList(list, config.rows.length);
  const rows = indices.flatMap((index) => config.rows[index] ?? []);
  return {
    name: config.name,
    configText: config.text,
    saveEvery: null,
    devices: null,
    bundleExperiment: null,
    rows: overrideRows(rows, given),
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

/** The files written, in order; none without --charts. */
async function drawCharts(folder: string | null, runs: readonly RunDetail[], context: VerbContext): Promise<string[]> {
  if (folder === null) return [];
  const files: string[] = [];
  for (const name of figureNames) files.push(...(await writeFigure(name, runs, resolve(folder, name), context)));
  if (files.length > 0) context.output.note(`Charts are in ${resolve(folder)}.`);
  return files;
}
