/** The files of one run: kept iterates, and beside the newest one what the solver needs to go on. Which are due is the queue's to say; writing them is the worker's. */
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResumeRecord } from '../../shared/runs';
import type { ReopenedFrom } from '../../shared/workerMessages';
import type { FilePlace, KeptState } from '../coordinator/executeRow';

export class RunFiles {
  /** Relative to the workspace, with slashes. */
  private readonly folder: string;
  /** Files of the newest kept state, as recorded. */
  private stateFiles: readonly string[];

  constructor(
    private readonly workspace: string,
    runId: string,
    from: ReopenedFrom | null,
  ) {
    this.folder = `runs/${runId}`;
    this.stateFiles = Object.values(from?.volumes ?? {});
  }

  /** Makes the folder; what a killed worker left half written goes. */
  async prepare(): Promise<void> {
    const folder = join(this.workspace, this.folder);
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (name.endsWith('.part')) await rm(join(folder, name), { force: true });
  }

  iterate(iteration: number): FilePlace {
    return this.place(`iterate-${String(iteration).padStart(4, '0')}.npy`);
  }

  state(iteration: number, volume: string): FilePlace {
    return this.place(`state-${String(iteration).padStart(4, '0')}-${volume.replaceAll(/[^\w-]/g, '-')}.npy`);
  }

  /** `newest` is recorded (null: the run is done): the state before it is no longer needed. */
  async forgetOlderState(newest: ResumeRecord | null): Promise<void> {
    const needed = Object.values(newest?.volumes ?? {});
    const old = this.stateFiles.filter((file) => !needed.includes(file));
    this.stateFiles = needed;
    for (const file of old) await rm(join(this.workspace, file), { force: true });
  }

  /** The point to go on from with absolute paths; null where one of its files is gone. */
  async restore(from: ReopenedFrom): Promise<KeptState | null> {
    const { iteration, timeSec, numbers } = from;
    const files = { x: from.iterateFile, ...from.volumes };
    const volumes = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(this.workspace, file)]));
    try {
      for (const path of Object.values(volumes)) await access(path);
    } catch {
      return null;
    }
    return { iteration, timeSec, numbers, volumes };
  }

  private place(name: string): FilePlace {
    return { path: join(this.workspace, this.folder, name), record: `${this.folder}/${name}` };
  }
}
