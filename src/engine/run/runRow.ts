/** Drives one solver through its yields: times the steps, scores, keeps and stops, all outside the solver and outside the clock. */
import type { Iteration, RankSteps } from '../../shared/runs';
import type { Volume } from '../ports/ports';
import type { SolverEvent, SolverMemory, StepName } from '../solvers/solver';

/** What one rank spent on one step. Seconds and MB. */
export interface RankStep {
  readonly seconds: number;
  readonly allocated_mb: number;
  readonly reserved_mb: number;
  readonly delta_mb: number;
  readonly peak_mb: number;
  readonly device_peak_mb: number;
  readonly device_available_mb: number;
}

export interface Score {
  readonly psnr: number | null;
  readonly ssim: number | null;
  readonly mse: number | null;
}

/** What happens at the yields. Everything here is outside the solver's time. */
export interface RowObserver {
  /** Seconds on a clock that only goes forward. */
  now(): number;
  /** What each rank spent since the last call, on the step that ended now (`score`: scoring and keeping an iterate; `start`: all before the first one). */
  takeStep(step: StepName | 'start' | 'score'): Promise<readonly RankStep[]>;
  /** null where there is no reference. */
  score(x: Volume): Promise<Score>;
  /** Keeps the iterate if it is due (always: the initial and the last one), and with it what the solver needs to go on; answers its file. */
  keep(x: Volume, memory: SolverMemory, iteration: number, isLast: boolean): Promise<string | null>;
  started(information: { lipschitz: number | null; stepSize: number | null; setupSeconds: number }): Promise<void>;
  record(iteration: Iteration): Promise<void>;
  /** True once the user has asked to finish now. */
  finishRequested(): boolean;
}

export interface RowOutcome {
  readonly iterations: number;
  /** finished_early: the user's Finish now, or the solver had nothing left to improve. */
  readonly stopReason: 'max_runs' | 'finished_early';
}

/** What an interrupted run had done: iterations, and the solver's seconds for them. */
export interface DoneBefore {
  readonly iteration: number;
  readonly timeSec: number;
}

/**
 * Runs until `maxRuns` iterations are done. `before`: the solver goes on from there; that iterate is recorded already.
 * Errors and cancellation of the solver's ports pass through to the caller.
 */
export async function runRow(
  solver: AsyncGenerator<SolverEvent, void, void>,
  maxRuns: number,
  observer: RowObserver,
  before: DoneBefore | null = null,
): Promise<RowOutcome> {
  const setupStart = observer.now();
  let total = before?.timeSec ?? 0;
  let inIteration = 0;
  let iteration = before?.iteration ?? 0;
  const steps = new Map<StepName, readonly RankStep[]>();
  try {
    for (;;) {
      const start = observer.now();
      const { value: event, done } = await solver.next();
      if (done) return { iterations: iteration, stopReason: 'max_runs' };
      const elapsed = observer.now() - start;
      if (event.kind === 'initial') {
        await observer.started({ lipschitz: event.lipschitz, stepSize: event.stepSize, setupSeconds: observer.now() - setupStart });
        await observer.takeStep('start');
        if (before) {
          // The program may have ended between the last iterate and the note that the run is done.
          if (iteration >= maxRuns) return { iterations: iteration, stopReason: 'max_runs' };
          continue;
        }
        const score = await observer.score(event.x);
        const volume_file = await observer.keep(event.x, event.memory, 0, false);
        await observer.record({ iteration: 0, ...score, iteration_time_sec: 0, time_sec: 0, ranks: [], volume_file });
        // Finish now before the first iteration keeps x0 as the result.
        if (observer.finishRequested()) return { iterations: 0, stopReason: 'finished_early' };
        continue;
      }
      inIteration += elapsed;
      if (event.kind === 'step') {
        steps.set(event.step, await observer.takeStep(event.step));
        continue;
      }
      iteration++;
      total += inIteration;
      const finish = observer.finishRequested();
      const isLast = finish || event.last === true || iteration >= maxRuns;
      const score = await observer.score(event.x);
      const volume_file = await observer.keep(event.x, event.memory, iteration, isLast);
      await observer.record({
        iteration,
        ...score,
        iteration_time_sec: inIteration,
        time_sec: total,
        ranks: joinSteps(steps),
        volume_file,
      });
      // Scoring and saving allocate too; what they used is not the next step's.
      await observer.takeStep('score');
      inIteration = 0;
      steps.clear();
      if (isLast) return { iterations: iteration, stopReason: iteration >= maxRuns ? 'max_runs' : 'finished_early' };
    }
  } finally {
    await solver.return();
  }
}

const NOTHING: RankStep = {
  seconds: 0,
  allocated_mb: 0,
  reserved_mb: 0,
  delta_mb: 0,
  peak_mb: 0,
  device_peak_mb: 0,
  device_available_mb: 0,
};

function joinSteps(steps: ReadonlyMap<StepName, readonly RankStep[]>): RankSteps[] {
  const gradient = steps.get('gradient') ?? [];
  const denoise = steps.get('denoise') ?? [];
  return Array.from({ length: Math.max(gradient.length, denoise.length) }, (_, rank) => {
    const g = gradient[rank] ?? NOTHING;
    const d = denoise[rank] ?? NOTHING;
    return {
      rank,
      gradient_time_sec: g.seconds,
      gradient_memory_allocated_mb: g.allocated_mb,
      gradient_memory_reserved_mb: g.reserved_mb,
      gradient_memory_delta_mb: g.delta_mb,
      gradient_memory_peak_mb: g.peak_mb,
      denoise_time_sec: d.seconds,
      denoise_memory_allocated_mb: d.allocated_mb,
      denoise_memory_reserved_mb: d.reserved_mb,
      denoise_memory_delta_mb: d.delta_mb,
      denoise_memory_peak_mb: d.peak_mb,
      gpu_memory_max_allocated_mb: Math.max(g.device_peak_mb, d.device_peak_mb),
      gpu_available_memory_mb: Math.min(g.device_available_mb || d.device_available_mb, d.device_available_mb || g.device_available_mb),
    };
  });
}
