/** The session from one start to the next and the files used lately, kept in the store; at the first start the bundled experiment, ready to run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Session, sessionSchema } from '../../shared/contract';
import { usualDrawing } from '../../shared/figures';
import type { StoreMethods } from '../../shared/workerMessages';
import type { ProgramFolders } from '../processes/programFolders';
import type { WorkerCalls } from '../processes/workerClient';

/** The data of the first start. */
export const SAMPLE = 'walnut-mini.pt';

const RECENT_FILES = 10;
const recentSchema = z.array(z.string());

export type RecentKind = 'recentData' | 'recentConfigs';

/** The files used lately, newest first. */
export type RecentFiles = Readonly<Record<RecentKind, readonly string[]>>;

export class SessionKeeper {
  /** Each change of a list waits for the one before, so that none is lost. */
  private changes: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: WorkerCalls<StoreMethods>,
    private readonly folders: ProgramFolders,
    /** Told when a list has changed. */
    private readonly onRecent: (files: RecentFiles) => void = () => {},
  ) {}

  /** The last session, or that of the first start; a record of an older form counts as none. */
  async read(): Promise<Session> {
    const kept = sessionSchema.safeParse(await this.store.call('getSetting', { name: 'session' }));
    return kept.success ? kept.data : this.first();
  }

  async save(session: Session): Promise<void> {
    await this.store.call('setSetting', { name: 'session', value: session });
  }

  async recent(kind: RecentKind): Promise<string[]> {
    const kept = recentSchema.safeParse(await this.store.call('getSetting', { name: kind }));
    return kept.success ? kept.data : [];
  }

  async recentFiles(): Promise<RecentFiles> {
    const [recentData, recentConfigs] = await Promise.all([this.recent('recentData'), this.recent('recentConfigs')]);
    return { recentData, recentConfigs };
  }

  /** Puts a file at the front of its list. */
  remember(kind: RecentKind, path: string): Promise<void> {
    const change = this.changes.then(async () => {
      const others = (await this.recent(kind)).filter((other) => other !== path);
      await this.store.call('setSetting', { name: kind, value: [path, ...others].slice(0, RECENT_FILES) });
      this.onRecent(await this.recentFiles());
    });
    this.changes = change.catch(() => {});
    return change;
  }

  private async first(): Promise<Session> {
    const configPath = join(this.folders.configs, 'quickstart.yml');
    return {
      configText: await readFile(configPath, 'utf8'),
      configPath,
      dataPath: join(this.folders.samples, SAMPLE),
      view: 'experiment',
      theme: 'system',
      scale: 1,
      selectedRunIds: [],
      runSort: null,
      panels: {},
      viewer: null,
      chart: null,
      drawing: usualDrawing,
      corrections: null,
      saveEvery: null,
      memoryLimitMiB: null,
      retryOutOfMemory: false,
    };
  }
}
