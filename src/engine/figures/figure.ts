/** What a figure is: labelled series of numbers with their axes. The window (plotly) and drawSvg.ts draw it; series.ts makes it from runs. */
import type { Iteration, Run } from '../../shared/runs';

export const figureNames = [
  'psnr-iteration',
  'psnr-time',
  'ssim-iteration',
  'ssim-time',
  'step-time',
  'memory-batch',
  'time-batch',
  'memory-time',
  'time-to-psnr',
  'workers',
  'prediction-error',
] as const;
export type FigureName = (typeof figureNames)[number];

export type FigureRun = Run & { readonly iterations: readonly Iteration[] };

export type Interval = readonly [low: number, high: number];

/** One plotted value. `iteration` names the iterate that shows it, where there is one. */
export interface FigurePoint {
  readonly x: number | string;
  /** The median where the row was repeated. */
  readonly y: number;
  readonly runId: string;
  readonly iteration: number | null;
  /** Smallest and largest of the repetitions; absent where there is one, or all are alike. */
  readonly xRange?: Interval;
  readonly yRange?: Interval;
  /** Shown as colour by the figure's `shadeTitle`. */
  readonly shade?: number;
}

/** predicted: hollow and dashed in the colour of what it predicts; ideal, front: a thin line for orientation; out_of_memory: a cross. */
export type SeriesRole = 'measured' | 'predicted' | 'ideal' | 'front' | 'out_of_memory';

export interface FigureSeries {
  /** Legend entry: what tells this series from the others. */
  readonly label: string;
  readonly points: readonly FigurePoint[];
  /** Absent: measured. */
  readonly role?: SeriesRole;
  /** Colour, dash and marker of the n-th series, where it is not its own place. */
  readonly style?: number;
  /** False: markers alone. */
  readonly joined?: boolean;
  /** False: the series before says what it is. */
  readonly inLegend?: boolean;
}

/** What can be drawn and exported, whatever its numbers come from. */
export interface PlottedFigure {
  readonly name: string;
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** lines: x is a number; bars: x is a label and the series stand on each other; points: markers, joined where x rises. */
  readonly kind: 'lines' | 'bars' | 'points';
  readonly series: readonly FigureSeries[];
  /** One sentence on what had to be left out, or null. */
  readonly note: string | null;
  /** What the points' `shade` is, e.g. "PSNR (dB)". */
  readonly shadeTitle?: string;
  /** A level of y to stay below. */
  readonly limit?: { readonly value: number; readonly label: string };
}

export interface FigureData extends PlottedFigure {
  readonly name: FigureName;
}

export function isFigureName(text: string): text is FigureName {
  return (figureNames as readonly string[]).includes(text);
}

/** True where x counts something. */
export function hasWholeNumbers(name: string): boolean {
  return ['psnr-iteration', 'ssim-iteration', 'memory-batch', 'time-batch', 'workers'].includes(name);
}

/** True where y is an amount, so that its axis begins at zero. */
export function beginsAtZero({ kind, name }: Pick<PlottedFigure, 'kind' | 'name'>): boolean {
  return kind === 'bars' || ['memory-batch', 'time-batch', 'memory-time', 'workers', 'prediction-error'].includes(name);
}

/** False for what is above the level that the figure says to stay below. */
export function isWithin({ limit }: Pick<PlottedFigure, 'limit'>, y: number): boolean {
  return limit === undefined || y <= limit.value;
}

/** The plotted numbers as CSV, one line per point: series, run, iteration, x, y; ranges of repetitions and the shade where a point has them. */
export function figureCsv(figure: PlottedFigure): string {
  const x = figure.xTitle === '' ? 'configuration' : figure.xTitle;
  const points = figure.series.flatMap(({ points }) => points);
  const extra: { title: string; value: (point: FigurePoint) => number | undefined }[] = [];
  if (points.some(({ xRange }) => xRange)) {
    extra.push({ title: `${x} lowest`, value: ({ xRange }) => xRange?.[0] }, { title: `${x} highest`, value: ({ xRange }) => xRange?.[1] });
  }
  if (points.some(({ yRange }) => yRange)) {
    const y = figure.yTitle;
    extra.push({ title: `${y} lowest`, value: ({ yRange }) => yRange?.[0] }, { title: `${y} highest`, value: ({ yRange }) => yRange?.[1] });
  }
  if (figure.shadeTitle !== undefined) extra.push({ title: figure.shadeTitle, value: ({ shade }) => shade });
  const header = ['series', 'run', 'iteration', x, figure.yTitle, ...extra.map(({ title }) => title)];
  const lines = figure.series.flatMap(({ label, points }) =>
    points.map((point) => {
      const iteration = point.iteration === null ? '' : String(point.iteration);
      return [label, point.runId, iteration, String(point.x), String(point.y), ...extra.map(({ value }) => String(value(point) ?? ''))];
    }),
  );
  return `${[header, ...lines].map(csvLine).join('\n')}\n`;
}

export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** RFC 4180; a leading = + - @ of text is defused with a quote mark so that a spreadsheet does not run it. */
function csvCell(text: string): string {
  const safe = /^[=+@]|^-[^0-9.]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
