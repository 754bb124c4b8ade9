/** Joins the window to the program behind it: start, requests, events, menu and an orderly end. */
import { dirname, join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu, nativeTheme } from 'electron';
import type { EventName, EventPayload, Session } from '../../shared/contract';
import { toErrorMessage } from '../../shared/errors';
import { answerRequests, sendEvent } from '../ipc/handlers';
import { type ProgramFolders, programFolders, programVersion } from '../processes/programFolders';
import { createUtilityLauncher } from '../processes/utilityLauncher';
import { APP_ORIGIN, serveScheme } from '../protocol/scheme';
import type { VolumeAccess } from '../protocol/volumeRequests';
import type { QueueEvent } from '../queue/queueTypes';
import { isConfigName, type StartArguments } from './commandLine';
import { Jobs } from './jobs';
import { buildMenu } from './menu';
import { type Preferences, readPreferences, writePreferences } from './preferences';
import { type Program, startProgram } from './program';
import type { RequestContext } from './requests/requestContext';
import { requestTable } from './requests/requestTable';
import { restrictPages } from './security';
import { SessionKeeper } from './sessionKeeper';
import { VolumeResolver } from './volumeResolver';
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
  let giveAccess = (_access: Promise<VolumeAccess>): void => {};
  const access = new Promise<VolumeAccess>((resolve) => {
    giveAccess = resolve;
  });
  // Before the window: a page that asks for an address nobody answers yet waits for ever.
  serveScheme(join(outFolder, 'renderer'), access, pageOrigin);
  const window = createWindow({
    preloadFile: join(outFolder, 'preload', 'index.js'),
    pageUrl: developmentUrl ? `${pageOrigin}/` : `${APP_ORIGIN}/index.html`,
    preferences,
    keepPlace: keep,
  });
  const send = <N extends EventName>(name: N, payload: EventPayload<N>): void => sendEvent(window, name, payload);
  const applyTheme = (theme: Session['theme']): void => {
    nativeTheme.themeSource = theme;
    const entry = Menu.getApplicationMenu()?.getMenuItemById({ system: 'themeSystem', light: 'themeLight', dark: 'themeDark' }[theme]);
    if (entry) entry.checked = true;
  };
  Menu.setApplicationMenu(
    buildMenu({ send: (command) => send('menu.command', { command }), theme: 'system', isDevelopment: developmentUrl !== undefined }),
  );
  restartCrashedPage(window, send);

  const workspace = start.workspace ?? process.env.TOMOBENCH_WORKSPACE ?? preferences.workspace ?? options.defaultWorkspace;
  const program = startInWorkspace(window, workspace, folders, version, send, keep);
  const context = program.then((running): RequestContext => {
    void running.queue.then(
      (queue) => queue.onEvent((event) => forward(event, send)),
      () => {},
    );
    return {
      window,
      program: running,
      folders,
      version,
      sessions: new SessionKeeper(running.store, folders),
      volumes: new VolumeResolver(running.workspace, running.store, running.data),
      jobs: new Jobs((jobs) => send('jobs.changed', jobs)),
      startFiles: { dataPath: start.dataPath, configPath: start.configPath },
      send,
      applyTheme,
    };
  });
  const { answered } = answerRequests(window, pageOrigin, context.then(requestTable));
  giveAccess(context.then(({ program: { data }, volumes }) => ({ data, resolve: (ref) => volumes.resolve(ref) })));
  endInOrder(window, program, answered);

  return {
    openFile: (path) => {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      window.focus();
      if (path !== null) send('app.openFile', { path, kind: isConfigName(path) ? 'config' : 'data' });
    },
  };
}

/** Starts the program; a workspace that cannot be used leads to a question, not to an end. Never settles once the user chose to quit. */
async function startInWorkspace(
  window: BrowserWindow,
  first: string,
  folders: ProgramFolders,
  version: string,
  send: RequestContext['send'],
  keep: (change: Partial<Preferences>) => void,
): Promise<Program> {
  const launcher = createUtilityLauncher(folders.workers);
  for (let workspace = first; ; ) {
    try {
      return await startProgram({
        launcher,
        workspace,
        modelsFolder: folders.models,
        version,
        programFolder: folders.root,
        notice: (message) => send('app.notice', { message }),
      });
    } catch (error) {
      const { message, details } = toErrorMessage(error);
      process.stderr.write(`${message}\n`);
      if (window.isDestroyed()) return new Promise<Program>(() => {});
      window.show();
      const { response } = await dialog.showMessageBox(window, {
        type: 'error',
        message,
        detail: details ?? '',
        buttons: ['Choose Another Workspace...', 'Try Again', 'Quit'],
        cancelId: 2,
      });
      if (response === 2) {
        app.quit();
        return new Promise<Program>(() => {});
      }
      if (response === 0) {
        const { filePaths } = await dialog.showOpenDialog(window, {
          title: 'Choose a workspace folder',
          properties: ['openDirectory', 'createDirectory'],
        });
        if (filePaths[0] !== undefined) {
          workspace = filePaths[0];
          keep({ workspace });
        }
      }
    }
  }
}

/** What the queue tells, as events of the window. */
function forward(event: QueueEvent, send: RequestContext['send']): void {
  switch (event.kind) {
    case 'run':
      send('run.changed', event.run);
      break;
    case 'iteration':
      send('run.iteration', { runId: event.runId, iteration: event.iteration });
      break;
    case 'progress':
      send('run.progress', { runId: event.runId, step: event.step, fraction: event.fraction, etaSec: event.etaSec });
      break;
    case 'log':
      send('run.log', { runId: event.runId, line: event.line });
      break;
    case 'queue':
      send('queue.changed', event.state);
      break;
  }
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
function endInOrder(window: BrowserWindow, program: Promise<Program>, answered: () => Promise<void>): void {
  let running: Program | null = null;
  program.then(
    (started) => {
      running = started;
    },
    () => {},
  );
  window.on('closed', () => app.quit());
  let ending = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    setTimeout(() => app.exit(1), CLOSE_LIMIT_MS);
    void answered()
      .then(() => running?.close())
      .then(
        () => app.exit(0),
        (error) => {
          process.stderr.write(`${toErrorMessage(error).message}\n`);
          app.exit(1);
        },
      );
  });
}
