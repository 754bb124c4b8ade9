/** Telemetry of a run as it is shown and exported: panels of series on one clock, spans of steps, fewer moments for the screen, CSV. */
import type { Telemetry } from '../../shared/runs';

export interface TelemetrySeries {
  /** rank 0, read, GPU 1 ... */
  readonly label: string;
  readonly time_sec: readonly number[];
  readonly values: readonly number[];
}

export interface TelemetryPanel {
  readonly title: string;
  readonly unit: string;
  /** At least one. */
  readonly series: readonly TelemetrySeries[];
}

export interface StepSpan {
  readonly step: string;
  readonly start: number;
  readonly end: number;
}

/** Column names of a panel; the group, if there is one, is the number of the rank or the GPU. */
const panelKinds: readonly { title: string; unit: string; columns: RegExp; label(match: RegExpExecArray): string }[] = [
  { title: 'Memory of each worker', unit: 'MiB', columns: /^rank(\d+)_memory_mib$/, label: ([, rank]) => `rank ${rank}` },
  {
    title: 'Processor',
    unit: '% of one core',
    columns: /^(?:rank(\d+)|other)_cpu_percent$/,
    label: ([, rank]) => (rank === undefined ? 'rest of the machine' : `rank ${rank}`),
  },
  { title: 'Disk', unit: 'MiB/s', columns: /^disk_(read|written)_mib_per_sec$/, label: ([, way]) => way ?? '' },
  { title: 'GPU memory', unit: 'MiB', columns: /^gpu(\d+)_memory_mib$/, label: ([, gpu]) => `GPU ${gpu}` },
  { title: 'GPU utilisation', unit: '%', columns: /^gpu(\d+)_utilisation_percent$/, label: ([, gpu]) => `GPU ${gpu}` },
  { title: 'GPU power', unit: 'W', columns: /^gpu(\d+)_power_watt$/, label: ([, gpu]) => `GPU ${gpu}` },
  { title: 'GPU temperature', unit: '\u00b0C', columns: /^gpu(\d+)_temperature_celsius$/, label: ([, gpu]) => `GPU ${gpu}` },
];

/** Panels that have something to show. */
export function telemetryPanels(telemetry: Telemetry): TelemetryPanel[] {
  return panelKinds.flatMap(({ title, unit, columns, label }) => {
    const series = telemetry.columns.flatMap((name, column) => {
      const match = columns.exec(name);
      return match === null ? [] : [{ label: label(match), ...knownValues(telemetry, column) }];
    });
    series.sort((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
    return series.length === 0 ? [] : [{ title, unit, series }];
  });
}

function knownValues({ time_sec, values }: Telemetry, column: number): { time_sec: number[]; values: number[] } {
  const known = { time_sec: [] as number[], values: [] as number[] };
  values.forEach((line, moment) => {
    const value = line[column] ?? null;
    if (value === null) return;
    known.time_sec.push(time_sec[moment] ?? 0);
    known.values.push(value);
  });
  return known;
}

/** A step lasts until the next one begins, the last one until the last reading; those that took no time are left out. */
export function stepSpans({ steps, time_sec }: Telemetry): StepSpan[] {
  const spans = steps.map(({ step, time_sec: start }, index) => ({
    step,
    start,
    end: steps[index + 1]?.time_sec ?? time_sec.at(-1) ?? start,
  }));
  return spans.filter(({ start, end }) => end > start);
}

/** At most about `most` moments: of neighbours the highest value of each column, so that no peak is lost; and the newest `most` steps. */
export function thinTelemetry(telemetry: Telemetry, most: number): Telemetry {
  const { columns, time_sec, values, steps } = telemetry;
  const together = Math.ceil(time_sec.length / most);
  const newest = steps.slice(-most);
  if (together <= 1) return { ...telemetry, steps: newest };
  const thinned: Telemetry = { columns, time_sec: [], values: [], steps: newest };
  for (let first = 0; first < time_sec.length; first += together) {
    thinned.time_sec.push(time_sec[first] ?? 0);
    const neighbours = values.slice(first, first + together);
    thinned.values.push(columns.map((_, column) => highest(neighbours.map((line) => line[column] ?? null))));
  }
  return thinned;
}

function highest(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => (value !== null && (most === null || value > most) ? value : most), null);
}

/** One line a moment: time_sec, the step under way then, and every column; a value that is not known is empty. */
export function telemetryCsv(telemetry: Telemetry): string {
  const { columns, time_sec, values, steps } = telemetry;
  const lines = [['time_sec', 'step', ...columns]];
  let next = 0;
  time_sec.forEach((time, moment) => {
    while (next < steps.length && (steps[next]?.time_sec ?? 0) <= time) next++;
    const numbers = columns.map((_, column) => values[moment]?.[column] ?? null);
    lines.push([time.toFixed(3), steps[next - 1]?.step ?? '', ...numbers.map((value) => (value === null ? '' : String(value)))]);
  });
  return `${lines.map((cells) => cells.join(',')).join('\n')}\n`;
}
