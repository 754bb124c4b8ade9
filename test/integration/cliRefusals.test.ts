/** What the command line cannot use: one clear sentence on stderr, the right exit code, never a stack trace, nothing half written. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type CliResult, memberOfSize, runCli, tiny, writeNpy } from './cliProcess';

let folder: string;
const mounts: string[] = [];
const at = (name: string): string => join(folder, name);

const solver = (text: string): string =>
  `dataset:\n  - tomography_3d:\n      num_projections: 10\nsolver:\n  - PnP:\n${text}\nmax-runs: 3\n`;
const plain = '      patch_size: [[20, 20, 20]]\n      overlap: [[6, 6, 6]]\n      max_batch_size: 2';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-refusals-'));
  writeFileSync(at('good.yml'), solver(plain));
});
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The one sentence it ended with. */
function sentence({ code, stderr, stdout }: CliResult, expected: number): string {
  expect(stderr + stdout).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(code).toBe(expected);
  const last = stderr.trim().split('\n').at(-1) ?? '';
  expect(last).toMatch(/^tomobench: .+[.?]$/);
  return last;
}

const runWith = (data: string, config = 'good.yml', ...more: string[]): Promise<CliResult> =>
  runCli(['run', at(config), '--data', data, '--workspace', at('workspace'), ...more]);

/** A small file system of its own; skips the test, with the reason, where this user may not mount one. */
function mountDisk(context: TestContext, name: string, options: string): string {
  const mount = at(name);
  mkdirSync(mount);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount], { stdio: 'pipe' });
  } catch (error) {
    context.skip(`a small disk cannot be mounted here: ${String(error).split('\n')[0]}`);
  }
  mounts.push(mount);
  return mount;
}

describe('data that cannot be used', () => {
  it('refuses a truncated .pt', async () => {
    const bytes = readFileSync(tiny);
    writeFileSync(at('cut.pt'), bytes.subarray(0, bytes.length * 0.6));
    expect(sentence(await runWith(at('cut.pt')), 2)).toContain('cut.pt');
    expect(sentence(await runCli(['info', at('cut.pt')]), 2)).toContain('cut.pt');
  });

  it('refuses a pickle that wants to call a program, and does not call it', async () => {
    const bytes = readFileSync(tiny);
    const name = Buffer.from('torch._utils\n_rebuild_tensor_v2\n', 'latin1');
    const found = bytes.indexOf(name);
    expect(found).toBeGreaterThan(0);
    const hostile = Buffer.from(bytes);
    hostile.write('posixpath.os\nsystem____________\n', found, 'latin1');
    writeFileSync(at('hostile.pt'), hostile);
    expect(sentence(await runWith(at('hostile.pt')), 2)).toContain('hostile.pt');
  });

  it('refuses sinograms with NaN before any iteration', async () => {
    const bytes = Buffer.from(readFileSync(tiny));
    const start = memberOfSize(bytes, 40 * 78 * 61 * 4);
    bytes.writeFloatLE(Number.NaN, start + 4 * 1000);
    writeFileSync(at('nan.pt'), bytes);
    const result = await runWith(at('nan.pt'), 'good.yml', '--json');
    expect(result.code).toBe(1);
    const { runs } = JSON.parse(result.stdout) as { runs: { status: string; error: string; iterations: unknown[] }[] };
    expect(runs[0]).toMatchObject({ status: 'failed', iterations: [] });
    expect(runs[0]!.error).toMatch(/NaN/);
    expect(sentence(await runCli(['back', '--data', at('nan.pt'), '--out', at('never.npy')]), 2)).toMatch(/not finite/);
    expect(existsSync(at('never.npy'))).toBe(false);
  });

  it('refuses arrays of the wrong shape, naming both shapes', async () => {
    writeNpy(at('small.npy'), [4, 4, 4], new Float32Array(64));
    const said = sentence(await runCli(['forward', '--data', tiny, '--volume', at('small.npy'), '--out', at('never.npy')]), 2);
    expect(said).toContain('small.npy has the shape (4, 4, 4)');
    expect(said).toContain('(40, 40, 40)');
    writeNpy(at('flat.npy'), [8, 8], new Float32Array(64));
    expect(sentence(await runCli(['denoise', '--volume', at('flat.npy'), '--sigma', '0.1', '--out', at('never.npy')]), 2)).toContain(
      '(8, 8)',
    );
    expect(existsSync(at('never.npy'))).toBe(false);
  });

  it('refuses files that are not there', async () => {
    expect(sentence(await runWith(at('nothing.pt')), 2)).toContain('nothing.pt does not exist');
    expect(sentence(await runCli(['run', at('nothing.yml')]), 2)).toContain('nothing.yml does not exist');
    expect(sentence(await runWith(tiny, 'good.yml', '--model', at('nothing.onnx')), 2)).toContain('nothing.onnx does not exist');
    writeFileSync(at('text.onnx'), 'no network');
    const volume = at('zeros.npy');
    writeNpy(volume, [32, 32, 32], new Float32Array(32 ** 3));
    const denoise = ['denoise', '--volume', volume, '--sigma', '0.1', '--model', at('text.onnx'), '--out', at('never.npy')];
    expect(sentence(await runCli(denoise), 2)).toContain('text.onnx is not a model');
  });
});

