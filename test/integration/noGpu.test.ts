/** A machine without a usable GPU (or one whose GPUs are hidden): it starts, says so in one sentence, uses the processor, and refuses what names a GPU. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cliJson, runCli, tiny } from './cliProcess';

// Hides every GPU from the processes of this file, so that it tests the same on any machine.
process.env.CUDA_VISIBLE_DEVICES = '';
const workspace = mkdtempSync(join(tmpdir(), 'tomobench-no-gpu-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

function runScript(script: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [resolve('scripts', script), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => done({ code, output }));
  });
}

describe('without a GPU', () => {
  it('doctor lists the processor only and says why', async () => {
    const doctor = await cliJson<{ devices: { id: string }[]; checks: { name: string; ok: boolean; found: string }[] }>(['doctor'], {
      workspace,
    });
    expect(doctor.devices.map(({ id }) => id)).toEqual(['cpu']);
    expect(doctor.checks.find(({ name }) => name === 'GPU')).toMatchObject({ ok: false, found: expect.stringMatching(/^No CUDA device/) });
  });

  it('work that names no device runs on the processor; work that names a GPU is refused', async () => {
    const fdk = ['reconstruct', '--method', 'fdk', '--data', tiny];
    const done = await runCli([...fdk, '--out', join(workspace, 'fdk.npy')], { workspace });
    expect(done).toMatchObject({ code: 0 });
    const refused = await runCli([...fdk, '--out', join(workspace, 'gpu.npy'), '--devices', 'cuda:0'], { workspace });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/--devices asks for cuda:0, but this machine offers no GPU \(No CUDA device/);
  });

  it('check:gpu and the GPU bench check nothing, say so and do not count as passed', async () => {
    const check = await runScript('checkGpu.mjs', []);
    expect(check).toMatchObject({ code: 2, output: expect.stringMatching(/^Nothing was checked\. No CUDA device.*\.\n$/m) });
    const bench = await runScript('bench.mjs', ['projector', 'mini', '--device', 'cuda:0']);
    expect(bench).toMatchObject({ code: 1, output: expect.stringMatching(/No CUDA device.*Use device cpu\.\n/) });
  });
});
