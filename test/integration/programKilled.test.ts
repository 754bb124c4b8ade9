// The program itself is killed at each step of an iteration: its record is readable, and --resume ends with the bits of a run that nobody disturbed.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeProgramsAfterEach, lastIterates, readIterates, startWatched } from './programs';
import { root, temporaryFolder, walnutTiny } from './rows';

const folder = temporaryFolder();
const config = join(folder, 'tiny.yml');
const iterations = 5;
/** The iteration at which a kill happens; the ones before are finished then. */
const killAt = 3;
let expected: string | undefined;

closeProgramsAfterEach();

/** Runs the configuration in a process of its own; answers how it ended. `kill`: method:n, see killBefore.cjs. */
function run(workspace: string, options: { kill?: string; resume?: boolean } = {}): Promise<number | NodeJS.Signals | null> {
  const preload = join(root, 'test', 'integration', 'killBefore.cjs');
  const cli = join(root, 'out', 'main', 'cli.js');
  const args = ['--require', preload, cli, 'run', config, '--data', walnutTiny, '--workspace', workspace, '--devices', 'cpu'];
  if (options.resume) args.push('--resume');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'ignore', env: { ...process.env, TOMOBENCH_TEST_KILL: options.kill ?? ':0' } });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
}

async function recordOf(workspace: string) {
  const watched = await startWatched(workspace);
  const runs = await watched.program.store.call('listRuns', {});
  const [first] = runs;
  const detail = first ? await watched.program.store.call('getRun', { id: first.id }) : null;
  const readable = first ? await readIterates(watched, first.id) : [];
  const [last] = first && readable.length > 0 ? await lastIterates(watched, [first]) : [];
  await watched.program.close();
  return { runs, detail, readable, last };
}

beforeAll(async () => {
  const solver =
    'PnP: {slurm_gres: "gpu:1", denoiser_sigma: 0.05, denoiser_lambda_relaxation: 1000.0, patch_size: [[20, 20, 20]], overlap: [[4, 6, 6]], max_batch_size: 2}';
  writeFileSync(
    config,
    `dataset:\n  - tomography_3d: {num_operators: 1, num_projections: 12}\nsolver:\n  - ${solver}\nmax-runs: ${iterations}\n`,
  );
  const workspace = join(folder, 'undisturbed');
  expect(await run(workspace)).toBe(0);
  const { detail, last } = await recordOf(workspace);
  expect(detail).toMatchObject({ status: 'done', iterations_done: iterations });
  expect(last).toMatch(/^[0-9a-f]{64}$/);
  expected = last;
});

describe('the program killed', () => {
  // One worker: the n-th request of a method belongs to the n-th iteration, or later where a method is used more than once in one.
  it.each([
    ['prepare', 1],
    ['warmUp', 1],
    ['project', 10],
    ['reduce', 10],
    ['combine', 20],
    ['denoise', killAt + 1],
    ['score', killAt + 1],
    ['save', killAt + 1],
    ['addIteration', killAt + 1],
    ['updateRun', 2],
  ] as const)('at %s, request %i: what was finished is readable, --resume ends with the same bits', async (method, nth) => {
    const workspace = join(folder, method);
    expect(await run(workspace, { kill: `${method}:${nth}` })).toBe('SIGKILL');
    const { runs, detail, readable } = await recordOf(workspace);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      status: 'failed',
      error: { message: 'The program ended before this run did. Its kept iterates are still here.' },
    });
    expect(detail?.iterations.map(({ iteration }) => iteration)).toEqual(readable);
    expect(readable).toEqual(readable.map((_, index) => index));
    expect(await run(workspace, { resume: true })).toBe(0);
    const after = await recordOf(workspace);
    expect(after.runs).toHaveLength(1);
    expect(after.detail).toMatchObject({ status: 'done', iterations_done: iterations });
    expect(after.detail?.iterations.map(({ iteration }) => iteration)).toEqual(Array.from({ length: iterations + 1 }, (_, index) => index));
    expect(after.last).toBe(expected);
  });
});