describe('configurations that cannot be used', () => {
  it('names the ragged row of a grid', async () => {
    writeFileSync(at('ragged.yml'), solver('      denoiser_sigma, max_batch_size: [[0.1, 2], [0.2]]'));
    expect(sentence(await runWith(tiny, 'ragged.yml'), 2)).toMatch(/ragged\.yml, line 6: /);
  });

  it('refuses a grid of 200,000 rows before building it', async () => {
    const sigmas = Array.from({ length: 500 }, (_, index) => (index / 1000).toFixed(3)).join(', ');
    const batches = Array.from({ length: 400 }, (_, index) => index + 1).join(', ');
    writeFileSync(at('huge.yml'), solver(`      denoiser_sigma: [${sigmas}]\n      max_batch_size: [${batches}]`));
    expect(sentence(await runWith(tiny, 'huge.yml'), 2)).toContain('200,000 rows');
  });

  it('suggests the known name for a mistyped key, option, verb and figure', async () => {
    writeFileSync(at('typo.yml'), solver('      denoiser_sigmas: 0.1'));
    expect(sentence(await runWith(tiny, 'typo.yml'), 2)).toContain('denoiser_sigma');
    expect(sentence(await runWith(tiny, 'good.yml', '--max-run', '3'), 2)).toContain('Did you mean max-runs?');
    expect(sentence(await runCli(['recontruct']), 2)).toContain('Did you mean reconstruct?');
    expect(sentence(await runCli(['figure', 'psnr-iterations', '--format', 'svg', '--out', at('f.svg')]), 2)).toContain('psnr-iteration');
  });

  it('refuses rows and devices that are not there', async () => {
    expect(sentence(await runWith(tiny, 'good.yml', '--rows', '7'), 2)).toContain('the grid has 1 row');
    expect(sentence(await runWith(tiny, 'good.yml', '--devices', 'cuda:63'), 2)).toContain('cuda:63');
    expect(sentence(await runWith(tiny, 'good.yml', '--devices', 'tpu'), 2)).toContain('--devices is "tpu"');
  });

  it('refuses what only looks like a bundle, and options that would change a bundle', async () => {
    writeFileSync(at('broken.zip'), 'PK\x03\x04 and nothing more');
    expect(sentence(await runCli(['run', at('broken.zip'), '--data', tiny]), 2)).toContain('no bundle, or it is damaged');
    expect(sentence(await runCli(['run', at('broken.zip'), '--data', tiny, '--rows', '0']), 2)).toContain('leave --rows out');
    expect(sentence(await runCli(['run', at('broken.zip'), at('good.yml'), '--data', tiny]), 2)).toContain('repeated alone');
  });

  it('refuses a grid whose iterates exceed the limit, and says how many may be kept', async () => {
    const limited = await runWith(tiny, 'good.yml', '--max-runs', '1000', '--save-every', '1', '--disk-limit', '0.01');
    expect(sentence(limited, 2)).toMatch(/need 245 MiB, more than the limit of 11 MiB. Keep one iterate in 50 \(--save-every 50\)\./);
  });
});

describe('disks that cannot be used', () => {
  it('marks a row as failed when the disk fills up, and says so', async (context) => {
    const disk = mountDisk(context, 'full', 'size=900k');
    const result = await runCli(['run', at('good.yml'), '--data', tiny, '--workspace', join(disk, 'ws')]);
    expect(result.code).toBe(1);
    expect(result.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(result.stderr).toMatch(/disk is full|no space|takes no more/i);
    const forward = await runCli(['forward', '--data', tiny, '--out', join(disk, 's.npy')]);
    expect(sentence(forward, 1)).toMatch(/disk is full|takes no more/);
    expect(existsSync(join(disk, 's.npy'))).toBe(false);
  });

  it('refuses a folder that is read-only', async (context) => {
    const disk = mountDisk(context, 'locked', 'ro,size=4m');
    expect(sentence(await runCli(['run', at('good.yml'), '--data', tiny, '--workspace', join(disk, 'ws')]), 2)).toContain(disk);
    expect(sentence(await runCli(['forward', '--data', tiny, '--out', join(disk, 's.npy')]), 2)).toMatch(/permission|read-only/i);
  });
});

describe('a phantom that cannot be made', () => {
  it.each([
    [['--phantom', 'head'], 'There is no phantom "head"; there are walnut, nut, shepp-logan, blobs, bars.'],
    [['--blur', '100'], '--blur is 100; it can be at most 20.'],
    [['--jitter', '90'], '--jitter is 90; it can be at most 45.'],
    [['--blur', '-1'], '--blur'],
  ])('%j', async (options, expected) => {
    const result = await runCli(['simulate', '--size', '8', '--views', '4', ...options, '--out', at('never.pt')]);
    expect(sentence(result, 2)).toContain(expected);
    expect(existsSync(at('never.pt'))).toBe(false);
  });
});
