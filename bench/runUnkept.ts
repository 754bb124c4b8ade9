/** Runs one row in worker processes as the program runs it, and keeps nothing of it on disk. */
import { join } from 'node:path';
import { executeRow, RowControl, type RowListener, type RowRequest } from '../src/main/coordinator/executeRow';
import { createChildLauncher } from '../src/main/processes/childLauncher';
import type { Launcher } from '../src/main/processes/launcher';
import type { Iteration } from '../src/shared/runs';

export const workerLauncher: Launcher = createChildLauncher(join('out', 'main'));

/** All iterations, the start first. `watched`: what else a benchmark wants to hear of. */
export async function runUnkept(
  launcher: Launcher,
  request: Pick<RowRequest, 'row' | 'plan' | 'dataPath' | 'modelPath'>,
  watched: Partial<RowListener> = {},
): Promise<Iteration[]> {
  const iterations: Iteration[] = [];
  const nothing = async (): Promise<void> => {};
  await executeRow(
    launcher,
    { ...request, voxelSizeMm: null, memoryLimitMiB: null, keepAs: () => null, keepMemoryAs: null, from: null },
    new RowControl(),
    {
      prepared: nothing,
      started: nothing,
      progress: () => {},
      log: () => {},
      timed: nothing,
      stepEnded: () => {},
      ...watched,
      iteration: async (iteration, ...rest) => {
        iterations.push(iteration);
        await watched.iteration?.(iteration, ...rest);
      },
    },
  );
  return iterations;
}
