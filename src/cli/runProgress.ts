/** Follows the queue's events: a moving bar or plain lines for the person, and the runs as last heard of. */
import type { QueueEvent } from '../main/queue/queueTypes';
import { hasEnded, type Iteration, type Run, type RunDetail } from '../shared/runs';
import { durationText, type Output } from './output';

const stepWords: Readonly<Record<string, string>> = {
  open: 'opening the data',
  read: 'reading the data',
  'warm-up': 'warming the network up',
  norm: 'norm of the operators and first iterate',
  gradient: 'gradient',
  denoise: 'denoising',
};

interface Followed {
  run: Run;
  readonly iterations: Iteration[];
  readonly log: string[];
}

export class RunProgress {
  private readonly followed = new Map<string, Followed>();
  private expected = 0;
  private ended = 0;

  constructor(
    private readonly output: Output,
    /** Seconds until everything queued is done; null where nobody knows yet. */
    private readonly etaSec: () => number | null,
  ) {}

  /** All runs of the command, those that were done before included. */
  expect(runs: readonly Run[]): void {
    for (const run of runs) if (!this.followed.has(run.id)) this.followed.set(run.id, { run, iterations: [], log: [] });
    const before = runs.filter(({ status }) => hasEnded(status));
    for (const run of before) this.output.note(`${nameOf(run)}: done before, not run again.`);
    this.expected = runs.length - before.length;
  }

  onEvent(event: QueueEvent): void {
    switch (event.kind) {
      case 'runs':
        for (const run of event.runs) this.onRun(run);
        return;
      case 'iteration':
        this.onIteration(event.runId, event.iteration);
        return;
      case 'progress': {
        const entry = this.followed.get(event.runId);
        if (!entry) return;
        const fraction = this.expected === 0 ? event.fraction : (this.ended + event.fraction) / this.expected;
        this.output.bar(`${nameOf(entry.run)}, ${stepWords[event.step] ?? event.step}`, fraction, this.etaSec() ?? event.etaSec);
        return;
      }
      case 'log':
        this.followed.get(event.runId)?.log.push(event.line);
    }
  }

  /** The run as its events told it: for when the record keeper cannot be asked. */
  detailOf(id: string): RunDetail {
    const entry = this.followed.get(id);
    if (!entry) throw new Error(`There is no run ${id}.`);
    return { ...entry.run, iterations: entry.iterations, log: entry.log };
  }

  private onRun(run: Run): void {
    const entry = this.followed.get(run.id);
    if (!entry) {
      this.followed.set(run.id, { run, iterations: [], log: [] });
      return;
    }
    const before = entry.run.status;
    entry.run = run;
    if (before === run.status) return;
    if (run.status === 'running') this.output.note(`${nameOf(run)}: started (${this.ended + 1} of ${this.expected}).`);
    if (!hasEnded(run.status)) return;
    this.ended++;
    const reason = run.error === null ? '' : `: ${run.error.message}`;
    const early = run.stop_reason === 'finished_early' ? ' early' : '';
    this.output.note(`${nameOf(run)}: ${run.status.replaceAll('_', ' ')}${early} after ${run.iterations_done} iterations${reason}`);
  }

  private onIteration(runId: string, iteration: Iteration): void {
    const entry = this.followed.get(runId);
    if (!entry) return;
    entry.iterations.push(iteration);
    if (this.output.interactive) return;
    const psnr = iteration.psnr === null ? '' : `, PSNR ${iteration.psnr.toFixed(2)} dB`;
    const what =
      iteration.iteration === 0
        ? 'first iterate'
        : `iteration ${iteration.iteration} of ${entry.run.row.max_runs}, ${iteration.iteration_time_sec.toFixed(2)} s`;
    const etaSec = iteration.iteration === 0 ? null : this.etaSec();
    const eta = etaSec === null || etaSec <= 0 ? '' : `, about ${durationText(etaSec)} left`;
    this.output.note(`${nameOf(entry.run)}: ${what}${psnr}${eta}`);
  }
}

function nameOf(run: Run): string {
  return `Row ${run.row.index} (${run.label})${run.row.n_repetitions > 1 ? `, repetition ${run.repetition + 1}` : ''}`;
}
