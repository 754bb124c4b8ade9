/** The life of one row: starts its workers, prepares data and network, drives the solver, ends the workers. What to record is left to its listener. */
import { totalScore } from '../../engine/metrics/score';
import type { Ports } from '../../engine/ports/ports';
import { type DoneBefore, type RankStep, type RowObserver, type RowOutcome, runRow, type Score } from '../../engine/run/runRow';
import { type ChosenSolver, chooseSolver } from '../../engine/solvers/registry';
import type { SolverMemory } from '../../engine/solvers/solver';
import { UserError } from '../../shared/errors';
import { type ExperimentRow, usesNetwork, windowsOf } from '../../shared/experiment';
import type { Iteration, ResumeRecord } from '../../shared/runs';
import type { DeviceNotices, PrepareAnswer } from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import { RankGroup } from './rankGroup';
import { rankPorts } from './rankPorts';
import type { RankPlan } from './rowPlan';

export interface RowRequest {
  readonly row: ExperimentRow;
  readonly plan: RankPlan;
  readonly dataPath: string;
  readonly voxelSizeMm: number | null;
  /** null for solvers without a network; a row with one then takes every volume as denoised already, which shows what all else costs. */
  readonly modelPath: string | null;
  /** Of each worker; null: what the machine has. */
  readonly memoryLimitMiB: number | null;
  /** Where iterate `iteration` goes if it is kept (absolute), and its name in the record; null: not kept. */
  keepAs(iteration: number, isLast: boolean): FilePlace | null;
  /** Where the solver's volume `name` goes with iterate `iteration`; null: nothing is kept to go on from. */
  keepMemoryAs: ((iteration: number, name: string) => FilePlace) | null;
  /** What an earlier, interrupted run of the same row left; null: from the start. */
  from: KeptState | null;
}

export interface FilePlace {
  readonly path: string;
  readonly record: string;
}

/** A point of a run to go on from: the iterate (`x`) and the solver's own volumes as absolute paths. */
export interface KeptState extends DoneBefore {
  readonly numbers: SolverMemory['numbers'];
  readonly volumes: Readonly<Record<string, string>>;
}

export interface RowListener {
  /** Workers are up and the data is checked. */
  prepared(information: PrepareAnswer, notes: readonly string[]): Promise<void>;
  started(information: { lipschitz: number | null; stepSize: number | null; setupSeconds: number }): Promise<void>;
  /** `resume`: what the next --resume goes on from, where this iterate was kept and the run is not at its end. */
  iteration(iteration: Iteration, resume: ResumeRecord | null): Promise<void>;
  progress(step: string, fraction: number): void;
  log(line: string): void;
  /** Seconds that preparing took, by name: open_sec, read_sec, warm_up_sec. */
  timed(seconds: Readonly<Record<string, number>>): Promise<void>;
  stepEnded(step: string, ranks: readonly RankStep[]): void;
}

/** The user's hand on a running row. */
export class RowControl {
  private finish = false;
  private stopped = false;
  private stop: (() => void) | null = null;

  get finishRequested(): boolean {
    return this.finish;
  }
  get cancelled(): boolean {
    return this.stopped;
  }
  /** End well after the current iteration. */
  finishNow(): void {
    this.finish = true;
  }
  /** Stop as soon as possible. */
  cancel(): void {
    this.stopped = true;
    this.stop?.();
  }
  /** Called by executeRow: how a cancellation reaches the workers. */
  onCancel(stop: () => void): void {
    this.stop = stop;
    if (this.stopped) stop();
  }
}

let sharedMemoryCount = 0;

/** Runs the row. Rejects with the UserError that ended it: cancelled, out_of_memory, worker_crashed, bad data ... */
export async function executeRow(launcher: Launcher, request: RowRequest, control: RowControl, listener: RowListener): Promise<RowOutcome> {
  const group = new RankGroup(launcher, request.plan.devices.length);
  group.onNotice((rank, name, payload) => {
    if (name === 'progress' && rank === 0) {
      const { step, fraction } = payload as DeviceNotices['progress'];
      listener.progress(step, fraction);
    } else if (name === 'log') {
      listener.log(`Worker ${rank}: ${(payload as DeviceNotices['log']).line}`);
    }
  });
  control.onCancel(() => group.cancel());
  try {
    const solver = chooseSolver(request.row.solver);
    const { ports, score } = await prepareRow(group, request, solver, listener);
    await restoreVolumes(group, request.from);
    let resume: ResumeRecord | null = null;
    const observer: RowObserver = {
      now: () => performance.now() / 1000,
      takeStep: async (step) => {
        const ranks = await group.takeStep();
        listener.stepEnded(step, ranks);
        return ranks;
      },
      score,
      keep: async (x, memory, iteration, isLast) => {
        const target = request.keepAs(iteration, isLast);
        if (!target) return null;
        await group.one(0, 'save', { a: x.name, path: target.path });
        if (iteration < request.row.max_runs) resume = await keepMemory(group, request, memory, iteration);
        return target.record;
      },
      started: (information) => listener.started(information),
      record: async (iteration) => {
        await listener.iteration(iteration, resume);
        resume = null;
      },
      finishRequested: () => control.finishRequested,
    };
    return await runRow(solver.iterate(ports, request.from), request.row.max_runs, observer, request.from);
  } catch (error) {
    // A worker that stops because the user said so may fail in any way; the reason is the user's.
    if (control.cancelled) throw new UserError('The run was cancelled.', 'cancelled');
    throw error;
  } finally {
    group.cancel();
    await group.close();
  }
}

