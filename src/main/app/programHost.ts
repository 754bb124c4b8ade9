/** The program behind the window, in one workspace after another: what it needs is put together here, and the window's requests always go to the one in use. */
import { app, type BrowserWindow, dialog } from 'electron';
import { toErrorMessage, UserError } from '../../shared/errors';
import type { RequestTable } from '../ipc/dispatch';
import { createUtilityLauncher } from '../processes/utilityLauncher';
import type { VolumeAccess } from '../protocol/volumeRequests';
import type { QueueEvent, RunQueue } from '../queue/queueTypes';
import { copyExampleResults, settleExampleResults } from './exampleResults';
import { Jobs } from './jobs';
import { type Program, startProgram } from './program';
import type { RequestContext } from './requests/requestContext';
import { requestTable } from './requests/requestTable';
import { SessionKeeper } from './sessionKeeper';
import { VolumeResolver } from './volumeResolver';

export interface HostOptions
  extends Pick<RequestContext, 'window' | 'folders' | 'version' | 'startFiles' | 'send' | 'applyTheme' | 'showRecent'> {
  /** The next start opens this workspace. */
  keepWorkspace(folder: string): void;
  /** Where the copy of the example results lies. */
  readonly exampleFolder: string;
}

interface Open {
  readonly program: Program;
  readonly context: RequestContext;
  readonly table: RequestTable;
}

export class ProgramHost {
  private open: Promise<Open> = new Promise(() => {});
  private running: Program | null = null;
  private startedQueue: RunQueue | null = null;
  /** The user's own workspace: where one returns to from the example results. */
  private own = '';
  private changing = false;

  /** null until the first workspace is open. */
  program(): Program | null {
    return this.running;
  }

  /** null until it can take runs. */
  queue(): RunQueue | null {
    return this.startedQueue;
  }

  async requestTable(): Promise<RequestTable> {
    return (await this.open).table;
  }

  async volumeAccess(): Promise<VolumeAccess> {
    const { program, context } = await this.open;
    return { data: program.data, resolve: (ref) => context.volumes.resolve(ref) };
  }

  /** Opens the first workspace; one that cannot be used leads to a question, not to an end. */
  start(workspace: string, options: HostOptions): void {
    this.own = workspace;
    this.open = startOrAsk(workspace, options).then((program) => {
      this.own = program.workspace;
      return this.use(program, options);
    });
  }

  /** The requests of a program, and its events to the window. */
  private use(program: Program, options: HostOptions): Open {
    const { window, folders, version, startFiles, send, applyTheme, showRecent } = options;
    this.running = program;
    this.startedQueue = null;
    void program.queue.then(
      (queue) => {
        queue.onEvent((event) => forward(event, send));
        if (this.running === program) this.startedQueue = queue;
      },
      () => {},
    );
    const context: RequestContext = {
      window,
      program,
      folders,
      version,
      sessions: new SessionKeeper(program.store, folders, showRecent),
      volumes: new VolumeResolver(program.workspace, program.store, program.data),
      jobs: new Jobs((jobs) => send('jobs.changed', jobs)),
      workspaces: {
        ownWorkspace: program.workspace === options.exampleFolder ? this.own : null,
        change: async (folder) => {
          await this.change(folder, options);
          this.own = folder;
          options.keepWorkspace(folder);
        },
        openExample: () => this.openExample(options),
      },
      startFiles,
      send,
      applyTheme,
      showRecent,
    };
    return { program, context, table: requestTable(context) };
  }

  /** Rejects, and everything stays as it is, where work is under way or the other workspace cannot be used. */
  private async change(workspace: string, options: HostOptions, settle?: (program: Program) => Promise<void>): Promise<void> {
    const before = await this.open;
    if (workspace === before.program.workspace) return;
    if (this.changing) throw new UserError('Another workspace is being opened already.');
    await refuseWhileWorking(before);
    this.changing = true;
    try {
      const program = await startProgram(programOptions(workspace, options));
      await settle?.(program);
      await keepLook(before.context.sessions, new SessionKeeper(program.store, options.folders));
      this.open = Promise.resolve(this.use(program, { ...options, startFiles: { dataPath: null, configPath: null } }));
      await before.program.close();
    } finally {
      this.changing = false;
    }
  }

  private async openExample(options: HostOptions): Promise<void> {
    const { program, context } = await this.open;
    const { folders, exampleFolder } = options;
    if (program.workspace === exampleFolder) return;
    // A copy that another instance has open must not be taken away under it; the profile belongs to one instance.
    await context.jobs.run('Copying the example results', () => copyExampleResults(folders.examples, exampleFolder));
    await this.change(exampleFolder, options, (opened) => settleExampleResults(opened, folders));
  }
}

/** Theme and size are the user's, not the workspace's: they stay as they are in another one. */
async function keepLook(from: SessionKeeper, to: SessionKeeper): Promise<void> {
  const { theme, scale } = await from.read();
  await to.save({ ...(await to.read()), theme, scale });
}

async function refuseWhileWorking({ program, context }: Open): Promise<void> {
  const queue = await program.queue.then(
    (started) => started.state(),
    () => null,
  );
  if (queue !== null && (queue.runningRunId !== null || queue.queued > 0)) {
    throw new UserError('Runs are under way in this workspace. Let them end or cancel them, then open another one.');
  }
  if (context.jobs.list().length > 0)
    throw new UserError('Something is still being written. Let it end or cancel it, then open another workspace.');
}

function programOptions(workspace: string, { folders, version, send }: HostOptions): Parameters<typeof startProgram>[0] {
  return {
    launcher: createUtilityLauncher(folders.workers),
    workspace,
    modelsFolder: folders.models,
    version,
    programFolder: folders.root,
    notice: (message) => send('app.notice', { message }),
  };
}

/** Never settles once the user chose to quit. */
async function startOrAsk(first: string, options: HostOptions): Promise<Program> {
  for (let workspace = first; ; ) {
    try {
      return await startProgram(programOptions(workspace, options));
    } catch (error) {
      const { message, details } = toErrorMessage(error);
      process.stderr.write(`${message}\n`);
      const { window } = options;
      if (window.isDestroyed()) return new Promise<Program>(() => {});
      const answer = await askForWorkspace(window, message, details ?? '');
      if (answer === null) {
        app.quit();
        return new Promise<Program>(() => {});
      }
      if (answer !== '') {
        workspace = answer;
        options.keepWorkspace(workspace);
      }
    }
  }
}

/** The folder chosen, empty to try the same again, null to quit. */
async function askForWorkspace(window: BrowserWindow, message: string, detail: string): Promise<string | null> {
  window.show();
  const buttons = ['Choose Another Workspace...', 'Try Again', 'Quit'];
  const { response } = await dialog.showMessageBox(window, { type: 'error', message, detail, buttons, cancelId: 2 });
  if (response === 2) return null;
  if (response === 1) return '';
  const { filePaths } = await dialog.showOpenDialog(window, {
    title: 'Choose a workspace folder',
    properties: ['openDirectory', 'createDirectory'],
  });
  return filePaths[0] ?? '';
}

/** What the queue tells, as events of the window. */
function forward(event: QueueEvent, send: RequestContext['send']): void {
  switch (event.kind) {
    case 'runs':
      send('runs.changed', [...event.runs]);
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
