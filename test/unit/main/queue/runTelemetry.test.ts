// Telemetry of a run against readings that are made up: rates, moments at steps, where steps begin, and that nothing of it can stop a run.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Launcher, WorkerProcess } from '../../../../src/main/processes/launcher';
import { RunTelemetry, type TelemetrySources } from '../../../../src/main/queue/runTelemetry';
import type { Telemetry } from '../../../../src/shared/runs';
import type { DataMethods } from '../../../../src/shared/workerMessages';

type Reading = DataMethods['readUsage'][1];

let blocks: Telemetry[];
let asked: DataMethods['readUsage'][0][];
let reading: () => Promise<Reading>;
let telemetry: RunTelemetry | null;

/** A process that has had all of two cores while others had one and a half, read 8 MiB and written 3 MiB a second since the clock began. */
const busy = async (): Promise<Reading> => {
  const seconds = performance.now() / 1000;
  const process = { residentMiB: 100 + seconds, cpuSeconds: 2 * seconds, diskReadMiB: 8 * seconds, diskWrittenMiB: 3 * seconds };
  const gpu = { usedMiB: 5, utilisationPercent: 70, powerWatt: null, temperatureCelsius: 41 };
  return { processes: [process, null], gpus: asked.at(-1)?.gpus ? [gpu] : [], machineCpuSeconds: 3.5 * seconds };
};

const launcher: Launcher = (_, name) => ({ pid: name === 'Worker 0' ? 11 : undefined }) as WorkerProcess;

function begin(gpus: boolean): RunTelemetry {
  const sources: TelemetrySources = {
    data: {
      call: (_, question) => {
        asked.push(question);
        return reading();
      },
    },
    store: {
      call: async (_, { block }) => {
        blocks.push(block);
        return null;
      },
    },
    gpus,
  };
  telemetry = new RunTelemetry('a', sources);
  const watching = telemetry.watching(launcher);
  watching('deviceMain', 'Worker 0');
  watching('deviceMain', 'Worker 1');
  return telemetry;
}

/** One column by time, without the moments that lack it. */
function column({ columns, values, time_sec }: Telemetry, name: string): [number, number][] {
  return values.flatMap((line, moment): [number, number][] => {
    const value = line[columns.indexOf(name)] ?? null;
    return value === null ? [] : [[time_sec[moment] ?? Number.NaN, value]];
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  blocks = [];
  asked = [];
  reading = busy;
});

afterEach(async () => {
  await telemetry?.end();
  vi.useRealTimers();
});

it('reads twice a second, counts rates between readings, and writes blocks while the run goes on', async () => {
  begin(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(blocks).toHaveLength(1);
  const [block] = blocks;
  expect(asked[0]).toEqual({ pids: [11, null], gpus: true });
  expect(block?.time_sec.slice(0, 3)).toEqual([0.5, 1, 1.5]);
  expect(block && column(block, 'rank0_memory_mib').length).toBeGreaterThanOrEqual(9);
  expect(block && column(block, 'rank0_cpu_percent')[0]).toEqual([1, 200]);
  expect(block && column(block, 'other_cpu_percent')[0]).toEqual([1, 150]);
  expect(block && column(block, 'disk_read_mib_per_sec')[0]).toEqual([1, 8]);
  expect(block && column(block, 'disk_written_mib_per_sec')[0]).toEqual([1, 3]);
  expect(block?.columns).not.toContain('rank1_memory_mib');
  expect(block && column(block, 'gpu0_temperature_celsius')[0]).toEqual([0.5, 41]);
  expect(block?.columns).not.toContain('gpu0_power_watt');
});

it('has a reading at the end of each step that is not too short, without rates over times too short for them', async () => {
  const run = begin(false);
  await vi.advanceTimersByTimeAsync(1000);
  for (const step of ['start', 'gradient', 'denoise']) {
    await vi.advanceTimersByTimeAsync(120);
    run.stepEnded(step);
    run.stepEnded(step);
  }
  await vi.advanceTimersByTimeAsync(0);
  await run.end();
  const [block] = blocks;
  expect(block?.time_sec).toEqual([0.5, 1, 1.12, 1.24, 1.36]);
  expect(block && column(block, 'rank0_cpu_percent').map(([time]) => time)).toEqual([1, 1.24]);
  expect(block?.columns.some((name) => name.startsWith('gpu'))).toBe(false);
});

it('counts what the rest of the machine used only while the run iterated, and says nothing of less than a second', async () => {
  const run = begin(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(run.otherCores()).toBeNull();
  run.stepEnded('start');
  await vi.advanceTimersByTimeAsync(2000);
  expect(run.otherCores()).toBeCloseTo(1.5, 6);
});

it('knows when each step began, those of the set-up among them', async () => {
  const run = begin(false);
  const at = async (milliseconds: number, tell: () => void): Promise<void> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    tell();
  };
  await at(0, () => run.stepBegan('open'));
  await at(100, () => run.stepBegan('read'));
  await at(100, () => run.stepBegan('read'));
  await at(100, () => run.stepEnded('start'));
  await at(100, () => run.stepEnded('score'));
  for (const _iteration of [1, 2]) {
    run.stepBegan('denoise');
    await at(100, () => run.stepEnded('gradient'));
    await at(300, () => run.stepEnded('denoise'));
    await at(100, () => run.stepEnded('score'));
    run.stepEnded('score');
  }
  await run.end();
  expect(blocks.flatMap(({ steps }) => steps).map(({ step, time_sec }) => [step, Math.round(time_sec * 10) / 10])).toEqual([
    ['open', 0],
    ['read', 0.1],
    ['score', 0.3],
    ['gradient', 0.4],
    ['denoise', 0.5],
    ['score', 0.8],
    ['gradient', 0.9],
    ['denoise', 1],
    ['score', 1.3],
    ['unfinished', 1.4],
  ]);
});

it('says which step was under way when the run ended, as far as it is known', async () => {
  const failing = async (tell: (run: RunTelemetry) => void): Promise<unknown> => {
    const run = begin(false);
    run.stepBegan('norm');
    await vi.advanceTimersByTimeAsync(100);
    run.stepEnded('start');
    await vi.advanceTimersByTimeAsync(100);
    run.stepEnded('gradient');
    tell(run);
    await vi.advanceTimersByTimeAsync(100);
    await run.end();
    return blocks.splice(0).flatMap(({ steps }) => steps.map(({ step }) => step));
  };
  expect(await failing((run) => run.stepBegan('denoise'))).toEqual(['norm', 'gradient', 'denoise']);
  expect(await failing(() => {})).toEqual(['norm', 'gradient', 'unfinished']);
  const run = begin(false);
  run.stepBegan('open');
  await run.end();
  expect(blocks.flatMap(({ steps }) => steps)).toEqual([{ time_sec: 0, step: 'open' }]);
});

it('never asks twice at a time and stops asking where nothing answers', async () => {
  begin(false);
  reading = () => new Promise(() => {});
  await vi.advanceTimersByTimeAsync(3000);
  expect(asked).toHaveLength(1);
  await telemetry?.end();

  asked = [];
  begin(false);
  reading = () => Promise.reject(new Error('gone'));
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(3);
  await telemetry?.end();
  expect(blocks).toEqual([]);
});
