/** Runs the built command line as a user does, and makes the arrays and damaged files its tests need. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const out = resolve(process.env.TOMOBENCH_OUT ?? 'out/main');
export const tiny = resolve('resources/samples/walnut-tiny.pt');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `whenSaid`: at the first output that matches, the process gets `signal`. */
export function runCli(
  args: readonly string[],
  options: { cwd?: string; workspace?: string; interruptWhen?: RegExp } = {},
): Promise<CliResult> {
  return new Promise((resolveResult, reject) => {
    const child = spawn(process.execPath, [join(out, 'cli.js'), ...args], {
      cwd: options.cwd ?? process.cwd(),
      env: { ...process.env, ...(options.workspace ? { TOMOBENCH_WORKSPACE: options.workspace } : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    let interrupted = false;
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
      if (options.interruptWhen?.test(stderr) && !interrupted) {
        interrupted = true;
        child.kill('SIGINT');
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolveResult({ code, stdout, stderr }));
  });
}

/** The document of a call that must succeed. */
export async function cliJson<T>(args: readonly string[], options: { workspace?: string } = {}): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--json'], options);
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export interface NpyArray {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** Float32 C order, as every verb writes it. */
export function readNpy(path: string): NpyArray {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  if (!header.includes("'<f4'") || !header.includes("'fortran_order': False")) throw new Error(`unexpected header ${header}`);
  const shape = (/\(([\d, ]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const data = bytes.subarray(10 + length);
  return { shape, values: new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)) };
}

export function writeNpy(path: string, shape: readonly number[], values: Float32Array): void {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(118, 8);
  header.write(text, 10, 'latin1');
  header[127] = 10;
  writeFileSync(path, Buffer.concat([header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]));
}

/** Uniform in [0,1), the same on every machine. */
export function noise(length: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** Where the data of the member lies whose size is `size` bytes; torch.save stores members uncompressed. */
export function memberOfSize(zip: Buffer, size: number): number {
  for (let at = zip.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    if (zip.readUInt32LE(at + 24) !== size) continue;
    const local = zip.readUInt32LE(at + 42);
    return local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  }
  throw new Error(`no member of ${size} bytes`);
}
