/** The CPU against the plain references of the table of device operations, and the table against devices that are wrong. */
import { describe, expect, it } from 'vitest';
import { loadNative, type NativeAddon } from '../../src/native/binding';
import { type DeviceOperation, deviceOperations, distanceBetween, distanceFromPlain, runOn } from './deviceOperations';

const native = loadNative();

/** What may go wrong on the way to or from a device: one value that is off by `size` of the norm, or a stretch that never arrives. */
type Fault = 'written' | 'read' | 'lost';
const faults: readonly Fault[] = ['written', 'read', 'lost'];

function spoiled(values: Float32Array, fault: Fault, size: number): Float32Array {
  if (fault === 'lost') return values.fill(0, Math.floor(0.2 * values.length), Math.floor(0.5 * values.length));
  const norm = Math.sqrt(values.reduce((sum, value) => sum + (Number.isFinite(value) ? value * value : 0), 0));
  const place = Math.floor(0.6 * values.length);
  values[place] = (values[place] ?? 0) + size * norm;
  return values;
}

/** The CPU with a fault in its arrays. */
function faulty(fault: Fault, size: number): NativeAddon {
  const createArray: NativeAddon['createArray'] = (length, device) => {
    const array = native.createArray(length, device);
    const { read, write } = array;
    const wrongWrite = (offset: number, source: Float32Array): void => write.call(array, offset, spoiled(source.slice(), fault, size));
    const wrongRead = (offset: number, target: Float32Array): void => {
      read.call(array, offset, target);
      spoiled(target, fault, size);
    };
    return fault === 'read'
      ? Object.defineProperty(array, 'read', { value: wrongRead })
      : Object.defineProperty(array, 'write', { value: wrongWrite });
  };
  return Object.create(native, { createArray: { value: createArray } }) as NativeAddon;
}

/** Whether a device with this fault would be told from the CPU. */
async function isCaught(operation: DeviceOperation, fault: Fault): Promise<boolean> {
  // Ten times the bound: what check:gpu must not pass.
  const wrong = await runOn(faulty(fault, Math.max(10 * operation.bound, 1e-4)), 'cpu', operation);
  return distanceBetween(wrong, await runOn(native, 'cpu', operation)) > operation.bound;
}

describe('the table of device operations', () => {
  it.each(deviceOperations)('$name: the CPU is within $plainBound of a plain reference', async (operation) => {
    const distance = await distanceFromPlain(native, operation);
    console.log(`${operation.name}: ${distance.toExponential(1)} (bound ${operation.plainBound})`);
    expect(distance).toBeLessThanOrEqual(operation.plainBound);
  });

  it.each(deviceOperations)('$name: a device that is wrong in one value, or loses some, is caught', async (operation) => {
    const caught: Fault[] = [];
    for (const fault of faults) if (await isCaught(operation, fault)) caught.push(fault);
    // What is summed up or only compared may not show a single value.
    expect(caught.length).toBeGreaterThan(0);
  });

  it('tells results of other lengths and results that are no numbers', () => {
    expect(distanceBetween([1, 2], [1, 2, 3])).toBe(Number.POSITIVE_INFINITY);
    expect(distanceBetween([1, Number.NaN], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(distanceBetween([1, Number.POSITIVE_INFINITY], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(distanceBetween([0, 0], [0, 0])).toBe(0);
    expect(distanceBetween([1, 0], [0, 0])).toBe(Number.POSITIVE_INFINITY);
  });
});
