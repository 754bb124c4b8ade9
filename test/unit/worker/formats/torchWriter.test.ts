// What is written like torch.save is read by this program and by PyTorch.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 as nodeCrc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { crc32 } from '../../../../src/shared/crc32';
import { openTorchFile } from '../../../../src/worker/formats/torchFile';
import { type TensorToWrite, writeTorchFile } from '../../../../src/worker/formats/torchWriter';

const folder = mkdtempSync(join(tmpdir(), 'writer-'));
afterAll(() => rmSync(folder, { recursive: true }));
const floats = Float32Array.from({ length: 24 }, (_, index) => index / 3);
const doubles = Float64Array.of(1 / 3, -2);
const tensors: TensorToWrite[] = [
  {
    key: 'volume',
    shape: [2, 3, 4],
    type: 'float32',
    write: async (put) => {
      for (const start of [0, 5, 17]) await put(floats.subarray(start, start === 0 ? 5 : start === 5 ? 17 : 24));
    },
  },
  { key: 'vecs', shape: [1, 2], type: 'float64', write: (put) => put(doubles) },
];

describe('writeTorchFile', () => {
  it('is read back', async () => {
    const path = join(folder, 'a file.pt');
    const bytes = await writeTorchFile(path, tensors, { voxel_size: 0.5 });
    expect(statSync(path).size).toBe(bytes);
    const file = await openTorchFile(path);
    const volume = new Float32Array(24);
    await file.entries.get('volume')?.read(volume, 0, 24);
    expect(volume).toEqual(floats);
    const vecs = new Float64Array(2);
    await file.entries.get('vecs')?.read(vecs, 0, 2);
    expect(vecs).toEqual(doubles);
    expect(file.scalars.get('voxel_size')).toBe(0.5);
    await file.close();
  });

  it('refuses contents that do not fill their shape, and leaves no file', async () => {
    const path = join(folder, 'short.pt');
    const short: TensorToWrite = { key: 'x', shape: [3], type: 'float64', write: (put) => put(doubles) };
    await expect(writeTorchFile(path, [short], {})).rejects.toThrow('has 16 bytes where its shape needs 24');
    await expect(writeTorchFile(path, [{ ...short, shape: [1] }], {})).rejects.toThrow('longer than its shape');
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });

  const python = (() => {
    try {
      execFileSync('/usr/bin/python3', ['-c', 'import torch'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!python) console.log('Not run: the comparison with PyTorch (python3-torch is not installed).');
  it.runIf(python)('is what PyTorch loads', async () => {
    const path = join(folder, 'torch.pt');
    await writeTorchFile(path, tensors, { voxel_size: 0.5 });
    const script = `import torch; d = torch.load(${JSON.stringify(path)}); print(list(d), d["volume"].shape, d["volume"].dtype, d["vecs"].tolist(), d["voxel_size"], float(d["volume"].sum()))`;
    const printed = execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' }).trim();
    expect(printed).toBe(`['volume', 'vecs', 'voxel_size'] torch.Size([2, 3, 4]) torch.float32 [[${1 / 3}, -2.0]] 0.5 92.0`);
  });
});

describe('crc32', () => {
  it.runIf(typeof nodeCrc32 === 'function')('is that of zlib, in pieces too', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7919) & 255);
    expect(crc32(bytes)).toBe(nodeCrc32(bytes));
    expect(crc32(bytes.subarray(300), crc32(bytes.subarray(0, 300)))).toBe(nodeCrc32(bytes));
  });
});
