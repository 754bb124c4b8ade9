/** What processes and GPUs use: this process against what it did, and GPUs by a management library that is made for the test. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../src/native/binding';

const native = loadNative();
const folder = mkdtempSync(join(tmpdir(), 'tomobench-use-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the use of a process', () => {
  it('grows with the memory it holds and the time it computes', () => {
    const before = native.processUsage(process.pid);
    const held = new Float64Array(64 * 2 ** 17).fill(1);
    let sum = 0;
    const until = (before?.cpuSeconds ?? 0) + 0.2;
    while ((native.processUsage(process.pid)?.cpuSeconds ?? Number.POSITIVE_INFINITY) < until) for (const value of held) sum += value;
    const after = native.processUsage(process.pid);
    expect(sum).toBeGreaterThan(0);
    expect((after?.residentMiB ?? 0) - (before?.residentMiB ?? 0)).toBeGreaterThan(48);
    expect(after?.peakResidentMiB).toBeGreaterThanOrEqual(after?.residentMiB ?? Number.NaN);
  });

  it('tells what it wrote apart from what it read', () => {
    const before = native.processUsage(process.pid);
    const file = openSync(join(folder, 'written'), 'w');
    writeSync(file, new Uint8Array(8 * 2 ** 20));
    fsyncSync(file);
    closeSync(file);
    const after = native.processUsage(process.pid);
    const written = (after?.diskWrittenMiB ?? 0) - (before?.diskWrittenMiB ?? 0);
    // Nothing is counted for a folder in memory.
    expect([0, 8]).toContain(Math.round(written));
    expect((after?.diskReadMiB ?? 0) - (before?.diskReadMiB ?? 0)).toBeLessThan(4);
  });

  it('is not known of a process that has ended', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect(native.processUsage(pid)).toBeNull();
  });
});

/** Two GPUs; the second tells neither power nor utilisation (code 3: not supported). */
const library = `
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned int gpu, memory; } Utilisation;
int nvmlInit_v2(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned int* count) { *count = 2; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device) { *device = (void*)(unsigned long)(index + 1); return 0; }
int nvmlDeviceGetMemoryInfo(void* device, Memory* memory) {
  memory->total = 8192ull << 20;
  memory->used = (1000ull * (unsigned long)device) << 20;
  memory->free = memory->total - memory->used;
  return 0;
}
int nvmlDeviceGetUtilizationRates(void* device, Utilisation* use) { use->gpu = 87; use->memory = 5; return device == (void*)1 ? 0 : 3; }
int nvmlDeviceGetPowerUsage(void* device, unsigned int* milliwatts) { *milliwatts = 250500; return device == (void*)1 ? 0 : 3; }
int nvmlDeviceGetTemperature(void* device, int sensor, unsigned int* celsius) { *celsius = 60 + sensor; return 0; }
`;
const compiler = process.env.CC ?? 'cc';
const hasCompiler = process.platform === 'linux' && spawnSync(compiler, ['--version']).status === 0;

describe('the use of GPUs', () => {
  it.skipIf(!hasCompiler)('is what the management library says, and null where it does not (needs a C compiler on Linux)', () => {
    const source = join(folder, 'management.c');
    const built = join(folder, 'management.so');
    writeFileSync(source, library);
    execFileSync(compiler, ['-shared', '-fPIC', '-o', built, source]);
    expect(native.readGpus(built)).toEqual({
      reason: null,
      devices: [
        { usedMiB: 1000, totalMiB: 8192, utilisationPercent: 87, powerWatt: 250.5, temperatureCelsius: 60 },
        { usedMiB: 2000, totalMiB: 8192, utilisationPercent: null, powerWatt: null, temperatureCelsius: 60 },
      ],
    });
  });

  it('is nothing, with a reason, where there is no such library', () => {
    expect(native.readGpus(join(folder, 'absent.so'))).toEqual({ devices: [], reason: expect.stringContaining('no NVIDIA driver') });
  });
});