/** Opens the data on every rank, shares the volumes, reads measurements and reference, warms the network up. */
async function prepareRow(
  group: RankGroup,
  request: RowRequest,
  chosen: ChosenSolver,
  listener: RowListener,
): Promise<{ ports: Ports; score: (x: { name: string }) => Promise<Score> }> {
  const { row, plan, modelPath } = request;
  const { solver } = row;
  const network = usesNetwork(solver) && modelPath !== null ? { solver, modelPath } : null;
  const windows = network && windowsOf(network.solver);
  const notes: string[] = [];
  if (request.memoryLimitMiB !== null) {
    const limited = await group.all('limitMemory', { mebibytes: request.memoryLimitMiB });
    if (limited.some(({ enforced }) => !enforced)) notes.push('This system cannot hold workers to a memory limit; they ran without one.');
  }
  listener.progress('open', 0);
  const stopwatch = new Stopwatch();
  const answers = await group.each('prepare', (rank) => ({
    rank,
    ranks: group.size,
    device: plan.devices[rank] ?? 'cpu',
    threads: plan.threadsPerRank,
    dataPath: request.dataPath,
    voxelSizeMm: request.voxelSizeMm ?? row.dataset.voxel_size,
    dataset: row.dataset,
    distributePhysics: solver.distribute_physics,
    projections: chosen.projections,
    network: network &&
      windows && {
        modelPath: network.modelPath,
        patchSize: perAxis(windows.patch_size),
        overlap: perAxis(windows.overlap),
        maxBatchSize: windows.max_batch_size,
        provider: network.solver.provider,
        precision: network.solver.precision,
        distribute: network.solver.distribute_denoiser,
      },
  }));
  const information = answers[0];
  if (!information) throw new Error('A row needs at least one rank.');
  await listener.prepared(information, [...new Set([...notes, ...answers.flatMap((answer) => answer.notes)])]);

  await shareVolumes(group, information, chosen.volumes);
  const open_sec = stopwatch.lap();
  listener.progress('read', 0);
  const reference = await readReference(group, information);
  const nonFinite = (await group.all('loadMeasurements', null)).reduce((sum, answer) => sum + answer.nonFinite, 0);
  if (nonFinite > 0) {
    throw new UserError(
      `The sinogram has ${nonFinite} values that are not finite numbers (NaN or infinite) in the chosen views. Repair the data, or choose other views with num_projections.`,
    );
  }
  const read_sec = stopwatch.lap();
  if (network) {
    listener.progress('warm-up', 0);
    await group.all('warmUp', { sigma: network.solver.denoiser_sigma });
  }
  await listener.timed({ open_sec, read_sec, ...(network ? { warm_up_sec: stopwatch.lap() } : {}) });
  const [depth, height, width] = information.volumeShape;
  const score = async (x: { name: string }): Promise<Score> => {
    if (!reference) return { psnr: null, ssim: null, mse: null };
    return totalScore(await group.all('score', { a: x.name, dataRange: reference.maximum }), depth * height * width, reference.maximum);
  };
  listener.progress('norm', 0);
  return { ports: rankPorts(group, reference, network !== null), score };
}

/** Seconds from one call to the next. */
class Stopwatch {
  private last = performance.now();

  lap(): number {
    const now = performance.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    return seconds;
  }
}

/** Fills the solver's volumes with what an interrupted run kept. */
async function restoreVolumes(group: RankGroup, from: KeptState | null): Promise<void> {
  for (const [a, path] of Object.entries(from?.volumes ?? {})) await group.one(0, 'load', { a, path });
}

/** Writes the solver's own volumes beside the iterate; the numbers go into the record. */
async function keepMemory(group: RankGroup, request: RowRequest, memory: SolverMemory, iteration: number): Promise<ResumeRecord | null> {
  if (!request.keepMemoryAs) return null;
  const volumes: Record<string, string> = {};
  for (const [name, volume] of Object.entries(memory.volumes)) {
    const place = request.keepMemoryAs(iteration, name);
    await group.one(0, 'save', { a: volume.name, path: place.path });
    volumes[name] = place.record;
  }
  return { iteration, numbers: { ...memory.numbers }, volumes };
}

/** Rank 0 makes the shared memory, all attach, and then the names go: nothing is left behind however the processes end. */
async function shareVolumes(group: RankGroup, information: PrepareAnswer, solverVolumes: readonly string[]): Promise<void> {
  const volumes = [...solverVolumes, ...Array.from({ length: information.operators }, (_, index) => `partial:${index}`)];
  if (information.hasReference) volumes.push('reference');
  const names = Object.fromEntries(volumes.map((volume) => [volume, `tomobench-${process.pid}-${sharedMemoryCount++}`]));
  try {
    await group.one(0, 'attach', { create: true, names });
    await Promise.all(Array.from({ length: group.size - 1 }, (_, index) => group.one(index + 1, 'attach', { create: false, names })));
  } finally {
    await group.one(0, 'unlink', { names: Object.values(names) });
  }
}

async function readReference(group: RankGroup, information: PrepareAnswer): Promise<Ports['referenceRange']> {
  if (!information.hasReference) return null;
  const parts = await group.all('loadReference', null);
  const nonFinite = parts.reduce((sum, part) => sum + part.nonFinite, 0);
  if (nonFinite > 0) {
    throw new UserError(
      `dense_reconstruction has ${nonFinite} values that are not finite numbers (NaN or infinite). Repair the data, or leave the reference out.`,
    );
  }
  return {
    minimum: Math.min(...parts.map((part) => part.minimum ?? Number.POSITIVE_INFINITY)),
    maximum: Math.max(...parts.map((part) => part.maximum ?? Number.NEGATIVE_INFINITY)),
  };
}

function perAxis(value: number | readonly [number, number, number]): readonly [number, number, number] {
  return typeof value === 'number' ? [value, value, value] : value;
}
