/** The telemetry of one run: what its workers and GPUs use, twice a second and at each step, and when each step began. Never delays or fails the run. */
import type { Telemetry } from '../../shared/runs';
import type { DataMethods, ProcessReading, StoreMethods } from '../../shared/workerMessages';
import type { Launcher } from '../processes/launcher';
import type { WorkerCalls } from '../processes/workerClient';

export interface TelemetrySources {
  /** Reads what processes use: neither the workers of the run nor the program's own process spend time on it. */
  readonly data: Pick<WorkerCalls<Pick<DataMethods, 'readUsage'>>, 'call'>;
  readonly store: Pick<WorkerCalls<Pick<StoreMethods, 'addTelemetry'>>, 'call'>;
  /** True where a rank works on a GPU. */
  readonly gpus: boolean;
}

const sampleMs = 500;
/** Steps may be shorter than a reading is worth. */
const leastMs = 100;
/** Processor time is counted in hundredths of a second, so shares over shorter times say nothing. */
const leastRateSeconds = 0.2;
const blockMs = 5000;
const mostFailures = 3;
/** What comes before the first iterate, as the coordinator names it. */
const setUpSteps = ['open', 'read', 'warm-up', 'norm'];

interface Reading {
  readonly timeSec: number;
  readonly processes: readonly (ProcessReading | null)[];
  readonly machineCpuSeconds: number;
}

export class RunTelemetry {
  private readonly began = performance.now();
  private readonly pids: (() => number | undefined)[] = [];
  private readonly moments: { readonly timeSec: number; readonly values: ReadonlyMap<string, number> }[] = [];
  private readonly steps: Telemetry['steps'] = [];
  private readonly timers: readonly NodeJS.Timeout[];
  private readonly seenInSetUp = new Set<string>();
  /** null during the set-up. */
  private lastEnded: { readonly step: string; readonly timeSec: number } | null = null;
  /** The step under way where its progress has been told. */
  private underWay: string | null = null;
  private lastAsked = Number.NEGATIVE_INFINITY;
  private asking = false;
  private failures = 0;
  /** What rates are counted from. */
  private base: Reading | null = null;
  /** Processor seconds that the rest of the machine used while this run iterated, and for how long that was counted. */
  private readonly elsewhere = { cpuSeconds: 0, seconds: 0 };

  constructor(
    private readonly runId: string,
    private readonly sources: TelemetrySources,
  ) {
    this.timers = [setInterval(() => this.sample(), sampleMs), setInterval(() => void this.write(), blockMs)];
  }

  /** Remembers the workers that are started, which is in the order of their ranks. */
  watching(launcher: Launcher): Launcher {
    return (entry, name) => {
      const worker = launcher(entry, name);
      this.pids.push(() => worker.pid);
      return worker;
    };
  }

  /** Told again and again while a step goes on. */
  stepBegan(step: string): void {
    if (this.lastEnded !== null && step === 'denoise') this.underWay = step;
    if (this.lastEnded !== null || !setUpSteps.includes(step) || this.seenInSetUp.has(step)) return;
    this.seenInSetUp.add(step);
    this.steps.push({ time_sec: this.now(), step });
  }

  /** Each step begins where the one before ended; `start` ends the set-up. */
  stepEnded(step: string): void {
    // Scoring is told twice: when its result is recorded, and when its memory has been taken.
    if (this.lastEnded !== null && this.lastEnded.step !== step) this.steps.push({ time_sec: this.lastEnded.timeSec, step });
    this.lastEnded = { step, timeSec: this.now() };
    this.underWay = null;
    if (performance.now() - this.lastAsked >= leastMs) this.sample();
  }

  /** Cores that everything but the workers kept busy on average since the first iterate; null where that was not seen for a second. */
  otherCores(): number | null {
    const { cpuSeconds, seconds } = this.elsewhere;
    return seconds < 1 ? null : cpuSeconds / seconds;
  }

  /** Resolves when what is known is written. */
  async end(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.write();
  }

  private now(): number {
    return (performance.now() - this.began) / 1000;
  }

