/** The worker processes one command uses: started when first needed, ended together. */
import { resolve } from 'node:path';
import { createChildLauncher } from '../main/processes/childLauncher';
import type { Launcher } from '../main/processes/launcher';
import { probeMachine } from '../main/processes/probeMachine';
import { defaultWorkspace, type ProgramFolders } from '../main/processes/programFolders';
import { type OpenedStore, openStore } from '../main/processes/storeClient';
import { WorkerClient } from '../main/processes/workerClient';
import type { DataMethods, DeviceMethods, MachineInfo } from '../shared/workerMessages';

export class Session {
  private readonly launch: Launcher;
  private readonly running = new Set<() => void>();
  private machineInfo: Promise<MachineInfo> | null = null;
  private dataClient: WorkerClient<DataMethods> | null = null;
  private readonly devices: WorkerClient<DeviceMethods>[] = [];
  private opened: Promise<OpenedStore> | null = null;

  /** `tell` shows a sentence to the person at the terminal. */
  constructor(
    readonly folders: ProgramFolders,
    private readonly tell: (sentence: string) => void,
  ) {
    this.launch = createChildLauncher(folders.workers);
  }

  /** Remembers what it starts, so that killAll leaves nothing behind. */
  readonly launcher: Launcher = (entry, name) => {
    const worker = this.launch(entry, name);
    const kill = (): void => worker.kill();
    this.running.add(kill);
    worker.onExit(() => this.running.delete(kill));
    return worker;
  };

  machine(): Promise<MachineInfo> {
    this.machineInfo ??= probeMachine(this.launcher);
    return this.machineInfo;
  }

  get data(): WorkerClient<DataMethods> {
    this.dataClient ??= new WorkerClient<DataMethods>(this.launcher('dataMain', 'TomoBench data'), 'The data reader');
    return this.dataClient;
  }

  /** A new device worker for one job on files. */
  device(): WorkerClient<DeviceMethods> {
    const client = new WorkerClient<DeviceMethods>(this.launcher('deviceMain', 'TomoBench device'), 'The device worker');
    this.devices.push(client);
    return client;
  }

  /** `workspace` as given on the command line; null: the default one. A second call answers the same store. */
  async store(workspace: string | null): Promise<OpenedStore['store']> {
    if (this.opened === null) {
      this.opened = openStore(this.launcher, workspaceFolder(workspace));
      (await this.opened).store.onTrouble(this.tell);
    }
    return (await this.opened).store;
  }

  async close(): Promise<void> {
    await Promise.all([
      this.dataClient?.close(),
      ...this.devices.map((client) => client.close()),
      this.opened?.then(({ store }) => store.close()).catch(() => {}),
    ]);
  }

  /** Ends every worker at once. */
  killAll(): void {
    for (const kill of this.running) kill();
  }
}

export function workspaceFolder(workspace: string | null): string {
  return workspace === null ? defaultWorkspace() : resolve(workspace);
}
