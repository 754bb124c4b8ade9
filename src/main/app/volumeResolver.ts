/** Finds the file behind a volume reference: iterates that the records of this workspace name, and data the user opened. */
import { join, relative, sep } from 'node:path';
import { UserError } from '../../shared/errors';
import type { VolumeRef } from '../../shared/volumes';
import type { DataMethods, StoreMethods, VolumeSource } from '../../shared/workerMessages';
import type { WorkerCalls } from '../processes/workerClient';

interface KnownRun {
  readonly label: string;
  readonly voxelSizeMm: number | null;
  /** iteration -> file relative to the workspace. */
  readonly files: ReadonlyMap<number, string>;
}

/** Assumed where neither the row nor its data says otherwise: the published experiment's (design reference). */
const EXPERIMENT_VOXEL_MM = 0.1;
const RUNS_REMEMBERED = 200;

export class VolumeResolver {
  private readonly opened = new Map<string, string>();
  private readonly runs = new Map<string, KnownRun>();

  constructor(
    private readonly workspace: string,
    private readonly store: WorkerCalls<StoreMethods>,
    private readonly data: WorkerCalls<DataMethods>,
  ) {}

  /** From now on the arrays of this file may be looked at under `id`. */
  allowData(id: string, path: string): void {
    this.opened.set(id, path);
  }

  forgetRuns(ids: readonly string[]): void {
    for (const id of ids) this.runs.delete(id);
  }

  async resolve(ref: VolumeRef): Promise<VolumeSource> {
    if (ref.kind === 'data') {
      const path = this.opened.get(ref.dataId);
      if (path === undefined) throw new UserError('This data is not open. Open it again.', 'not_found');
      return { kind: 'scan', path, array: ref.array };
    }
    const run = await this.run(ref.runId, ref.iteration);
    const file = run.files.get(ref.iteration);
    if (file === undefined) throw new UserError(`Iterate ${ref.iteration} of "${run.label}" was not kept.`, 'not_found');
    const path = join(this.workspace, file);
    const inside = relative(this.workspace, path);
    if (inside.startsWith('..') || inside.split(sep).includes('..'))
      throw new UserError(`The record of "${run.label}" names a file outside the workspace.`);
    const known = run.voxelSizeMm !== null;
    const title = `${run.label}, iteration ${ref.iteration}${known ? '' : ' (voxel size unknown, shown as 0.1 mm)'}`;
    return { kind: 'npy', path, voxelSizeMm: run.voxelSizeMm ?? EXPERIMENT_VOXEL_MM, title };
  }

  /** What is remembered of a run is read anew while it lacks the iteration asked for: the run may have gone on. */
  private async run(id: string, iteration: number): Promise<KnownRun> {
    const known = this.runs.get(id);
    if (known?.files.has(iteration)) return known;
    const { label, row, experiment_id, iterations, voxel_size_mm } = await this.store.call('getRun', { id });
    const voxelSizeMm = known?.voxelSizeMm ?? voxel_size_mm ?? row.dataset.voxel_size ?? (await this.voxelSizeOfData(experiment_id));
    const files = new Map(
      iterations.flatMap(({ iteration: index, volume_file }) => (volume_file === null ? [] : [[index, volume_file] as const])),
    );
    const run = { label, voxelSizeMm, files };
    if (this.runs.size >= RUNS_REMEMBERED) this.runs.clear();
    this.runs.set(id, run);
    return run;
  }

  /** null where the data is gone: its runs can be looked at all the same. */
  private async voxelSizeOfData(experimentId: string): Promise<number | null> {
    try {
      const { data_path } = await this.store.call('getExperiment', { id: experimentId });
      const { geometry } = await this.data.call('inspect', { path: data_path, voxelSizeMm: null });
      return geometry.voxelSizeMm[0];
    } catch {
      return null;
    }
  }
}
