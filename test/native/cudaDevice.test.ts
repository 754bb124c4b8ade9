/**
 * GPUs through the addon: every operation of the table against the CPU where there is one, and plain sentences where there is none. `npm run check:gpu`
 * runs this with TOMOBENCH_CHECK_DEVICE, which makes a missing GPU a failure, and with TOMOBENCH_GPU_MEMORY_MIB, so that projections run in slabs.
 */
import { describe, expect, it } from 'vitest';
import { type DeviceName, loadNative } from '../../src/native/binding';
import { UserError } from '../../src/shared/errors';
import { gpuMemoryLimitMiB } from '../../src/worker/device/gpuMemoryLimit';
import { deviceOperations, distanceBetween, runOn } from './deviceOperations';
import { orbitScan } from './scans';

const native = loadNative();
const info = native.deviceInfo();
const asked = process.env.TOMOBENCH_CHECK_DEVICE as DeviceName | undefined;
const device: DeviceName | null = asked ?? (info.cuda[0] ? `cuda:${info.cuda[0].index}` : null);
const memoryLimitMiB = gpuMemoryLimitMiB(process.env);
/** More than any machine has. */
const noSuch = 'cuda:99' as const;

function refusal(call: () => unknown): UserError {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the call was expected to be refused');
}

describe('a device that is not there', () => {
  it('is refused with one code and a sentence that names it and the way out', () => {
    const geometry = orbitScan('conebeam', [4, 4, 4], [1, 1, 1], [8, 8], 3);
    const sinogram = native.createArray(3 * 64);
    const calls = [
      () => native.openDevice(noSuch),
      () => native.createArray(10, noSuch),
      () => native.deviceMemory(noSuch),
      () => native.createProjector(geometry, { device: noSuch }),
    ];
    for (const call of calls) {
      const error = refusal(call);
      expect(error.code).toBe('unsupported');
      expect(error.message).toMatch(/^No CUDA device.*device cpu\.$/);
    }
    sinogram.close();
  });

  it('is refused by calls that return promises, and the CPU goes on', async () => {
    const geometry = orbitScan('conebeam', [4, 4, 4], [1, 1, 1], [8, 8], 3);
    const [sinogram, volume] = [native.createArray(3 * 64), native.createArray(64)];
    const weights = native.fdkWeights(geometry);
    await expect(native.fdk(geometry, sinogram, weights, volume, { filter: 'ramp', device: noSuch })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await native.fdk(geometry, sinogram, weights, volume, { filter: 'ramp' });
  });

  it.each(['cuda', 'cuda:', 'cuda:-1', 'cuda:1000', 'cuda:0x', 'gpu', '', 'CPU'])('names that are none are bad input: "%s"', (name) => {
    expect(refusal(() => native.openDevice(name as DeviceName)).code).toBe('bad_input');
  });

  it('limits of memory are positive numbers', () => {
    for (const limit of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(refusal(() => native.openDevice('cpu', { memoryLimitMiB: limit })).code).toBe('bad_input');
    }
    expect(native.deviceMemory('cpu')).toEqual({ totalMiB: 0, freeMiB: 0, heldMiB: 0, limitMiB: 0 });
  });

  it('says why there is none, or lists what there is', () => {
    if (info.cuda.length === 0) expect(info.cudaReason).toMatch(/^No CUDA device: .*\.$/);
    else expect(info.cuda.every(({ totalMiB }) => totalMiB > 0)).toBe(true);
    expect(native.deviceInterfaceVersion).toBe(1);
  });
});

describe(`a GPU against the CPU${memoryLimitMiB === null ? '' : `, with ${memoryLimitMiB} MiB`}`, () => {
  it.for(deviceOperations)('$name', async (operation, { skip }) => {
    if (device === null) return skip(info.cudaReason ?? 'no CUDA device');
    native.openDevice(device, { memoryLimitMiB });
    const distance = distanceBetween(await runOn(native, device, operation), await runOn(native, 'cpu', operation));
    console.log(`${device}, ${operation.name}: ${distance.toExponential(1)} (bound ${operation.bound})`);
    expect(distance).toBeLessThanOrEqual(operation.bound);
  });
});
