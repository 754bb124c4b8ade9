/** Quality against iteration or solver time, and the time of a step: what the iterations of runs say. */
import type { Iteration } from '../../shared/runs';
import type { FigurePoint, FigureSeries } from './figure';
import { median, type RowRuns, rangeOf } from './repeated';

export interface Built {
  readonly kind: 'lines' | 'bars' | 'points';
  readonly series: FigureSeries[];
  /** Rows without the values the figure needs. */
  readonly left: number;
  readonly yTitle?: string;
  readonly shadeTitle?: string;
}

/** One curve a row: at each iteration the medians of x and y over the repetitions that have it. */
export function curves(rows: readonly RowRuns[], x: (iteration: Iteration) => number, y: (iteration: Iteration) => number | null): Built {
  const series = rows.map(({ label, runs, shown }) => {
    const at = new Map<number, { x: number[]; y: number[] }>();
    for (const { iterations } of runs) {
      for (const one of iterations) {
        const value = y(one);
        if (value === null) continue;
        const values = at.get(one.iteration) ?? { x: [], y: [] };
        values.x.push(x(one));
        values.y.push(value);
        at.set(one.iteration, values);
      }
    }
    const points = [...at]
      .toSorted(([a], [b]) => a - b)
      .map(([iteration, values]): FigurePoint => {
        const [xRange, yRange] = [rangeOf(values.x), rangeOf(values.y)];
        const ranges = { ...(xRange === undefined ? {} : { xRange }), ...(yRange === undefined ? {} : { yRange }) };
        return { x: median(values.x), y: median(values.y), runId: shown.id, iteration, ...ranges };
      });
    return { label, points };
  });
  const drawn = series.filter(({ points }) => points.length > 0);
  return { kind: 'lines', series: drawn, left: series.length - drawn.length };
}

/** Seconds of one iteration, split into the two steps and the rest. A step takes as long as its slowest rank, since ranks wait for each other. */
export function stepSeconds(iteration: Iteration): { gradient: number; denoise: number; other: number } {
  const gradient = Math.max(0, ...iteration.ranks.map((rank) => rank.gradient_time_sec));
  const denoise = Math.max(0, ...iteration.ranks.map((rank) => rank.denoise_time_sec));
  return { gradient, denoise, other: Math.max(0, iteration.iteration_time_sec - gradient - denoise) };
}

/** One bar a row: the median step times over all iterations of all repetitions; the range is that of the repetitions' whole iterations. */
export function stepTimes(rows: readonly RowRuns[]): Built {
  const measured = rows.flatMap(({ runs, label, shown }) => {
    const each = runs
      .map(({ iterations }) => iterations.filter(({ iteration, ranks }) => iteration > 0 && ranks.length > 0).map(stepSeconds))
      .filter(({ length }) => length > 0);
    if (each.length === 0) return [];
    const steps = each.flat();
    const middle = (part: 'gradient' | 'denoise' | 'other'): number => median(steps.map((step) => step[part]));
    const range = rangeOf(each.map((times) => median(times.map(({ gradient, denoise, other }) => gradient + denoise + other))));
    return [{ shown, label, range, gradient: middle('gradient'), denoise: middle('denoise'), other: middle('other') }];
  });
  const part = (name: string, key: 'gradient' | 'denoise' | 'other'): FigureSeries => ({
    label: name,
    points: measured.map((one) => {
      // The range of the whole bar is drawn at its end.
      const yRange = key === 'other' ? one.range : undefined;
      return { x: one.label, y: one[key], runId: one.shown.id, iteration: null, ...(yRange === undefined ? {} : { yRange }) };
    }),
  });
  const series = measured.length === 0 ? [] : [part('Gradient', 'gradient'), part('Denoise', 'denoise'), part('Other', 'other')];
  return { kind: 'bars', series, left: rows.length - measured.length };
}
