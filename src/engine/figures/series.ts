/** What each figure plots, as numbers: runs in, labelled series out. Drawing them is left to the window (plotly) and the command line. */
import { usesNetwork } from '../../shared/experiment';
import type { Iteration, Run } from '../../shared/runs';
import { distinguishingLabels } from './labels';

export const figureNames = ['psnr-iteration', 'psnr-time', 'ssim-iteration', 'step-time', 'memory-batch'] as const;
export type FigureName = (typeof figureNames)[number];

export type FigureRun = Run & { readonly iterations: readonly Iteration[] };

/** One plotted value. `iteration` names the iterate that shows it, where there is one. */
export interface FigurePoint {
  readonly x: number | string;
  readonly y: number;
  readonly runId: string;
  readonly iteration: number | null;
}

export interface FigureSeries {
  /** Legend entry: what tells this series from the others. */
  readonly label: string;
  readonly points: readonly FigurePoint[];
}

/** What can be drawn and exported, whatever its numbers come from. */
export interface PlottedFigure {
  readonly name: string;
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** lines: x is a number; bars: x is a label and the series stand on each other; points: markers joined where x rises. */
  readonly kind: 'lines' | 'bars' | 'points';
  readonly series: readonly FigureSeries[];
  /** One sentence on what had to be left out, or null. */
  readonly note: string | null;
}

export interface FigureData extends PlottedFigure {
  readonly name: FigureName;
}

interface FigureText {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
}

const texts: Record<FigureName, FigureText> = {
  'psnr-iteration': { title: 'PSNR by iteration', xTitle: 'Iteration', yTitle: 'PSNR (dB)' },
  'psnr-time': { title: 'PSNR by time', xTitle: 'Solver time (s)', yTitle: 'PSNR (dB)' },
  'ssim-iteration': { title: 'SSIM by iteration', xTitle: 'Iteration', yTitle: 'SSIM' },
  'step-time': { title: 'Time per iteration', xTitle: '', yTitle: 'Time per iteration (s)' },
  'memory-batch': { title: 'Peak memory by batch size', xTitle: 'max_batch_size', yTitle: 'Peak memory (MiB)' },
};

export function isFigureName(text: string): text is FigureName {
  return (figureNames as readonly string[]).includes(text);
}

export function figureTitle(name: FigureName): string {
  return texts[name].title;
}

/** The numbers of figure `name` for `runs`, in the given order. Runs without the values it needs are left out and named in `note`. */
export function figureData(name: FigureName, runs: readonly FigureRun[]): FigureData {
  const labels = distinguishingLabels(runs.map(({ row, repetition, id }) => ({ row, repetition, id })));
  const named = runs.map((run, index) => ({ run, label: labels[index] ?? run.label }));
  const build = builders[name];
  const { kind, series, left } = build(named);
  const text = texts[name];
  return { name, ...text, kind, series, note: noteOnLeftOut(name, left) };
}

interface NamedRun {
  readonly run: FigureRun;
  readonly label: string;
}

interface Built {
  readonly kind: FigureData['kind'];
  readonly series: FigureSeries[];
  readonly left: number;
}

const builders: Record<FigureName, (runs: readonly NamedRun[]) => Built> = {
  'psnr-iteration': (runs) =>
    curves(
      runs,
      (iteration) => iteration.iteration,
      (iteration) => iteration.psnr,
    ),
  'psnr-time': (runs) =>
    curves(
      runs,
      (iteration) => iteration.time_sec,
      (iteration) => iteration.psnr,
    ),
  'ssim-iteration': (runs) =>
    curves(
      runs,
      (iteration) => iteration.iteration,
      (iteration) => iteration.ssim,
    ),
  'step-time': stepTimes,
  'memory-batch': memoryByBatch,
};

function curves(runs: readonly NamedRun[], x: (iteration: Iteration) => number, y: (iteration: Iteration) => number | null): Built {
  const series = runs.map(({ run, label }) => ({
    label,
    points: run.iterations.flatMap((iteration) => {
      const value = y(iteration);
      return value === null ? [] : [{ x: x(iteration), y: value, runId: run.id, iteration: iteration.iteration }];
    }),
  }));
  const drawn = series.filter(({ points }) => points.length > 0);
  return { kind: 'lines', series: drawn, left: series.length - drawn.length };
}

