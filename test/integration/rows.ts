// Runs rows of a configuration in real worker processes and keeps what they tell, for the tests beside it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { RowOutcome } from '../../src/engine/run/runRow';
import { executeRow, RowControl } from '../../src/main/coordinator/executeRow';
import { planRanks } from '../../src/main/coordinator/rowPlan';
import { createChildLauncher } from '../../src/main/processes/childLauncher';
import type { ExperimentRow } from '../../src/shared/experiment';
import type { Iteration } from '../../src/shared/runs';
import type { PrepareAnswer } from '../../src/shared/workerMessages';

export const root = join(import.meta.dirname, '..', '..');
export const walnutMini = join(root, 'resources', 'samples', 'walnut-mini.pt');
export const walnutTiny = join(root, 'resources', 'samples', 'walnut-tiny.pt');
export const shippedModel = join(root, 'resources', 'models', 'drunet-small.onnx');
export const launcher = createChildLauncher(join(root, 'out', 'main'));

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tomobench-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface RowTrace {
  readonly outcome: RowOutcome;
  readonly information: PrepareAnswer;
  readonly iterations: Iteration[];
  /** The last iterate. */
  readonly volumeFile: string;
  readonly lipschitz: number | null;
}

export interface RowOptions {
  readonly row: ExperimentRow;
  readonly workers: number;
  readonly dataPath: string;
  readonly folder: string;
  readonly name: string;
  readonly control?: RowControl;
  readonly modelPath?: string;
  readonly onIteration?: (iteration: Iteration) => void;
}

export async function traceRow(options: RowOptions): Promise<RowTrace> {
  const { row, workers } = options;
  const volumeFile = join(options.folder, `${options.name}.npy`);
  const iterations: Iteration[] = [];
  let information: PrepareAnswer | null = null;
  let lipschitz: number | null = null;
  const plan = planRanks(
    row,
    { logicalCores: 2, cuda: [] },
    Array.from({ length: workers }, () => 'cpu'),
  );
  const outcome = await executeRow(
    launcher,
    {
      row,
      plan,
      dataPath: options.dataPath,
      voxelSizeMm: null,
      modelPath: options.modelPath ?? shippedModel,
      memoryLimitMiB: null,
      keepAs: (_, isLast) => (isLast ? { path: volumeFile, record: options.name } : null),
      keepMemoryAs: null,
      from: null,
    },
    options.control ?? new RowControl(),
    {
      prepared: async (answer) => {
        information = answer;
      },
      started: async (started) => {
        lipschitz = started.lipschitz;
      },
      iteration: async (iteration) => {
        iterations.push(iteration);
        options.onIteration?.(iteration);
      },
      progress: () => {},
      log: () => {},
      timed: async () => {},
      stepEnded: () => {},
    },
  );
  if (!information) throw new Error('The row ended without telling what it prepared.');
  return { outcome, information, iterations, volumeFile, lipschitz };
}
