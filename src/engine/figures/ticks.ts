/** Round numbers for an axis and how to write them. */

export interface Ticks {
  /** Ascending, all within the axis. */
  readonly values: readonly number[];
  readonly step: number;
  /** Ends of the axis. */
  readonly low: number;
  readonly high: number;
}

export interface TickOptions {
  /** Ticks wished for; there may be up to twice as many or half. */
  readonly about: number;
  readonly wholeNumbers?: boolean;
  /** True: the ends of the axis are ticks themselves. */
  readonly roundEnds?: boolean;
}

/** Below this values count as equal. */
const SMALLEST = 1e-12;

/** Ticks at multiples of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", 1990). A range of one value gets room on both sides. */
export function niceTicks(minimum: number, maximum: number, options: TickOptions): Ticks {
  const size = Math.max(Math.abs(minimum), Math.abs(maximum));
  // Differences in the last digits are no range.
  const room = maximum - minimum > Math.max(size * 1e-9, SMALLEST) ? 0 : size > SMALLEST ? size * 0.05 : 1;
  const [low, high] = [minimum - room, maximum + room];
  const raw = (high - low) / Math.max(1, options.about);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5].find((candidate) => candidate * power >= raw * (1 - 1e-9)) ?? 10;
  const step = options.wholeNumbers ? Math.max(1, Math.round(factor * power)) : factor * power;
  const slack = 1e-9;
  const first = options.roundEnds ? Math.floor(low / step + slack) : Math.ceil(low / step - slack);
  const last = options.roundEnds ? Math.ceil(high / step - slack) : Math.floor(high / step + slack);
  const values = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return { values, step, low: options.roundEnds ? first * step : low, high: options.roundEnds ? last * step : high };
}

/** A tick's value with the decimals its step needs, very large and very small ones with an exponent; a true minus sign. */
export function tickText(value: number, step: number): string {
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  if (value === 0 || Math.abs(value) < step / 2) return decimals > 4 ? '0' : (0).toFixed(decimals);
  const text = Math.abs(value) >= 1e7 || (decimals > 4 && Math.abs(value) < 0.01) ? value.toExponential(1) : value.toFixed(decimals);
  return text.replaceAll('-', '\u2212');
}
