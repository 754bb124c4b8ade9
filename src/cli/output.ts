/** Where words go: results to stdout, notes and progress to stderr, so that a pipe carries results only. What they say is left to the verbs. */

export interface OutputStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined; readonly columns?: number | undefined };
}

const BAR_WIDTH = 24;
/** A bar that moves more often only costs time, milliseconds. */
const REDRAW_MS = 100;

export class Output {
  private barLength = 0;
  private lastDrawn = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly streams: OutputStreams,
    readonly asJson: boolean,
  ) {}

  /** True where a person watches: the progress is a bar that moves. */
  get interactive(): boolean {
    return this.streams.stderr.isTTY === true;
  }

  /** Lines of the result for people; left out with --json. */
  print(text: string): void {
    if (this.asJson) return;
    this.clearBar();
    this.streams.stdout.write(`${text}\n`);
  }

  /** The one document of --json; numbers that are not finite become null. */
  document(value: unknown): void {
    if (this.asJson) this.streams.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A line for the person at the terminal. */
  note(text: string): void {
    this.clearBar();
    this.streams.stderr.write(`${text}\n`);
  }

  /** Moves the bar of an interactive terminal; does nothing elsewhere, where lines tell the progress. */
  bar(label: string, fraction: number, etaSec: number | null): void {
    if (!this.interactive) return;
    const now = performance.now();
    if (now - this.lastDrawn < REDRAW_MS) return;
    this.lastDrawn = now;
    const line = barLine(label, fraction, etaSec, (this.streams.stderr.columns ?? 80) - 1);
    this.streams.stderr.write(`\r${line.padEnd(this.barLength)}`);
    this.barLength = line.length;
  }

  clearBar(): void {
    if (this.barLength === 0) return;
    this.streams.stderr.write(`\r${' '.repeat(this.barLength)}\r`);
    this.barLength = 0;
    this.lastDrawn = Number.NEGATIVE_INFINITY;
  }
}

/** `[#####.....]  42 %  about 1 min 5 s left  LABEL`, cut to `width`. */
export function barLine(label: string, fraction: number, etaSec: number | null, width: number): string {
  const share = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
  const eta = etaSec === null ? '' : `  about ${durationText(etaSec)} left`;
  return `${bar}${eta}  ${label}`.slice(0, Math.max(0, width));
}

/** Seconds as people say them: 4.2 s, 1 min 5 s, 2 h 10 min. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes as people say them, in binary units. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}
