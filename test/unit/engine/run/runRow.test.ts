// The driver of a run: what it times, scores, keeps and when it stops, with a clock and a solver under control.
import { describe, expect, it } from 'vitest';
import { type RankStep, type RowObserver, runRow } from '../../../../src/engine/run/runRow';
import type { SolverEvent } from '../../../../src/engine/solvers/solver';
import type { Iteration } from '../../../../src/shared/runs';

const x = { name: 'x' };
const memory = { numbers: {}, volumes: {} };
const step = (seconds: number): RankStep => ({
  seconds,
  allocated_mb: 1,
  reserved_mb: 2,
  delta_mb: 3,
  peak_mb: 4,
  device_peak_mb: 5,
  device_available_mb: 6,
});

function setUp(finishAfter = Number.POSITIVE_INFINITY) {
  let clock = 0;
  let closed = false;
  const recorded: Iteration[] = [];
  async function* solver(): AsyncGenerator<SolverEvent, void, void> {
    try {
      clock += 100;
      yield { kind: 'initial', x, lipschitz: 2, stepSize: 0.5, memory };
      for (;;) {
        clock += 2;
        yield { kind: 'step', step: 'gradient' };
        clock += 3;
        yield { kind: 'step', step: 'denoise' };
        yield { kind: 'iterate', x, memory };
      }
    } finally {
      closed = true;
    }
  }
  let taken = 0;
  const observer: RowObserver = {
    now: () => clock,
    takeStep: async () => {
      clock += 50;
      return [step(++taken), step(taken + 0.5)];
    },
    score: async () => {
      clock += 1000;
      return { psnr: 30, ssim: 0.9, mse: 1e-3 };
    },
    keep: async (_, _memory, iteration, isLast) => {
      clock += 1000;
      return isLast || iteration === 0 ? `iterate-${iteration}` : null;
    },
    started: async () => {},
    record: async (iteration) => {
      recorded.push(iteration);
    },
    finishRequested: () => recorded.length > finishAfter,
  };
  return { solver: solver(), observer, recorded, isClosed: () => closed };
}

describe('runRow', () => {
  it('counts only the time between the yields: neither set-up nor metrics nor saving', async () => {
    const { solver, observer, recorded, isClosed } = setUp();
    const outcome = await runRow(solver, 3, observer);
    expect(outcome).toEqual({ iterations: 3, stopReason: 'max_runs' });
    expect(recorded.map((each) => [each.iteration, each.iteration_time_sec, each.time_sec])).toEqual([
      [0, 0, 0],
      [1, 5, 5],
      [2, 5, 10],
      [3, 5, 15],
    ]);
    expect(isClosed()).toBe(true);
  });

  it('keeps the first and the last iterate, and joins both steps of each rank', async () => {
    const { solver, observer, recorded } = setUp();
    await runRow(solver, 2, observer);
    expect(recorded.map((each) => each.volume_file)).toEqual(['iterate-0', null, 'iterate-2']);
    expect(recorded[1]?.ranks).toMatchObject([
      {
        rank: 0,
        gradient_time_sec: 2,
        denoise_time_sec: 3,
        gradient_memory_peak_mb: 4,
        gpu_memory_max_allocated_mb: 5,
        gpu_available_memory_mb: 6,
      },
      { rank: 1, gradient_time_sec: 2.5, denoise_time_sec: 3.5 },
    ]);
  });

  it('ends well and keeps the iterate when asked to finish now', async () => {
    const { solver, observer, recorded } = setUp(1);
    expect(await runRow(solver, 10, observer)).toEqual({ iterations: 2, stopReason: 'finished_early' });
    expect(recorded.at(-1)?.volume_file).toBe('iterate-2');
  });

  it('goes on after what was done before: nothing recorded twice, times added up', async () => {
    const { solver, observer, recorded } = setUp();
    expect(await runRow(solver, 4, observer, { iteration: 2, timeSec: 10 })).toEqual({ iterations: 4, stopReason: 'max_runs' });
    expect(recorded.map((each) => [each.iteration, each.time_sec, each.volume_file])).toEqual([
      [3, 15, null],
      [4, 20, 'iterate-4'],
    ]);
  });

  it('has nothing to do where the last iteration was done before', async () => {
    const { solver, observer, recorded } = setUp();
    expect(await runRow(solver, 4, observer, { iteration: 4, timeSec: 20 })).toEqual({ iterations: 4, stopReason: 'max_runs' });
    expect(recorded).toEqual([]);
  });

  it('passes the error of a port on and still closes the solver', async () => {
    const { observer } = setUp();
    let closed = false;
    async function* failing(): AsyncGenerator<SolverEvent, void, void> {
      try {
        yield { kind: 'initial', x, lipschitz: null, stepSize: null, memory };
        throw new Error('worker gone');
      } finally {
        closed = true;
      }
    }
    await expect(runRow(failing(), 3, observer)).rejects.toThrow('worker gone');
    expect(closed).toBe(true);
  });
});
