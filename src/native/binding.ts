/** The one file that loads the native binary; what the binary can do is typed in api.ts, and errors it throws are UserErrors. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../shared/errors';
import { NATIVE_API_VERSION, type NativeAddon } from './api';

export * from './api';

/** What the binary exports beside the addon's own surface. */
interface RawAddon extends NativeAddon {
  /** Makes native failures instances of this class: new ErrorClass(message, code). */
  setErrorClass(errorClass: new (message: string, code: never) => Error): void;
}

const RELATIVE_PATH = join('build', 'native', 'tomo_native.node');

let loaded: NativeAddon | null = null;

/** Places the binary may be at, in order: TOMOBENCH_NATIVE, the packaged app's resources, then every folder above this file. */
function candidatePaths(): string[] {
  const paths: string[] = [];
  const fromEnvironment = process.env.TOMOBENCH_NATIVE;
  if (fromEnvironment !== undefined && fromEnvironment !== '') paths.push(fromEnvironment);
  const { resourcesPath } = process as NodeJS.Process & { readonly resourcesPath?: string };
  if (typeof resourcesPath === 'string') paths.push(join(resourcesPath, 'native', 'tomo_native.node'), join(resourcesPath, RELATIVE_PATH));
  for (let folder = typeof __dirname === 'string' ? __dirname : process.cwd(); ; folder = dirname(folder)) {
    paths.push(join(folder, RELATIVE_PATH));
    if (dirname(folder) === folder) return paths;
  }
}

/** Loads the addon once per process. Throws a UserError when the binary is missing, broken or of another version. */
export function loadNative(): NativeAddon {
  if (loaded !== null) return loaded;
  const path = candidatePaths().find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new UserError('The native part of TomoBench has not been built. Run "npm start" once; it builds what is missing.', 'not_found');
  }
  let addon: RawAddon;
  try {
    // createRequire keeps the bundler from following the path.
    addon = createRequire(path)(path) as RawAddon;
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The native part at ${path} cannot be loaded. Delete that file and run "npm start" once to build it again.`,
      'internal',
      details,
    );
  }
  if (addon.apiVersion !== NATIVE_API_VERSION) {
    throw new UserError(
      `The native part at ${path} is of version ${addon.apiVersion}, this program needs ${NATIVE_API_VERSION}. Run "npm start" once to build it again.`,
      'internal',
    );
  }
  addon.setErrorClass(UserError);
  loaded = addon;
  return addon;
}
