/** Finds what is shipped beside the program (configurations, samples, models) and where its records go by default; from a checkout and from a package alike. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../../shared/errors';

export interface BundledFiles {
  readonly configsFolder: string;
  readonly modelsFolder: string;
  /** The experiment shown at the first start, and the scan it is for. */
  readonly quickstartConfig: string;
  readonly quickstartData: string;
}

/** Looks in `start` and the folders above it, then in `others`. Throws UserError when configs/quickstart.yml is in none of them. */
export function findBundledFiles(start: string, others: readonly string[] = []): BundledFiles {
  const candidates: string[] = [];
  for (let folder = start; ; folder = dirname(folder)) {
    candidates.push(folder);
    if (folder === dirname(folder)) break;
  }
  candidates.push(...others);
  const root = candidates.find((folder) => existsSync(join(folder, 'configs', 'quickstart.yml')));
  if (root === undefined) {
    throw new UserError(`The program's own files (configs/quickstart.yml) are not beside ${start}. Install TomoBench again.`, 'not_found');
  }
  return {
    configsFolder: join(root, 'configs'),
    modelsFolder: join(root, 'resources', 'models'),
    quickstartConfig: join(root, 'configs', 'quickstart.yml'),
    quickstartData: join(root, 'resources', 'samples', 'walnut-mini.pt'),
  };
}

/** The folder of records and iterates when none is named: TOMOBENCH_WORKSPACE, else TomoBench in the home folder. */
export function defaultWorkspace(): string {
  return process.env.TOMOBENCH_WORKSPACE || join(homedir(), 'TomoBench');
}
