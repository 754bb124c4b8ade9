/** What the window asks once and keeps up to date: the program's state, its devices and the session. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shell } from 'electron';
import type { ApplicationState, Session } from '../../../shared/contract';
import { toErrorMessage } from '../../../shared/errors';
import type { RequestTable } from '../../ipc/dispatch';
import { SAMPLE } from '../sessionKeeper';
import { readConfigFile } from './configFile';
import type { RequestContext } from './requestContext';

type Devices = Pick<ApplicationState, 'devices' | 'deviceNote'>;

async function describeDevices({ program }: RequestContext): Promise<Devices> {
  try {
    const machine = await program.machine;
    const cuda = machine.cuda.map(({ index, name, totalMiB }) => ({
      id: `cuda:${index}`,
      name,
      kind: 'cuda' as const,
      memoryMiB: totalMiB,
      freeMiB: null,
    }));
    const cpu = { id: 'cpu', name: machine.cpuName, kind: 'cpu' as const, memoryMiB: machine.memoryMiB, freeMiB: machine.freeMiB };
    const note = cuda.length > 0 ? null : 'No GPU found: gpu:2 runs on 2 CPU workers.';
    return { devices: [...cuda, cpu], deviceNote: note };
  } catch (error) {
    return { devices: [], deviceNote: `Nothing can be run: ${toErrorMessage(error).message}` };
  }
}

/** Every configuration shipped with the program, by its file name. */
async function listExamples({ folders }: RequestContext): Promise<ApplicationState['examples']> {
  const names = await readdir(folders.configs).catch(() => []);
  return names
    .filter((name) => name.endsWith('.yml'))
    .sort()
    .map((name) => ({ name: name.slice(0, -'.yml'.length), configPath: join(folders.configs, name) }));
}

/** The last session with what the command line names in its place. */
async function startSession({ sessions, startFiles, send }: RequestContext): Promise<Session> {
  const kept = await sessions.read();
  const dataPath = startFiles.dataPath ?? kept.dataPath;
  // Corrections were applied to the data they came with.
  const session = { ...kept, corrections: dataPath === kept.dataPath ? kept.corrections : null };
  if (startFiles.configPath === null) return { ...session, dataPath };
  try {
    const { text } = await readConfigFile(startFiles.configPath);
    return { ...session, dataPath, configText: text, configPath: startFiles.configPath, view: 'experiment' };
  } catch (error) {
    send('app.notice', { message: toErrorMessage(error).message });
    return { ...session, dataPath };
  }
}

export function applicationRequests(
  context: RequestContext,
): Pick<RequestTable, 'app.state' | 'app.saveSession' | 'app.setScale' | 'app.showInFolder'> {
  const { program, sessions, version } = context;
  return {
    'app.state': async () => {
      const [devices, session, recent, examples] = await Promise.all([
        describeDevices(context),
        startSession(context),
        sessions.recentFiles(),
        listExamples(context),
      ]);
      context.showRecent(recent);
      context.applyTheme(session.theme);
      context.window.webContents.setZoomFactor(session.scale);
      return {
        version,
        platform: process.platform,
        workspace: program.workspace,
        ownWorkspace: context.workspaces.ownWorkspace,
        ...devices,
        session,
        recentData: [...recent.recentData],
        recentConfigs: [...recent.recentConfigs],
        examples,
        interruptedRunIds: [...program.interruptedRunIds],
        sampleDataPath: join(context.folders.samples, SAMPLE),
        runtimeNote: `Electron ${process.versions.electron ?? 'unknown'}, Chromium ${process.versions.chrome ?? 'unknown'}, Node ${process.versions.node}`,
      };
    },
    'app.saveSession': async ({ session }) => {
      context.applyTheme(session.theme);
      await sessions.save(session);
      return null;
    },
    'app.setScale': async ({ scale }) => {
      context.window.webContents.setZoomFactor(scale);
      return null;
    },
    'app.showInFolder': async ({ runId }) => {
      const { id } = await program.store.call('getRun', { id: runId });
      shell.showItemInFolder(join(program.workspace, 'runs', id));
      return null;
    },
  };
}
