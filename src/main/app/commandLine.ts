/** Reads the arguments the window was started with; Chromium's own switches pass by. */
import { extname, resolve } from 'node:path';

export interface StartArguments {
  /** --workspace DIR, absolute. */
  readonly workspace: string | null;
  /** Files to open, absolute: .yml and .yaml are configurations, everything else is data. */
  readonly dataPath: string | null;
  readonly configPath: string | null;
}

/** True for the names that hold an experiment rather than data. */
export function isConfigName(path: string): boolean {
  return ['.yml', '.yaml'].includes(extname(path).toLowerCase());
}

/**
 * `argv` without the executable. `appPath` is dropped where it stands among the arguments: `electron FOLDER FILE` passes both.
 * The last file of each kind wins. Relative paths are relative to `cwd`.
 */
export function readArguments(argv: readonly string[], appPath: string, cwd: string): StartArguments {
  let workspace: string | null = null;
  let dataPath: string | null = null;
  let configPath: string | null = null;
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const inline = /^--workspace=(.+)$/.exec(argument)?.[1];
    if (inline !== undefined) workspace = resolve(cwd, inline);
    else if (argument === '--workspace') {
      const folder = argv[++index];
      if (folder !== undefined) workspace = resolve(cwd, folder);
    } else if (argument !== '' && !argument.startsWith('-')) {
      const path = resolve(cwd, argument);
      if (path === appPath) continue;
      if (isConfigName(path)) configPath = path;
      else dataPath = path;
    }
  }
  return { workspace, dataPath, configPath };
}
