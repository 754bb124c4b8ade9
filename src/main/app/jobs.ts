/** Runs long work that is no run with progress, remaining time and a way to cancel it; what the work does is its caller's, showing it the window's. */
import { UserError } from '../../shared/errors';
import type { Job } from '../../shared/jobs';

/** What the work is given. */
export interface JobHandle {
  /** Aborted when the user cancels; the work then rejects, with any error, and leaves nothing half done. */
  readonly signal: AbortSignal;
  /** How far it is, 0 to 1. */
  report(fraction: number): void;
}

/** Progress is told at most this often, milliseconds. */
const TELL_EVERY_MS = 150;
/** Before this a remaining time would be a guess. */
const ETA_FROM_FRACTION = 0.02;

interface Running {
  job: Job;
  /** Not told of before. */
  shown: boolean;
  readonly abort: AbortController;
}

export class Jobs {
  private readonly running = new Map<string, Running>();
  private nextId = 1;

  /** `tell` gets all jobs under way whenever one of them changes; `now` gives milliseconds. */
  constructor(
    private readonly tell: (jobs: Job[]) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is under way, oldest first. */
  list(): Job[] {
    return [...this.running.values()].filter(({ shown }) => shown).map(({ job }) => job);
  }

  /** Asks the work to stop; an unknown id is one that has just ended. */
  cancel(id: string): void {
    const running = this.running.get(id);
    if (running === undefined) return;
    this.change(running, { stopping: true, etaSec: null });
    running.abort.abort();
  }

  /**
   * Does `work` under `title`. Resolves and rejects as the work does, so that its requester says how it ended; after Cancel it rejects with a UserError
   * of code "cancelled", whatever the work rejected with. Work that ended well in spite of Cancel counts as done. It is listed once it has lasted
   * `shownAfterMs`.
   */
  async run<T>(title: string, work: (handle: JobHandle) => Promise<T>, shownAfterMs = 0): Promise<T> {
    const id = `job-${this.nextId++}`;
    const started = this.now();
    const job: Job = { id, title, fraction: null, etaSec: null, stopping: false };
    const running: Running = { job, shown: shownAfterMs === 0, abort: new AbortController() };
    const { signal } = running.abort;
    let toldAt = Number.NEGATIVE_INFINITY;
    this.running.set(id, running);
    this.change(running, {});
    const timer = running.shown ? undefined : setTimeout(() => this.reveal(running), shownAfterMs);
    const report = (fraction: number): void => {
      const now = this.now();
      if (now - toldAt < TELL_EVERY_MS || signal.aborted || !this.running.has(id)) return;
      toldAt = now;
      const part = Math.min(1, Math.max(0, fraction));
      const etaSec = part < ETA_FROM_FRACTION ? null : ((now - started) / 1000) * (1 / part - 1);
      this.change(running, { fraction: part, etaSec });
    };
    try {
      return await work({ signal, report });
    } catch (error) {
      throw signal.aborted ? new UserError(`${title} was cancelled.`, 'cancelled') : error;
    } finally {
      clearTimeout(timer);
      this.running.delete(id);
      if (running.shown) this.tell(this.list());
    }
  }

  private change(running: Running, next: Partial<Job>): void {
    running.job = { ...running.job, ...next };
    if (running.shown) this.tell(this.list());
  }

  private reveal(running: Running): void {
    running.shown = true;
    this.tell(this.list());
  }
}
