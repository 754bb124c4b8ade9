/** Where the program's own files lie and where results go; the window and the command line ask here, so both mean the same folders. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export interface ProgramFolders {
  /** Holds package.json, resources and configs. */
  readonly root: string;
  /** Holds deviceMain.js, storeMain.js and dataMain.js. */
  readonly workers: string;
  readonly models: string;
  readonly samples: string;
  readonly configs: string;
  /** Finished runs to look at, with their manifest. */
  readonly examples: string;
}

/** `moduleFolder` is the __dirname of a built file: out/main or a folder in it. */
export function programFolders(moduleFolder: string): ProgramFolders {
  const root = nearestAbove(moduleFolder, 'package.json');
  return {
    root,
    workers: nearestAbove(moduleFolder, 'deviceMain.js'),
    models: join(root, 'resources', 'models'),
    samples: join(root, 'resources', 'samples'),
    configs: join(root, 'configs'),
    examples: join(root, 'resources', 'examples'),
  };
}

/** The version in package.json. */
export function programVersion(folders: Pick<ProgramFolders, 'root'>): string {
  const { version } = JSON.parse(readFileSync(join(folders.root, 'package.json'), 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}

/** Folder of the database and the kept iterates: TOMOBENCH_WORKSPACE, or TomoBench in the user's home. */
export function defaultWorkspace(): string {
  const fromEnvironment = process.env.TOMOBENCH_WORKSPACE;
  return fromEnvironment ? resolve(fromEnvironment) : join(homedir(), 'TomoBench');
}

/** The folder itself or the nearest one above it that holds `name`; the folder itself where none does. */
function nearestAbove(start: string, name: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return start;
  }
}
