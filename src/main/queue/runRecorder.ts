/** Writes what happens to one run into the store and tells the listeners; knows its progress and how long it will still take. */
import { NORM_SEED } from '../../engine/solvers/operatorNorm';
import type { Run } from '../../shared/runs';
import type { MachineInfo, PrepareAnswer, StoreMethods } from '../../shared/workerMessages';
import type { KeptState, RowListener } from '../coordinator/executeRow';
import type { RankPlan } from '../coordinator/rowPlan';
import type { GitState } from '../processes/gitState';
import type { WorkerCalls } from '../processes/workerClient';
import type { QueueEvent } from './queueTypes';
import type { RunFiles } from './runFiles';
import type { RunTelemetry } from './runTelemetry';

/** The window itself and the system always want a little. */
const TOLERATED_CORES = 0.25;

/** What is known of a run before its workers answer. */
export interface RunCircumstances {
  readonly plan: RankPlan;
  readonly dataPath: string;
  readonly dataHash: string;
  /** null for solvers without a network. */
  readonly model: { readonly name: string; readonly hash: string } | null;
  readonly machine: MachineInfo;
  readonly appVersion: string;
  readonly git: GitState | null;
  readonly files: RunFiles;
  readonly from: KeptState | null;
  readonly telemetry: RunTelemetry;
}

export class RunRecorder {
  private iterationsDone = 0;
  private iterationStart = performance.now();
  private provenance: Run['provenance'] = null;
  /** Seconds from one iterate to the next, scoring and saving included: what the user waits. */
  private secondsPerIteration: number | null = null;
  private logLines: string[] = [];

  constructor(
    private readonly run: Run,
    private readonly store: WorkerCalls<StoreMethods>,
    private readonly emit: (event: QueueEvent) => void,
  ) {}

  /** Seconds until this run and those behind it (with so many iterations each) are done; null before the first iteration. */
  etaSec(iterationsWaiting: readonly number[] = []): number | null {
    if (this.secondsPerIteration === null) return null;
    const own = this.run.row.max_runs - this.iterationsDone;
    return this.secondsPerIteration * iterationsWaiting.reduce((sum, iterations) => sum + iterations, Math.max(0, own));
  }

  log(line: string): void {
    const stamped = `${new Date().toISOString().slice(11, 19)}  ${line}`;
    this.logLines.push(stamped);
    this.emit({ kind: 'log', runId: this.run.id, line: stamped });
  }

  /** Says that the machine was shared, where the workers' threads and the rest of it wanted more cores than there are. */
  async noteOtherLoad({ devices, threadsPerRank }: RankPlan, otherCores: number | null, logicalCores: number): Promise<void> {
    if (otherCores === null || devices.length * threadsPerRank + otherCores <= logicalCores + TOLERATED_CORES) return;
    const note = `The rest of the machine kept ${otherCores.toFixed(1)} of ${logicalCores} cores busy while this ran: on a free machine it takes less time.`;
    this.log(note);
    await this.addProvenance({ notes: [...(this.provenance?.notes ?? []), note] });
  }

  /** Writes what is still held back. */
  async flush(): Promise<void> {
    const lines = this.logLines.splice(0);
    if (lines.length > 0) await this.store.call('addLog', { runId: this.run.id, lines });
  }

  listener(circumstances: RunCircumstances): RowListener {
    const { telemetry } = circumstances;
    this.iterationsDone = circumstances.from?.iteration ?? 0;
    return {
      prepared: async (information, notes) => {
        this.logPreparation(information, circumstances.plan);
        const allNotes = [...circumstances.plan.notes, ...notes];
        for (const note of allNotes) this.log(note);
        this.provenance = provenanceOf(this.run, circumstances, information, allNotes);
        await this.update({ provenance: this.provenance, voxel_size_mm: information.voxelSizeMm });
      },
      timed: async (timings) => {
        await this.addProvenance({ timings: { ...timings } });
      },
      started: async ({ lipschitz, stepSize, setupSeconds }) => {
        if (lipschitz !== null)
          this.log(`Norm of the operators squared: ${lipschitz.toPrecision(6)}, step size ${stepSize?.toPrecision(6)}.`);
        this.log(`Ready to iterate after ${setupSeconds.toFixed(2)} s.`);
        await this.update({ setup_time_sec: setupSeconds, lipschitz, step_size: stepSize });
      },
      iteration: async (iteration, resume) => {
        telemetry.stepEnded('score');
        const now = performance.now();
        if (iteration.iteration > 0) this.secondsPerIteration = (now - this.iterationStart) / 1000;
        this.iterationStart = now;
        this.iterationsDone = iteration.iteration;
        const run = await this.store.call('addIteration', { runId: this.run.id, iteration, resume });
        if (resume) await circumstances.files.forgetOlderState(resume);
        if (iteration.iteration === 0) await this.update({ initial_psnr: iteration.psnr });
        else this.emit({ kind: 'runs', runs: [run] });
        this.emit({ kind: 'iteration', runId: this.run.id, iteration });
        this.progress('gradient', 0);
        await this.flush();
      },
      progress: (step, fraction) => {
        telemetry.stepBegan(step);
        this.progress(step, fraction);
      },
      log: (line) => this.log(line),
      stepEnded: (step) => telemetry.stepEnded(step),
    };
  }

  private progress(step: string, fractionOfStep: number): void {
    const inIteration = step === 'denoise' ? fractionOfStep : 0;
    const fraction = Math.min(1, (this.iterationsDone + inIteration) / this.run.row.max_runs);
    this.emit({ kind: 'progress', runId: this.run.id, step, fraction, etaSec: this.etaSec() });
  }

  private logPreparation(information: PrepareAnswer, plan: RankPlan): void {
    const [depth, height, width] = information.volumeShape;
    this.log(
      `${information.views} views in ${information.operators} operators, volume ${depth} x ${height} x ${width} of ${information.voxelSizeMm} mm.`,
    );
    if (information.provider !== null) {
      this.log(
        `${information.patches} patches; the network runs on ${information.provider} in ${information.precision}, ${plan.threadsPerRank} threads a worker.`,
      );
    }
  }

  private async addProvenance(added: Partial<NonNullable<Run['provenance']>>): Promise<void> {
    if (this.provenance === null) return;
    this.provenance = { ...this.provenance, ...added };
    await this.update({ provenance: this.provenance });
  }

  private async update(patch: StoreMethods['updateRun'][0]['patch']): Promise<void> {
    this.emit({ kind: 'runs', runs: [await this.store.call('updateRun', { id: this.run.id, patch })] });
  }
}

function provenanceOf(
  run: Run,
  circumstances: RunCircumstances,
  information: PrepareAnswer,
  notes: readonly string[],
): NonNullable<Run['provenance']> {
  const { plan, machine, model } = circumstances;
  return {
    data_path: circumstances.dataPath,
    data_sha256: circumstances.dataHash,
    model_name: model?.name ?? null,
    model_sha256: model?.hash ?? null,
    devices: [...plan.devices],
    provider: information.provider,
    precision: information.precision,
    versions: { tomobench: circumstances.appVersion, ...information.versions },
    machine: {
      cpu: machine.cpuName,
      logical_cores: String(machine.logicalCores),
      memory_mib: String(Math.round(machine.memoryMiB)),
      threads_per_rank: String(plan.threadsPerRank),
    },
    git: circumstances.git,
    seeds: {
      norm: NORM_SEED,
      ...(run.row.dataset.use_dataset_sinogram ? {} : { noise: run.row.dataset.seed }),
    },
    timings: {},
    notes: [...notes],
  };
}
