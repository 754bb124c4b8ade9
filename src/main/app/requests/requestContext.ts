/** What the request handlers share. */
import type { BrowserWindow } from 'electron';
import type { EventName, EventPayload } from '../../../shared/contract';
import type { ProgramFolders } from '../../processes/programFolders';
import type { Jobs } from '../jobs';
import type { Program } from '../program';
import type { SessionKeeper } from '../sessionKeeper';
import type { VolumeResolver } from '../volumeResolver';

export interface RequestContext {
  readonly window: BrowserWindow;
  readonly program: Program;
  readonly folders: ProgramFolders;
  readonly version: string;
  readonly sessions: SessionKeeper;
  readonly volumes: VolumeResolver;
  /** Runs what takes long, with progress and Cancel in the window's tray. */
  readonly jobs: Jobs;
  /** Named on the command line; shown at the start in place of the last session's. */
  readonly startFiles: { readonly dataPath: string | null; readonly configPath: string | null };
  send<N extends EventName>(name: N, payload: EventPayload<N>): void;
  /** Called when the session names another theme. */
  applyTheme(theme: 'system' | 'light' | 'dark'): void;
}
