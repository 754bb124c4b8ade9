/** Notices that a worker has stopped answering: it is asked for a sign of life again and again, which it gives whatever it is computing. */

/** Longer than anything that may keep a worker from reading its messages (opening a large model, a swapping machine), seconds; TOMOBENCH_HANG_SECONDS in its place. */
const USUAL_LIMIT_SECONDS = 120;
const ASKS_PER_LIMIT = 8;

export class Heartbeat {
  /** Seconds without a sign of life after which the worker was given up; null: it was not. */
  silentSeconds: number | null = null;
  private readonly limitMs = 1000 * hangLimitSeconds(process.env);
  private readonly timer: NodeJS.Timeout;
  private lastHeardMs = performance.now();
  private lastTickMs = performance.now();

  /** `ask` sends the question, `giveUp` ends the worker; it is called once at most. */
  constructor(
    private readonly ask: () => void,
    private readonly giveUp: () => void,
  ) {
    this.timer = setInterval(() => this.tick(), this.limitMs / ASKS_PER_LIMIT);
    // Watching keeps no program alive.
    this.timer.unref();
  }

  /** Any message will do. */
  heard(): void {
    this.lastHeardMs = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    // Where this program itself stood still (a suspended computer), nobody could have been heard.
    if (now - this.lastTickMs > this.limitMs / 2) this.lastHeardMs = now;
    this.lastTickMs = now;
    const silentMs = now - this.lastHeardMs;
    if (silentMs > this.limitMs) {
      this.silentSeconds = silentMs / 1000;
      this.stop();
      this.giveUp();
    } else this.ask();
  }
}

/** What is no positive number counts as not set. */
export function hangLimitSeconds(environment: Readonly<Record<string, string | undefined>>): number {
  const seconds = Number(environment.TOMOBENCH_HANG_SECONDS);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : USUAL_LIMIT_SECONDS;
}