/** Seconds of one iteration, split into the two steps and the rest. A step takes as long as its slowest rank, since ranks wait for each other. */
export function stepSeconds(iteration: Iteration): { gradient: number; denoise: number; other: number } {
  const gradient = Math.max(0, ...iteration.ranks.map((rank) => rank.gradient_time_sec));
  const denoise = Math.max(0, ...iteration.ranks.map((rank) => rank.denoise_time_sec));
  return { gradient, denoise, other: Math.max(0, iteration.iteration_time_sec - gradient - denoise) };
}

function stepTimes(runs: readonly NamedRun[]): Built {
  const measured = runs.flatMap(({ run, label }) => {
    const steps = run.iterations.filter(({ iteration, ranks }) => iteration > 0 && ranks.length > 0).map(stepSeconds);
    if (steps.length === 0) return [];
    const middle = (part: 'gradient' | 'denoise' | 'other'): number => median(steps.map((step) => step[part]));
    return [{ run, label, gradient: middle('gradient'), denoise: middle('denoise'), other: middle('other') }];
  });
  const part = (name: string, key: 'gradient' | 'denoise' | 'other'): FigureSeries => ({
    label: name,
    points: measured.map((one) => ({ x: one.label, y: one[key], runId: one.run.id, iteration: null })),
  });
  const series = measured.length === 0 ? [] : [part('Gradient', 'gradient'), part('Denoise', 'denoise'), part('Other', 'other')];
  return { kind: 'bars', series, left: runs.length - measured.length };
}

/** Peak memory against max_batch_size; runs that differ in anything else form series of their own. MB (1e6 bytes) become MiB. */
function memoryByBatch(runs: readonly NamedRun[]): Built {
  const measured = runs.flatMap(({ run }) =>
    run.peak_memory_mb !== null && usesNetwork(run.row.solver)
      ? [{ run, batch: run.row.solver.max_batch_size, megabytes: run.peak_memory_mb }]
      : [],
  );
  const labels = distinguishingLabels(
    measured.map(({ run }) => ({ row: run.row, repetition: run.repetition, id: run.id })),
    { ignore: ['max_batch_size', 'repetition'] },
  );
  const groups = new Map<string, FigurePoint[]>();
  measured.forEach(({ run, batch, megabytes }, index) => {
    const label = labels[index] ?? '';
    const points = groups.get(label) ?? [];
    const last = run.iterations.findLast(({ volume_file }) => volume_file !== null);
    points.push({ x: batch, y: (megabytes * 1e6) / 2 ** 20, runId: run.id, iteration: last?.iteration ?? null });
    groups.set(label, points);
  });
  const series = [...groups].map(([label, points]) => ({
    label: label === '' ? 'Peak memory' : label,
    points: points.toSorted((a, b) => Number(a.x) - Number(b.x)),
  }));
  return { kind: 'points', series, left: runs.length - measured.length };
}

/** The middle value; the mean of the two middle ones where the count is even. 0 for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

function noteOnLeftOut(name: FigureName, left: number): string | null {
  if (left === 0) return null;
  const runs = left === 1 ? '1 run is' : `${left} runs are`;
  const reason: Record<FigureName, string> = {
    'psnr-iteration': 'no PSNR yet, or the data has no reference volume',
    'psnr-time': 'no PSNR yet, or the data has no reference volume',
    'ssim-iteration': 'no SSIM yet, or the data has no reference volume',
    'step-time': 'no iteration has finished',
    'memory-batch': 'no memory was measured yet, or the solver has no network',
  };
  return `${runs} not drawn: ${reason[name]}.`;
}

/** The plotted numbers as CSV, one line per point: series, run, iteration, x, y. The header names both axes. */
export function figureCsv(figure: PlottedFigure): string {
  const header = ['series', 'run', 'iteration', figure.xTitle === '' ? 'configuration' : figure.xTitle, figure.yTitle];
  const lines = figure.series.flatMap(({ label, points }) =>
    points.map(({ runId, iteration, x, y }) => [label, runId, iteration === null ? '' : String(iteration), String(x), String(y)]),
  );
  return `${[header, ...lines].map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`;
}

/** RFC 4180; a leading = + - @ of text is defused with a quote mark so that a spreadsheet does not run it. */
function csvCell(text: string): string {
  const safe = /^[=+@]|^-[^0-9.]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
