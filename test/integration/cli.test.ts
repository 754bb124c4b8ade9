/** The command line as its users meet it: every verb on the small sample, with the numbers checked. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDifference } from '../../src/engine/results/bundle';
import { cliJson, dot, noise, readNpy, runCli, tiny, writeNpy } from './cliProcess';

let folder: string;
let workspace: string;
const at = (name: string): string => join(folder, name);

const config = `objective: [reconstruction_objective]
dataset:
  - tomography_3d:
      num_operators: 3
      num_projections: 20
solver:
  - PnP:
      slurm_ntasks_per_node: 2
      slurm_gres: "gpu:2"
      distribute_physics: true
      distribute_denoiser: true
      patch_size: [[10, 20, 20]]
      overlap: [[3, 6, 6]]
      denoiser_lambda_relaxation: 1000.0
      max_batch_size: [4, 2]
max-runs: 3
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-cli-'));
  workspace = at('workspace');
  writeFileSync(at('grid.yml'), config);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RunsDocument {
  runs: {
    id: string;
    row: number;
    status: string;
    psnr: number;
    ssim: number;
    initial_psnr: number;
    iterations_done: number;
    stop_reason: string;
    volume_file: string;
    parameters: Record<string, unknown>;
    peak_memory_mb: number;
    iterations: (Record<string, number | null> & { ranks: Record<string, number>[] })[];
    provenance: { data_sha256: string; model_sha256: string; devices: string[] };
  }[];
}

describe('projections from file to file', () => {
  it('projects the reference close to the measured sinogram', async () => {
    const answer = await cliJson<{ shape: number[]; relative_l2_to_sinogram: number }>(['forward', '--data', tiny, '--out', at('s.npy')]);
    expect(answer.shape).toEqual([40, 78, 61]);
    expect(readNpy(at('s.npy')).shape).toEqual([40, 78, 61]);
    // Voxels of 1.25 mm are the larger part of it.
    expect(answer.relative_l2_to_sinogram).toBeGreaterThan(0.005);
    expect(answer.relative_l2_to_sinogram).toBeLessThan(0.12);
  });

  it('has in back the exact adjoint of forward, also for chosen views', async () => {
    for (const views of [null, 7]) {
      const count = views ?? 40;
      const x = noise(40 ** 3, 1);
      const y = noise(count * 78 * 61, 2);
      writeNpy(at('x.npy'), [40, 40, 40], x);
      writeNpy(at('y.npy'), [count, 78, 61], y);
      const some = views === null ? [] : ['--views', String(views)];
      await cliJson(['forward', '--data', tiny, '--volume', at('x.npy'), ...some, '--out', at('ax.npy')]);
      await cliJson(['back', '--data', tiny, '--sinogram', at('y.npy'), ...some, '--out', at('aty.npy')]);
      const [left, right] = [dot(readNpy(at('ax.npy')).values, y), dot(x, readNpy(at('aty.npy')).values)];
      expect(Math.abs(left - right) / Math.abs(left)).toBeLessThan(1e-5);
    }
  });
});

describe('reconstruct and denoise', () => {
  it('reconstructs by FDK with the scores of its own volume', async () => {
    const answer = await cliJson<{ psnr: number; ssim: number; seconds: number; mse: number }>([
      ...['reconstruct', '--method', 'fdk', '--data', tiny, '--out', at('fdk.npy')],
    ]);
    expect(readNpy(at('fdk.npy')).shape).toEqual([40, 40, 40]);
    expect(answer.psnr).toBeGreaterThan(18);
    expect(answer.seconds).toBeGreaterThan(0);
    expect(answer.ssim).toBeLessThan(1);
  });

  it('improves on FDK with PnP, and takes solver keys by --set', async () => {
    const settings = ['patch_size=[10,20,20]', 'overlap=[3,6,6]', 'denoiser_lambda_relaxation=1000', 'max_iter=4'];
    const answer = await cliJson<{ psnr: number; iterations: { psnr: number }[]; iterations_done: number }>([
      ...['reconstruct', '--method', 'pnp', '--views', '20', '--data', tiny, '--out', at('pnp.npy')],
      ...settings.flatMap((setting) => ['--set', setting]),
    ]);
    expect(answer.iterations_done).toBe(4);
    expect(answer.psnr).toBeGreaterThan(answer.iterations[0]!.psnr);
  });

  it('denoises a volume as a whole and in patches, timed without loading', async () => {
    const clean = Float32Array.from({ length: 40 ** 3 }, (_, index) => (index % 40 < 20 ? 0.25 : 0.75));
    const disturbance = noise(40 ** 3, 3);
    const noisy = clean.map((value, index) => value + (disturbance[index]! - 0.5) * 0.35);
    const distance = (values: Float32Array): number =>
      Math.sqrt(values.reduce((sum, value, index) => sum + (value - clean[index]!) ** 2, 0));
    writeNpy(at('noisy.npy'), [40, 40, 40], noisy);
    const whole = await cliJson<{ denoise_time_sec: number; windows: number }>([
      ...['denoise', '--volume', at('noisy.npy'), '--sigma', '0.1', '--out', at('whole.npy')],
    ]);
    expect(whole.windows).toBe(1);
    expect(whole.denoise_time_sec).toBeGreaterThan(0);
    expect(distance(readNpy(at('whole.npy')).values)).toBeLessThan(0.5 * distance(noisy));
    const patches = await cliJson<{ windows: number; batches: number }>([
      ...['denoise', '--volume', at('noisy.npy'), '--sigma', '0.1', '--patch', '20,20,20', '--overlap', '6', '--batch', '3'],
      ...['--out', at('patches.npy')],
    ]);
    expect(patches).toMatchObject({ windows: 8, batches: 3 });
    expect(distance(readNpy(at('patches.npy')).values)).toBeLessThan(0.5 * distance(noisy));
  });
});

describe('run', () => {
  const volumes = new Map<string, Buffer[]>();

  it('lists every run with parameters, metrics and steps, the same to the last bit on 1, 2 and 3 workers', async () => {
    for (const devices of ['cpu:1', 'cpu:2', 'cpu:3']) {
      const { runs } = await cliJson<RunsDocument>(['run', at('grid.yml'), '--data', tiny, '--devices', devices], { workspace });
      expect(runs.map(({ status, iterations_done }) => [status, iterations_done])).toEqual([
        ['done', 3],
        ['done', 3],
      ]);
      expect(runs.map(({ parameters }) => parameters.max_batch_size)).toEqual([4, 2]);
      const [run] = runs;
      expect(run!.iterations.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3]);
      expect(run!.psnr).toBeGreaterThan(run!.initial_psnr);
      expect(run!.provenance.data_sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(run!.provenance.devices).toHaveLength(Number(devices.slice(-1)));
      const steps = run!.iterations[2]!;
      expect(steps.ranks).toHaveLength(Number(devices.slice(-1)));
      for (const name of ['gradient_time_sec', 'denoise_time_sec', 'gradient_memory_allocated_mb', 'gpu_available_memory_mb'])
        expect(steps[name]).toBeGreaterThan(0);
      volumes.set(
        devices,
        runs.map(({ volume_file }) => readFileSync(volume_file)),
      );
    }
    for (const devices of ['cpu:2', 'cpu:3'])
      expect(volumes.get(devices)!.map((volume, row) => volume.equals(volumes.get('cpu:1')![row]!))).toEqual([true, true]);
  });

  it('runs only the rows named, and not again with --resume', async () => {
    const first = await cliJson<RunsDocument>(['run', at('grid.yml'), '--data', tiny, '--rows', '1', '--max-runs', '2', '--resume'], {
      workspace,
    });
    expect(first.runs.map(({ row, iterations_done }) => [row, iterations_done])).toEqual([[1, 2]]);
    const second = await cliJson<RunsDocument>(['run', at('grid.yml'), '--data', tiny, '--rows', '1', '--max-runs', '2', '--resume'], {
      workspace,
    });
    expect(second.runs.map(({ id }) => id)).toEqual(first.runs.map(({ id }) => id));
  });

  it('finishes the iteration at Ctrl+C, keeps the volume, cancels the rest and ends with 130', async () => {
    const result = await runCli(['run', at('grid.yml'), '--data', tiny, '--max-runs', '100000', '--json'], {
      workspace,
      interruptWhen: /iteration 2 of/,
    });
    expect(result.code).toBe(130);
    const { runs } = JSON.parse(result.stdout) as RunsDocument;
    expect(runs.map(({ status }) => status)).toEqual(['done', 'cancelled']);
    expect(runs[0]!.stop_reason).toBe('finished_early');
    expect(runs[0]!.iterations_done).toBeGreaterThanOrEqual(2);
    expect(readNpy(runs[0]!.volume_file).shape).toEqual([40, 40, 40]);
    expect(runs[0]!.volume_file).toContain(String(runs[0]!.iterations_done));
  });

  it('prints a table and draws the charts', async () => {
    const { code, stdout } = await runCli(['run', at('grid.yml'), '--data', tiny, '--max-runs', '2', '--charts', at('charts')], {
      workspace,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('max_batch_size 4  done');
    for (const name of ['psnr-iteration', 'psnr-time', 'ssim-iteration', 'step-time', 'memory-batch'])
      for (const ending of ['svg', 'png', 'csv']) expect(existsSync(at(`charts/${name}.${ending}`))).toBe(true);
  });
});

describe('what is recorded', () => {
  it('exports the newest experiment as CSV and JSON', async () => {
    await cliJson(['export', '--format', 'csv', '--out', at('results.csv')], { workspace });
    const [header = '', ...lines] = readFileSync(at('results.csv'), 'utf8').trim().split('\n');
    expect(header.split(',')).toContain('objective_denoise_time_sec');
    // Two runs: x0, and two iterations of two ranks each.
    expect(lines).toHaveLength(2 * (1 + 2 * 2));
    await cliJson(['export', 'last', '--format', 'json', '--out', at('results.json')], { workspace });
    expect((JSON.parse(readFileSync(at('results.json'), 'utf8')) as RunsDocument).runs).toHaveLength(2);
  });

  it('exports Parquet with the columns of the CSV', async () => {
    await cliJson(['export', '--format', 'parquet', '--out', at('results.parquet')], { workspace });
    const bytes = readFileSync(at('results.parquet'));
    const rows = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
    const [header = ''] = readFileSync(at('results.csv'), 'utf8').split('\n');
    expect(Object.keys(rows[0]!)).toEqual(header.split(','));
    expect(rows).toHaveLength(2 * (1 + 2 * 2));
    expect(rows.at(-1)).toMatchObject({ stop_val: 2, rank: 1, status: 'done', p_solver_max_batch_size: 2 });
  });

  it('exports a bundle that run repeats with the same bits, and says what is not the same', async () => {
    await cliJson(['export', '--format', 'bundle', '--out', at('bundle.zip')], { workspace });
    const { runs, comparison } = await cliJson<RunsDocument & { comparison: RunDifference[] }>(
      ['run', at('bundle.zip'), '--data', tiny, '--devices', 'cpu:1'],
      { workspace: at('elsewhere') },
    );
    expect(runs.map(({ status, iterations_done }) => [status, iterations_done])).toEqual([
      ['done', 2],
      ['done', 2],
    ]);
    expect(comparison.map(({ same_bits, psnr_difference_db }) => [same_bits, psnr_difference_db])).toEqual([
      [true, 0],
      [true, 0],
    ]);
    // Two workers there, one here; everything else is this machine and this program.
    expect(comparison[0]!.circumstances.map(({ what }) => what)).toEqual(['devices', 'threads_per_rank']);
  });

  it('draws a figure of the width asked for', async () => {
    await cliJson(['figure', 'psnr-iteration', '--format', 'svg', '--width-mm', '85', '--out', at('f.svg')], { workspace });
    const svg = readFileSync(at('f.svg'), 'utf8');
    expect(svg).toContain('width="85mm"');
    expect(svg).toContain('>PSNR (dB)</text>');
    expect(svg.match(/<polyline/g)!.length).toBeGreaterThanOrEqual(2);
    expect(readFileSync(at('f.csv'), 'utf8')).toContain('PSNR (dB)');
    await cliJson(['figure', 'psnr-time', '--format', 'pdf', '--width-mm', '85', '--font-pt', '7', '--out', at('f.pdf')], { workspace });
    expect(readFileSync(at('f.pdf'), 'latin1')).toMatch(/MediaBox \[0 0 240\.9/);
    await cliJson(['figure', 'step-time', '--format', 'png', '--width-mm', '50.8', '--dpi', '150', '--out', at('f.png')], { workspace });
    const png = readFileSync(at('f.png'));
    expect(png.readUInt32BE(16)).toBe(300);
    expect(png.includes('pHYs', 0, 'latin1')).toBe(true);
  });
});

describe('looking before running', () => {
  it('plans without running', async () => {
    const plan = await cliJson<{ configs: { rows: { patches: number; ranks: { batches: number; device: string }[] }[] }[] }>([
      ...['plan', at('grid.yml'), '--data', tiny, '--devices', 'cpu:2'],
    ]);
    const [first, second] = plan.configs[0]!.rows;
    expect(first).toMatchObject({ patches: 16, ranks: [{ batches: 2, device: 'cpu' }, { batches: 2 }] });
    expect(second).toMatchObject({ ranks: [{ batches: 4 }, { batches: 4 }] });
  });

  it('says what is in scans, arrays and models', async () => {
    const scan = await cliJson<{ geometry: Record<string, unknown>; arrays: { name: string; unit: string }[] }>(['info', tiny]);
    expect(scan.geometry).toMatchObject({ type: 'conebeam', views: 40, volume_shape: [40, 40, 40], voxel_size_mm: [1.25, 1.25, 1.25] });
    expect(scan.arrays.find(({ name }) => name === 'sinogram')!.unit).toBe('mm x 1/mm');
    writeNpy(at('a.npy'), [2, 3], new Float32Array(6));
    expect(await cliJson(['info', at('a.npy')])).toMatchObject({ arrays: [{ shape: [2, 3], dtype: 'float32' }] });
    expect(await cliJson(['info', 'resources/models/drunet-small.onnx'])).toMatchObject({ form: 'folded2d' });
    expect(await cliJson(['info', 'test/fixtures/torch/nested.pt'])).toHaveProperty('arrays');
  });

  it('knows the machine and the shipped network', async () => {
    const doctor = await cliJson<{ devices: { id: string }[]; checks: { name: string; ok: boolean }[] }>(['doctor'], { workspace });
    expect(doctor.devices[0]!.id).toBe('cpu');
    for (const name of ['network', 'records']) expect(doctor.checks.find((check) => check.name === name)!.ok).toBe(true);
    expect(await cliJson(['model', 'check', 'resources/models/drunet-small.onnx'])).toMatchObject({ ok: true });
  });
});
