/** From the rows of a request to the runs it means: their model, their key, one for each repetition. Starts nothing. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { runKeyText } from '../../engine/plan/runKey';
import { type ExperimentRow, type SolverParameters, usesNetwork } from '../../shared/experiment';
import type { Chosen } from '../../shared/runs';
import type { NewRun } from '../../shared/workerMessages';
import { hashFile, hashText } from './hashFile';
import { findModelFile } from './modelFile';
import type { StartRequest } from './queueTypes';

/** Rows between two looks at what else the program has to do. */
const ROWS_AT_ONCE = 200;

export interface Model {
  readonly path: string;
  readonly name: string;
  readonly hash: string;
}

/** Finds models by name and hashes each file once. */
export class ModelFinder {
  private readonly hashes = new Map<string, Promise<string>>();

  constructor(private readonly modelsFolder: string) {}

  /** The model of a row: `chosen` (--model), else what its denoiser names; null for solvers without a network. */
  async of(solver: SolverParameters, chosen: string | null): Promise<Model | null> {
    return usesNetwork(solver) ? this.find(chosen ?? solver.denoiser) : null;
  }

  /** Throws UserError where there is no such model. */
  private async find(name: string): Promise<Model> {
    const { path, name: shownName } = await findModelFile(name, this.modelsFolder);
    const hash = this.hashes.get(path) ?? hashFile(path);
    this.hashes.set(path, hash);
    return { path, name: shownName, hash: await hash };
  }
}

/** A request without auto. */
export interface SettledRequest extends StartRequest {
  /** What auto stood for, one a row; null where no row has it. */
  readonly chosen: readonly (Chosen | null)[] | null;
}

export interface PlannedRun extends NewRun {
  readonly chosen: Chosen | null;
  /** null for solvers without a network. */
  readonly model: Model | null;
}

/** The runs of a request in the order of its rows; the event loop turns in between, so that a long grid holds nobody up. */
export async function planRuns(request: SettledRequest, dataHash: string, codeVersion: string, finder: ModelFinder): Promise<PlannedRun[]> {
  const planned: PlannedRun[] = [];
  /** By the name a row gives; rows of a grid mostly share one. */
  const models = new Map<string, Promise<Model | null>>();
  for (const [position, row] of request.rows.entries()) {
    if (position % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await nextTurn();
    const name = usesNetwork(row.solver) ? row.solver.denoiser : '';
    const found = models.get(name) ?? finder.of(row.solver, request.modelPath);
    models.set(name, found);
    const model = await found;
    const chosen = request.chosen?.[position] ?? null;
    const used = withVoxelSize(row, request.voxelSizeMm);
    for (let repetition = 0; repetition < row.n_repetitions; repetition++) {
      const key = hashText(runKeyText(used, { dataHash, modelHash: model?.hash ?? null, codeVersion, repetition }));
      planned.push({ id: randomUUID(), label: request.labels[position] ?? `row ${row.index}`, row: used, repetition, key, model, chosen });
    }
  }
  return planned;
}

/** A voxel size given beside the configuration changes the result, so it belongs to the row. */
function withVoxelSize(row: ExperimentRow, voxelSizeMm: number | null): ExperimentRow {
  return voxelSizeMm === null ? row : { ...row, dataset: { ...row.dataset, voxel_size: voxelSizeMm } };
}
