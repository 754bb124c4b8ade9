/** What the request handlers share. */
import type { BrowserWindow } from 'electron';
import type { EventName, EventPayload } from '../../../shared/contract';
import type { ProgramFolders } from '../../processes/programFolders';
import type { Jobs } from '../jobs';
import type { Program } from '../program';
import type { RecentFiles, SessionKeeper } from '../sessionKeeper';
import type { VolumeResolver } from '../volumeResolver';

/** Working in another folder of results. Both reject, and nothing changes, while runs or other work are under way. */
export interface Workspaces {
  /** The user's own workspace while the example results are open, else null. */
  readonly ownWorkspace: string | null;
  /** Opens the workspace, also at the next start. The page must be loaded anew afterwards. */
  change(folder: string): Promise<void>;
  openExample(): Promise<void>;
}

export interface RequestContext {
  readonly window: BrowserWindow;
  readonly program: Program;
  readonly folders: ProgramFolders;
  readonly version: string;
  readonly sessions: SessionKeeper;
  readonly volumes: VolumeResolver;
  /** Runs what takes long, with progress and Cancel in the window's tray. */
  readonly jobs: Jobs;
  readonly workspaces: Workspaces;
  /** Named on the command line; shown at the start in place of the last session's. */
  readonly startFiles: { readonly dataPath: string | null; readonly configPath: string | null };
  send<N extends EventName>(name: N, payload: EventPayload<N>): void;
  /** Called when the session names another theme. */
  applyTheme(theme: 'system' | 'light' | 'dark'): void;
  /** Called when other files were used lately than before. */
  showRecent(files: RecentFiles): void;
}
