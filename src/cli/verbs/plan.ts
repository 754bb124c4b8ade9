/** `plan`: the expanded rows with what each will do on this machine and this scan; runs nothing. */
import { distinguishingLabels, flatParameters } from '../../engine/figures/labels';
import { batchTiles, planTiles, tilingCost } from '../../engine/tiling/tiles';
import { planRanks } from '../../main/coordinator/rowPlan';
import { type ExperimentRow, type NetworkParameters, usesNetwork } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import type { MachineInfo } from '../../shared/workerMessages';
import { commonOptions } from '../arguments';
import { parseDevices } from '../devices';
import { dataPath, inspectScan, type NamedConfig, readConfig } from '../inputs';
import { textTable } from '../textTable';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const plan: Verb = {
  name: 'plan',
  summary: 'shows the expanded rows, their patches, devices and warnings; runs nothing',
  positional: { name: 'a configuration (.yml)', least: 1, most: 1000 },
  options: {
    data: commonOptions.data,
    devices: commonOptions.devices,
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
  const summary = await inspectScan(dataPath(args, context), args.positiveNumber('voxel-size'), context);
  const machine = await session.machine();
  const devices = parseDevices(args.text('devices'), machine);
  const [depth = 0, height = 0, width = 0] = summary.geometry.volumeShape;
  const planned = configs.map((config) => planConfigRows(config, [depth, height, width], summary.geometry.views, machine, devices));
  output.document({
    data: summary.path,
    volume_shape: summary.geometry.volumeShape,
    configs: configs.map(({ path }, index) => ({ config: path, rows: planned[index] })),
  });
  configs.forEach(({ path }, index) => {
    const rows = planned[index] ?? [];
    output.print(
      `${path}: ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}, ${rows.reduce((sum, row) => sum + row.repetitions, 0)} runs`,
    );
    output.print(rowsTable(rows.slice(0, ROWS_PRINTED)));
    if (rows.length > ROWS_PRINTED) output.print(`... and ${rows.length - ROWS_PRINTED} more rows; --json lists all.`);
    for (const note of new Set(rows.flatMap((row) => row.notes))) output.note(note);
  });
  return 0;
}

type PlannedRow = ReturnType<typeof planRow>;

function planConfigRows(
  { rows }: NamedConfig,
  shape: VolumeShape,
  views: number,
  machine: MachineInfo,
  devices: readonly string[] | null,
): PlannedRow[] {
  const labels = distinguishingLabels(rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
  return rows.map((row, index) => planRow(row, labels[index] ?? '', shape, views, machine, devices));
}

function planRow(
  row: ExperimentRow,
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
  const network = usesNetwork(solver) ? networkPlan(solver, shape, notes) : null;
  const perRank = Array.from({ length: size }, (_, rank) => {
    const own = network?.tiling.tiles.filter((_tile, index) => (network.solver.distribute_denoiser ? index % size === rank : rank === 0));
    const operators = Array.from({ length: dataset.num_operators }, (_unused, index) => index).filter((index) =>
      solver.distribute_physics ? index % size === rank : rank === 0,
    );
    const batches = network && own ? batchTiles(own, network.solver.max_batch_size) : [];
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
    notes,
  };
}

/** How the network's windows lie in the volume; says in `notes` where a patch is not as asked. */
function networkPlan(solver: NetworkParameters, shape: VolumeShape, notes: string[]) {
  const tiling = planTiles(shape, solver.patch_size, solver.overlap);
  const asked = typeof solver.patch_size === 'number' ? [solver.patch_size, solver.patch_size, solver.patch_size] : solver.patch_size;
  if (asked.some((edge, axis) => edge !== tiling.patch[axis]))
    notes.push(`patch_size [${asked.join(', ')}] does not fit the volume; [${tiling.patch.join(', ')}] is used.`);
  return { solver, tiling, cost: tilingCost(tiling) };
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