  private sample(): void {
    if (this.asking || this.pids.length === 0 || this.failures >= mostFailures) return;
    this.asking = true;
    this.lastAsked = performance.now();
    const question = { pids: this.pids.map((pid) => pid() ?? null), gpus: this.sources.gpus };
    this.sources.data
      .call('readUsage', question)
      .then(
        ({ processes, machineCpuSeconds, gpus }) => {
          this.failures = 0;
          this.note({ timeSec: this.now(), processes, machineCpuSeconds }, gpus);
        },
        () => {
          this.failures++;
        },
      )
      .finally(() => {
        this.asking = false;
      });
  }

  private note(reading: Reading, gpus: DataMethods['readUsage'][1]['gpus']): void {
    const values = new Map<string, number>();
    reading.processes.forEach((process, rank) => {
      if (process) values.set(`rank${rank}_memory_mib`, process.residentMiB);
    });
    this.noteRates(reading, values);
    gpus.forEach((gpu, index) => {
      const known: [string, number | null][] = [
        ['memory_mib', gpu.usedMiB],
        ['utilisation_percent', gpu.utilisationPercent],
        ['power_watt', gpu.powerWatt],
        ['temperature_celsius', gpu.temperatureCelsius],
      ];
      for (const [name, value] of known) if (value !== null) values.set(`gpu${index}_${name}`, value);
    });
    if (values.size > 0) this.moments.push({ timeSec: reading.timeSec, values });
  }

  /** What was used since the last time that rates were counted, by the second. */
  private noteRates(reading: Reading, values: Map<string, number>): void {
    const base = this.base;
    const seconds = base === null ? Number.POSITIVE_INFINITY : reading.timeSec - base.timeSec;
    if (seconds < leastRateSeconds) return;
    this.base = reading;
    if (base === null) return;
    let readMiB = 0;
    let writtenMiB = 0;
    let known = false;
    let ownCpuSeconds = 0;
    reading.processes.forEach((process, rank) => {
      const before = base.processes[rank];
      if (!process || !before) return;
      known = true;
      const cpuSeconds = process.cpuSeconds - before.cpuSeconds;
      ownCpuSeconds += cpuSeconds;
      values.set(`rank${rank}_cpu_percent`, (100 * cpuSeconds) / seconds);
      readMiB += process.diskReadMiB - before.diskReadMiB;
      writtenMiB += process.diskWrittenMiB - before.diskWrittenMiB;
    });
    if (!known) return;
    values.set('disk_read_mib_per_sec', readMiB / seconds);
    values.set('disk_written_mib_per_sec', writtenMiB / seconds);
    const otherCpuSeconds = Math.max(0, reading.machineCpuSeconds - base.machineCpuSeconds - ownCpuSeconds);
    values.set('other_cpu_percent', (100 * otherCpuSeconds) / seconds);
    if (this.lastEnded === null) return;
    this.elsewhere.cpuSeconds += otherCpuSeconds;
    this.elsewhere.seconds += seconds;
  }

  /** So that the last step that ended does not seem to go on: what follows it is known only when it ends too, and then stands at the same time again. */
  private unfinishedStep(): Telemetry['steps'] {
    return this.lastEnded === null ? [] : [{ time_sec: this.lastEnded.timeSec, step: this.underWay ?? 'unfinished' }];
  }

  private async write(): Promise<void> {
    const moments = this.moments.splice(0);
    const steps = [...this.steps.splice(0), ...this.unfinishedStep()];
    if (moments.length === 0 && steps.length === 0) return;
    const columns = [...new Set(moments.flatMap(({ values }) => [...values.keys()]))];
    const block: Telemetry = {
      columns,
      time_sec: moments.map(({ timeSec }) => timeSec),
      values: moments.map(({ values }) => columns.map((column) => values.get(column) ?? null)),
      steps,
    };
    // A store that cannot keep this says so for the run itself.
    await this.sources.store.call('addTelemetry', { runId: this.runId, block }).catch(() => {});
  }
}
