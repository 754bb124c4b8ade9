/** `plan`: the expanded rows with what each will do, need and take on this machine and this scan; probes of the machine are all it runs. */
import { distinguishingLabels, flatParameters } from '../../engine/figures/labels';
import { batchTiles, planTiles, tilingCost } from '../../engine/tiling/tiles';
import { planRanks } from '../../main/coordinator/rowPlan';
import { modelArgument } from '../../main/queue/modelFile';
import { ModelFinder } from '../../main/queue/planRuns';
import { Preflight } from '../../main/queue/preflight';
import type { DataSummary } from '../../shared/contract';
import { type ExperimentRow, hasAuto, type NetworkParameters, type NetworkWindows, usesNetwork, windowsOf } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import type { Forecast, RowForecast } from '../../shared/preflight';
import type { Chosen } from '../../shared/runs';
import type { MachineInfo } from '../../shared/workerMessages';
import { commonOptions } from '../arguments';
import { parseDevices } from '../devices';
import { forecastDocument, forecastText } from '../forecastText';
import { dataPath, inspectScan, type NamedConfig, readConfig } from '../inputs';
import { workspaceFolder } from '../session';
import { textTable } from '../textTable';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const plan: Verb = {
  name: 'plan',
  summary: 'shows the expanded rows with the memory and time they will take, and whether they fit; runs none of them',
  positional: { name: 'a configuration (.yml)', least: 1, most: 1000 },
  options: {
    data: commonOptions.data,
    workspace: commonOptions.workspace,
    devices: commonOptions.devices,
    model: commonOptions.model,
    'memory-limit': commonOptions['memory-limit'],
    'no-probes': { value: null, help: 'predict only from what was measured on this machine before' },
    'voxel-size': commonOptions['voxel-size'],
    json: commonOptions.json,
  },
  execute,
};

/** More rows than anybody reads on a terminal; the JSON has all. */
const ROWS_PRINTED = 200;

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session } = context;
  const configs: NamedConfig[] = [];
  for (const path of args.positional) configs.push(await readConfig(path, context));
  const data = dataPath(args, context);
  const summary = await inspectScan(data, args.positiveNumber('voxel-size'), context);
  const machine = await session.machine();
  const devices = parseDevices(args.text('devices'), machine);
  const [depth = 0, height = 0, width = 0] = summary.geometry.volumeShape;
  const forecasts: Forecast[] = [];
  for (const { rows } of configs) forecasts.push(await forecastRows(rows, { summary, data, machine, devices }, context));
  const planned = configs.map((config, index) =>
    planConfigRows(config, forecasts[index]?.rows ?? [], [depth, height, width], summary.geometry.views, machine, devices),
  );
  output.document({
    data: summary.path,
    volume_shape: summary.geometry.volumeShape,
    configs: configs.map(({ path }, index) => ({
      config: path,
      predicted_total_sec: forecasts[index]?.totalSec ?? null,
      kept_bytes: forecasts[index]?.keptBytes ?? null,
      rows: planned[index]?.map((row, position) => ({ ...row, ...forecastDocument(forecasts[index]?.rows[position]) })),
    })),
  });
  configs.forEach(({ path }, index) => {
    const rows = planned[index] ?? [];
    const forecast = forecasts[index];
    output.print(
      `${path}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, ${rows.reduce((sum, row) => sum + row.repetitions, 0)} runs`,
    );
    output.print(rowsTable(rows.slice(0, ROWS_PRINTED)));
    if (forecast) output.print(`\n${forecastText(rows.slice(0, ROWS_PRINTED), forecast)}`);
    if (rows.length > ROWS_PRINTED) output.print(`... and ${rows.length - ROWS_PRINTED} more rows; --json lists all.`);
    for (const note of new Set(rows.flatMap((row) => row.notes))) output.note(note);
  });
  return 0;
}

/** Memory, time and fit of rows; what this machine was never measured for is measured first, unless --no-probes. */
async function forecastRows(rows: readonly ExperimentRow[], circumstances: PlanCircumstances, context: VerbContext): Promise<Forecast> {
  const { args, output, session, version } = context;
  const { summary, data, machine, devices } = circumstances;
  const workspace = workspaceFolder(args.text('workspace'));
  const model = args.text('model');
  const request = {
    rows,
    machine,
    models: new ModelFinder(session.folders.models),
    scan: summary,
    dataPath: data,
    voxelSizeMm: args.positiveNumber('voxel-size'),
    modelPath: model === null ? null : modelArgument(model),
    devices,
    memoryLimitMiB: args.positiveNumber('memory-limit'),
    saveEvery: 1,
    workspace,
  };
  const preflight = new Preflight({ launcher: session.launcher, store: await session.store(workspace), machine, appVersion: version });
  const before = await preflight.forecast(request);
  if (before.missingProbes === 0 || args.flag('no-probes')) return before;
  output.note('Measuring what these rows need on this machine; it is kept for the next time. --no-probes leaves it out.');
  const started = performance.now();
  const notMeasured = await preflight.measure(request, {
    report: (fraction) => {
      const seconds = (performance.now() - started) / 1000;
      output.bar('measuring', fraction, fraction === 0 ? null : seconds * (1 / fraction - 1));
    },
  });
  output.clearBar();
  for (const reason of notMeasured) output.note(`Not measured: ${reason}`);
  return preflight.forecast(request);
}

