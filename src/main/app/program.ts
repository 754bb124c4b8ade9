/** What works behind the window: record keeper, data reader, device check and queue, each started once and ended in order. Knows no Electron. */
import type { DataMethods, MachineInfo, StoreMethods } from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import { probeMachine } from '../processes/probeMachine';
import { RestartingClient } from '../processes/restartingClient';
import { openStore } from '../processes/storeClient';
import { WorkerClient } from '../processes/workerClient';
import { Preflight } from '../queue/preflight';
import type { RunQueue } from '../queue/queueTypes';
import { createRunQueue } from '../queue/runQueue';
import { DataCheck } from './dataCheck';

export interface ProgramOptions {
  readonly launcher: Launcher;
  readonly workspace: string;
  readonly modelsFolder: string;
  readonly version: string;
  /** Of the program's own sources. */
  readonly programFolder: string;
  /** Told of things that belong to no request, such as a worker that was started again. */
  readonly notice: (message: string) => void;
}

export interface Program {
  readonly workspace: string;
  readonly store: RestartingClient<StoreMethods>;
  readonly data: RestartingClient<DataMethods>;
  readonly dataCheck: DataCheck;
  /** Runs that an earlier program left unfinished or waiting when it died. */
  readonly interruptedRunIds: readonly string[];
  /** Rejects with a sentence where the native code does not work; then nothing can be run, but records can be looked at. */
  readonly machine: Promise<MachineInfo>;
  readonly queue: Promise<RunQueue>;
  readonly preflight: Promise<Preflight>;
  close(): Promise<void>;
}

/** Rejects with a UserError when the workspace cannot be used. */
export async function startProgram({
  launcher,
  workspace,
  modelsFolder,
  version,
  programFolder,
  notice,
}: ProgramOptions): Promise<Program> {
  const data = new RestartingClient<DataMethods>(
    async () => new WorkerClient<DataMethods>(launcher('dataMain', 'TomoBench data'), 'The data reader'),
  );
  const machine = probeMachine(launcher);
  // Both are asked for again by whoever needs them; here only nobody must be left unheard.
  machine.catch(() => {});
  let opened: Awaited<ReturnType<typeof openStore>>;
  try {
    opened = await openStore(launcher, workspace);
  } catch (error) {
    await data.close();
    throw error;
  }
  const { store, interruptedRunIds } = opened;
  const dataCheck = new DataCheck(launcher);
  store.onTrouble(notice);
  data.onTrouble(notice);
  const queue = machine.then((found) =>
    createRunQueue({ launcher, store, data, machine: found, workspace, modelsFolder, appVersion: version, programFolder }),
  );
  queue.catch(() => {});
  const preflight = machine.then((found) => new Preflight({ launcher, store, machine: found, appVersion: version }));
  preflight.catch(() => {});
  return {
    workspace,
    store,
    data,
    dataCheck,
    interruptedRunIds,
    machine,
    queue,
    preflight,
    close: async () => {
      dataCheck.stop();
      // The queue first: it records how the running row ends.
      await queue.then(
        (running) => running.close(),
        () => {},
      );
      await Promise.all([store.close(), data.close()]);
    },
  };
}
