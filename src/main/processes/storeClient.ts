/** Opens a workspace's store in a worker process and keeps it open: what the queue, the window and the command line use to keep records. */
import { randomUUID } from 'node:crypto';
import type { StoreMethods } from '../../shared/workerMessages';
import type { Launcher } from './launcher';
import { RestartingClient } from './restartingClient';
import { WorkerClient } from './workerClient';

export interface OpenedStore {
  readonly store: RestartingClient<StoreMethods>;
  /** Runs that a program which died had left running (`failed` now) or waiting (`cancelled` now), in the order in which they would have gone on. */
  readonly interruptedRunIds: readonly string[];
}

/** Rejects with a UserError that names the folder or file when the workspace cannot be used; no process is left behind then. */
export async function openStore(launcher: Launcher, workspace: string): Promise<OpenedStore> {
  const owner = randomUUID();
  let interruptedRunIds: readonly string[] = [];
  const store = new RestartingClient<StoreMethods>(async () => {
    const client = new WorkerClient<StoreMethods>(launcher('storeMain', 'TomoBench store'), 'The record keeper');
    try {
      const opened = await client.call('open', { workspace, owner });
      interruptedRunIds = [...interruptedRunIds, ...opened.interruptedRunIds];
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  });
  await store.ready();
  return { store, interruptedRunIds };
}
