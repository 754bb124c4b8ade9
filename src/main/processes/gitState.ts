/** Which commit of the program's own sources is running, and whether they were changed since; for the record of every run. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface GitState {
  readonly commit: string;
  /** True where the working tree differs from the commit. */
  readonly changed: boolean;
}

const TIME_LIMIT_MS = 5000;

/** null where `root` is no checkout (a packaged program) or git is not there. */
export async function readGitState(root: string): Promise<GitState | null> {
  if (!existsSync(join(root, '.git'))) return null;
  const commit = await git(root, ['rev-parse', 'HEAD']);
  const status = await git(root, ['status', '--porcelain', '--untracked-files=no']);
  return commit === null || status === null ? null : { commit: commit.trim(), changed: status.trim() !== '' };
}

function git(root: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    // Without optional locks: looking must not disturb a git that works at the same time.
    execFile('git', ['--no-optional-locks', '-C', root, ...args], { timeout: TIME_LIMIT_MS, windowsHide: true }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });
}
