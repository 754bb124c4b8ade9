/** Runs bench/peers/reference_pipeline.py with a Python that has PyTorch, and says how to get one where there is none. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PeerJob {
  readonly weights: string;
  /** .npy, float32 (D,H,W). */
  readonly volume: string;
  readonly out: string | null;
  readonly sigma: number;
  readonly patch: readonly number[];
  readonly overlap: readonly number[];
  readonly batch: number;
  readonly threads: number;
  readonly repeats: number;
  readonly warm_up: number;
  /** Only so many windows, for volumes that would take the peer too long; 0: all. */
  readonly limit: number;
}

export interface PeerResult {
  readonly torch: string;
  readonly windows: number;
  readonly windows_run: number;
  readonly denoise_seconds: readonly number[];
  readonly update_seconds: readonly number[];
}

export const howToGetTorch =
  'The columns of PyTorch are missing: no python3 here has torch and numpy. On Debian and Ubuntu: apt-get install python3-torch python3-numpy';

/** The first Python that can import torch; null where there is none. */
export function pythonWithTorch(): string | null {
  for (const python of ['python3', '/usr/bin/python3']) {
    if (spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' }).status === 0) return python;
  }
  return null;
}

export function runPeer(python: string, folder: string, job: PeerJob): PeerResult {
  const path = join(folder, 'job.json');
  writeFileSync(path, JSON.stringify(job));
  const { status, stdout, stderr } = spawnSync(python, [join('bench', 'peers', 'reference_pipeline.py'), path], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(job.threads) },
  });
  if (status !== 0) throw new Error(`The PyTorch peer failed: ${stderr.trim().split('\n').at(-1) ?? ''}`);
  return JSON.parse(stdout) as PeerResult;
}
