// The memory limit of a GPU from the environment: a number of MiB, nothing, or a sentence.
import { expect, it } from 'vitest';
import { gpuMemoryLimitMiB } from '../../../../src/worker/device/gpuMemoryLimit';

it('the limit of a GPU is a positive number of MiB, or none', () => {
  expect(gpuMemoryLimitMiB({})).toBeNull();
  expect(gpuMemoryLimitMiB({ TOMOBENCH_GPU_MEMORY_MIB: ' ' })).toBeNull();
  expect(gpuMemoryLimitMiB({ TOMOBENCH_GPU_MEMORY_MIB: '8000' })).toBe(8000);
  for (const text of ['8 GB', '0', '-5', 'Infinity', 'NaN']) {
    expect(() => gpuMemoryLimitMiB({ TOMOBENCH_GPU_MEMORY_MIB: text })).toThrow('TOMOBENCH_GPU_MEMORY_MIB');
  }
});
