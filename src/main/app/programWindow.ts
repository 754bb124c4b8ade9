/** Joins the window to the program behind it: start, requests, events, menu and an orderly end. */
import { dirname, join } from 'node:path';
import { app, type BrowserWindow, Menu, nativeTheme } from 'electron';
import type { EventName, EventPayload, Session } from '../../shared/contract';
import { toErrorMessage } from '../../shared/errors';
import { answerRequests, sendEvent } from '../ipc/handlers';
import { programFolders, programVersion } from '../processes/programFolders';
import { APP_ORIGIN, serveScheme } from '../protocol/scheme';
import { isConfigName, type StartArguments } from './commandLine';
import { buildMenu, type MenuOptions } from './menu';
import { type Preferences, readPreferences, writePreferences } from './preferences';
import type { Program } from './program';
import { ProgramHost } from './programHost';
import { askBeforeQuit } from './quitQuestion';
import type { RequestContext } from './requests/requestContext';
import { restrictPages } from './security';
import type { RecentFiles } from './sessionKeeper';
import { createWindow } from './window';

/** How long an orderly end may take before the program ends anyway, milliseconds. */
const CLOSE_LIMIT_MS = 15_000;
const PAGE_RESTARTS = 3;

export interface ProgramWindowOptions {
  readonly start: StartArguments;
  readonly preferencesFile: string;
  readonly defaultWorkspace: string;
  /** out/main, beside out/preload and out/renderer. */
  readonly builtFolder: string;
}

/** `openFile` shows a file in the window, or only brings the window to the front. */
export function openProgramWindow(options: ProgramWindowOptions): { openFile(path: string | null): void } {
  const { start, preferencesFile, builtFolder } = options;
  const folders = programFolders(builtFolder);
  const version = programVersion(folders);
  const outFolder = dirname(builtFolder);
  let preferences = readPreferences(preferencesFile);
  const keep = (change: Partial<Preferences>): void => {
    preferences = { ...preferences, ...change };
    writePreferences(preferencesFile, preferences);
  };

  // electron-vite's development server; a package never looks at the environment.
  const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
  const pageOrigin = developmentUrl ? new URL(developmentUrl).origin : APP_ORIGIN;
  restrictPages(pageOrigin);
  const host = new ProgramHost();
  // Before the window: a page that asks for an address nobody answers yet waits for ever.
  serveScheme(join(outFolder, 'renderer'), () => host.volumeAccess(), pageOrigin);
  const window = createWindow({
    preloadFile: join(outFolder, 'preload', 'index.js'),
    pageUrl: developmentUrl ? `${pageOrigin}/` : `${APP_ORIGIN}/index.html`,
    preferences,
    keepPlace: keep,
  });
  const send = <N extends EventName>(name: N, payload: EventPayload<N>): void => sendEvent(window, name, payload);
  let shown: Pick<MenuOptions, 'theme' | 'recent'> = { theme: 'system', recent: { recentData: [], recentConfigs: [] } };
  /** A menu cannot be changed once it is shown, only put in the place of the one before. */
  const showMenu = (change: Partial<typeof shown>): void => {
    shown = { ...shown, ...change };
    Menu.setApplicationMenu(
      buildMenu({
        ...shown,
        send: (command) => send('menu.command', { command }),
        open: (path, kind) => send('app.openFile', { path, kind }),
        isDevelopment: developmentUrl !== undefined,
      }),
    );
  };
  const applyTheme = (theme: Session['theme']): void => {
    nativeTheme.themeSource = theme;
    if (theme !== shown.theme) showMenu({ theme });
  };
  const showRecent = (recent: RecentFiles): void => {
    if (JSON.stringify(recent) === JSON.stringify(shown.recent)) return;
    showMenu({ recent });
    send('app.recent', { recentData: [...recent.recentData], recentConfigs: [...recent.recentConfigs] });
  };
  showMenu({});
  restartCrashedPage(window, send);

  const workspace = start.workspace ?? process.env.TOMOBENCH_WORKSPACE ?? preferences.workspace ?? options.defaultWorkspace;
  host.start(workspace, {
    window,
    folders,
    version,
    startFiles: { dataPath: start.dataPath, configPath: start.configPath },
    send,
    applyTheme,
    showRecent,
    keepWorkspace: (folder) => keep({ workspace: folder }),
    exampleFolder: join(app.getPath('userData'), 'example-results'),
  });
  const { answered } = answerRequests(window, pageOrigin, () => host.requestTable());
  askBeforeQuit(
    window,
    () => host.queue(),
    (message) => send('app.notice', { message }),
  );
  endInOrder(window, () => host.program(), answered);

  return {
    openFile: (path) => {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.focus();
      if (path !== null) send('app.openFile', { path, kind: isConfigName(path) ? 'config' : 'data' });
    },
  };
}

/** Runs go on when only the page dies; it finds them again when it is loaded anew. */
function restartCrashedPage(window: BrowserWindow, send: RequestContext['send']): void {
  let restarts = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    process.stderr.write(`The page ended: ${reason}\n`);
    if (reason === 'clean-exit' || restarts++ >= PAGE_RESTARTS || window.isDestroyed()) return;
    window.webContents.once('did-finish-load', () =>
      send('app.notice', { message: 'The window was drawn anew after an error. Runs were not affected.' }),
    );
    window.webContents.reload();
  });
}

/** The window's last requests are answered, the running row is recorded as cancelled, the workers leave; then the process ends. */
function endInOrder(window: BrowserWindow, program: () => Program | null, answered: () => Promise<void>): void {
  window.on('closed', () => app.quit());
  let ending = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    setTimeout(() => app.exit(1), CLOSE_LIMIT_MS);
    void answered()
      .then(() => program()?.close())
      .then(
        () => app.exit(0),
        (error) => {
          process.stderr.write(`${toErrorMessage(error).message}\n`);
          app.exit(1);
        },
      );
  });
}
