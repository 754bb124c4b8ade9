/** Entry of the app: one program instance, one window, and what works behind it; everything particular is in the folders beside. */
import { join } from 'node:path';
import { app, session } from 'electron';
import { readArguments } from './app/commandLine';
import { openProgramWindow } from './app/programWindow';
import { refusePermissions } from './app/security';
import { defaultWorkspace } from './processes/programFolders';
import { declareScheme } from './protocol/scheme';

/** A profile of its own, for tests and for a second instance beside the first. */
const userData = process.env.TOMOBENCH_USER_DATA;
if (userData) app.setPath('userData', userData);

declareScheme();

// Nothing in this process may end the program in the middle of a run; what went wrong stands on stderr.
process.on('uncaughtException', (error) => process.stderr.write(`${error.stack ?? String(error)}\n`));
process.on('unhandledRejection', (reason) => process.stderr.write(`${reason instanceof Error ? reason.stack : String(reason)}\n`));

/** Electron's default app leaves its own path among the arguments. */
const argumentsOf = (argv: readonly string[], cwd: string) => readArguments(argv.slice(1), app.getAppPath(), cwd);

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(() => {
    refusePermissions(session.defaultSession);
    const start = argumentsOf(process.argv, process.cwd());
    const { openFile } = openProgramWindow({
      start,
      preferencesFile: join(app.getPath('userData'), 'window.json'),
      defaultWorkspace: defaultWorkspace(),
      builtFolder: __dirname,
    });
    app.on('second-instance', (_event, argv, cwd) => {
      const { dataPath, configPath } = argumentsOf(argv, cwd);
      if (configPath !== null) openFile(configPath);
      if (dataPath !== null) openFile(dataPath);
      if (configPath === null && dataPath === null) openFile(null);
    });
    app.on('open-file', (event, path) => {
      event.preventDefault();
      openFile(path);
    });
  });
} else {
  // The first instance has been told what to open.
  app.quit();
}