interface PlanCircumstances {
  readonly summary: DataSummary;
  readonly data: string;
  readonly machine: MachineInfo;
  readonly devices: readonly string[] | null;
}

type PlannedRow = ReturnType<typeof planRow>;

function planConfigRows(
  { rows }: NamedConfig,
  forecasts: readonly RowForecast[],
  shape: VolumeShape,
  views: number,
  machine: MachineInfo,
  devices: readonly string[] | null,
): PlannedRow[] {
  const labels = distinguishingLabels(rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
  return rows.map((row, index) => planRow(row, forecasts[index]?.chosen ?? null, labels[index] ?? '', shape, views, machine, devices));
}

function planRow(
  row: ExperimentRow,
  chosen: Chosen | null,
  label: string,
  shape: VolumeShape,
  views: number,
  machine: MachineInfo,
  devices: readonly string[] | null,
) {
  const { solver, dataset } = row;
  const ranks = planRanks(row, machine, devices);
  const size = ranks.devices.length;
  const notes = [...ranks.notes];
  const network = usesNetwork(solver) ? networkPlan(solver, chosen, shape, notes) : null;
  const perRank = Array.from({ length: size }, (_, rank) => {
    const own = network?.tiling.tiles.filter((_tile, index) => (network.solver.distribute_denoiser ? index % size === rank : rank === 0));
    const operators = Array.from({ length: dataset.num_operators }, (_unused, index) => index).filter((index) =>
      solver.distribute_physics ? index % size === rank : rank === 0,
    );
    const batches = network && own ? batchTiles(own, network.windows.max_batch_size) : [];
    return {
      rank,
      device: ranks.devices[rank] ?? 'cpu',
      operators: operators.length,
      patches: own?.length ?? 0,
      batches: batches.length,
      largest_batch: Math.max(0, ...batches.map((batch) => batch.length)),
    };
  });
  return {
    row: row.index,
    label,
    parameters: flatParameters(row),
    iterations: row.max_runs,
    repetitions: row.n_repetitions,
    views: Math.min(views, dataset.num_projections ?? views),
    ranks: perRank,
    threads_per_rank: ranks.threadsPerRank,
    /** Null, as all that follows, for solvers without a network. */
    patches: network?.tiling.tiles.length ?? null,
    patch: network?.tiling.patch ?? null,
    halo: network?.tiling.halo ?? null,
    window: network?.tiling.window ?? null,
    network_window: network?.tiling.networkShape ?? null,
    /** Voxels of all windows, and voxels the network computes, for each voxel of the volume. */
    halo_waste: network?.cost.haloWaste ?? null,
    network_waste: network?.cost.networkWaste ?? null,
    /** What auto stands for; null where the row says everything itself. */
    chosen,
    notes,
  };
}

/** How the network's windows lie in the volume; says in `notes` where a patch is not as asked. */
function networkPlan(solver: NetworkParameters, chosen: Chosen | null, shape: VolumeShape, notes: string[]) {
  if (chosen === null && hasAuto(solver)) return null;
  const windows: NetworkWindows = chosen ?? windowsOf(solver);
  notes.push(...(chosen?.reasons ?? []));
  const tiling = planTiles(shape, windows.patch_size, windows.overlap);
  const asked = typeof windows.patch_size === 'number' ? [windows.patch_size, windows.patch_size, windows.patch_size] : windows.patch_size;
  if (asked.some((edge, axis) => edge !== tiling.patch[axis]))
    notes.push(`patch_size [${asked.join(', ')}] does not fit the volume; [${tiling.patch.join(', ')}] is used.`);
  return { solver, windows, tiling, cost: tilingCost(tiling) };
}

function rowsTable(rows: readonly PlannedRow[]): string {
  return textTable(
    [
      { title: 'row', align: 'right' },
      { title: 'configuration', align: 'left' },
      { title: 'iterations', align: 'right' },
      { title: 'views', align: 'right' },
      { title: 'devices', align: 'left' },
      { title: 'patches', align: 'right' },
      { title: 'batches per rank', align: 'left' },
      { title: 'network window', align: 'left' },
      { title: 'work per voxel', align: 'right' },
    ],
    rows.map((row) => [
      String(row.row),
      row.label,
      String(row.iterations),
      String(row.views),
      row.ranks.map(({ device }) => device).join(' '),
      row.patches === null ? '' : String(row.patches),
      row.patches === null ? '' : row.ranks.map(({ batches, largest_batch }) => `${batches} (up to ${largest_batch})`).join(', '),
      row.network_window?.join(' x ') ?? '',
      row.network_waste === null ? '' : `${row.network_waste.toFixed(2)} x`,
    ]),
  );
}
