/** Figures in which a row is one point: memory and time against batch size, memory against time, time to a PSNR, scaling, and how good predictions were. */
import { rankCount, usesNetwork } from '../../shared/experiment';
import { psnrReferences, psnrTarget, timeToPsnr } from '../results/timeToPsnr';
import type { Built } from './curves';
import type { FigurePoint, FigureRun, FigureSeries } from './figure';
import { distinguishingLabels } from './labels';
import { lastKept, mebibytes, median, type RowRuns, rowPoint, secondsPerIteration } from './repeated';

/** What the row's max_batch_size was in the end; null without a network. */
function batchSize({ row: { solver }, chosen }: FigureRun): number | null {
  if (!usesNetwork(solver)) return null;
  const batch = chosen?.max_batch_size ?? solver.max_batch_size;
  return typeof batch === 'number' ? batch : null;
}

const measuredMemory = (run: FigureRun): number | null =>
  run.status === 'out_of_memory' || run.peak_memory_mb === null ? null : mebibytes(run.peak_memory_mb);
const predictedMemory = ({ prediction }: FigureRun): number | null =>
  prediction === null || prediction.peak_memory_mib.length === 0 ? null : Math.max(...prediction.peak_memory_mib);
const predictedSeconds = ({ prediction }: FigureRun): number | null => prediction?.seconds_per_iteration ?? null;

const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

const byX = (a: FigurePoint, b: FigurePoint): number => Number(a.x) - Number(b.x);

/** Rows that differ in `ignored` alone form one series. */
function seriesOf(rows: readonly RowRuns[], ignored: readonly string[]): Map<string, RowRuns[]> {
  const labels = distinguishingLabels(
    rows.map(({ shown }) => ({ row: shown.row, repetition: 0, id: shown.id })),
    { ignore: [...ignored, 'repetition'] },
  );
  const groups = new Map<string, RowRuns[]>();
  rows.forEach((row, index) => {
    const label = labels[index] ?? '';
    groups.set(label, [...(groups.get(label) ?? []), row]);
  });
  return groups;
}

/** Measured, and dashed beside it what was predicted, against max_batch_size. */
function againstBatch(
  rows: readonly RowRuns[],
  alone: string,
  measure: (run: FigureRun) => number | null,
  predict: (run: FigureRun) => number | null,
): Built {
  const usable = rows.filter(({ shown }) => batchSize(shown) !== null);
  const series: FigureSeries[] = [];
  const drawn = new Set<RowRuns>();
  let style = 0;
  for (const [label, group] of seriesOf(usable, ['max_batch_size'])) {
    const pointsOf = (value: (run: FigureRun) => number | null): FigurePoint[] =>
      group
        .flatMap((row) => {
          const point = rowPoint(row, batchSize(row.shown) ?? 0, known(row.runs.map(value)), lastKept(row.shown));
          if (point !== null) drawn.add(row);
          return point === null ? [] : [point];
        })
        .toSorted(byX);
    const [measured, predicted] = [pointsOf(measure), pointsOf(predict)];
    if (measured.length > 0) series.push({ label: label === '' ? alone : label, points: measured, style });
    if (predicted.length > 0) {
      series.push({ label: label === '' ? 'Predicted' : `${label}, predicted`, points: predicted, role: 'predicted', style });
    }
    style++;
  }
  return { kind: 'points', series, left: rows.length - drawn.size };
}

/** Peak memory of the largest rank, MiB. A run that ran out of memory stands where it did. */
export function memoryByBatch(rows: readonly RowRuns[]): Built {
  const built = againstBatch(rows, 'Peak memory', measuredMemory, predictedMemory);
  const failed = rows.flatMap((row) => {
    const points = row.runs.flatMap((run): FigurePoint[] => {
      const reached = run.memory_failure?.peak_mib ?? run.memory_failure?.limit_mib ?? null;
      const batch = batchSize(run);
      if (run.status !== 'out_of_memory' || reached === null || batch === null) return [];
      return [{ x: batch, y: reached, runId: run.id, iteration: lastKept(run) }];
    });
    return points.slice(0, 1);
  });
  if (failed.length === 0) return built;
  const crosses: FigureSeries = { label: 'Out of memory', points: failed.toSorted(byX), role: 'out_of_memory', joined: false };
  return { ...built, series: [...built.series, crosses], left: Math.max(0, built.left - failed.length) };
}

export function timeByBatch(rows: readonly RowRuns[]): Built {
  return againstBatch(rows, 'Time per iteration', secondsPerIteration, predictedSeconds);
}

/** Peak memory against solver time, coloured by the final PSNR; the line joins the runs that no other beats in both. */
export function memoryByTime(rows: readonly RowRuns[]): Built {
  const series = rows.flatMap((row): FigureSeries[] => {
    const ended = row.runs.filter(({ status, peak_memory_mb }) => status === 'done' && peak_memory_mb !== null);
    const point = rowPoint(row, median(ended.map(({ time_sec }) => time_sec)), known(ended.map(measuredMemory)), lastKept(row.shown));
    if (point === null) return [];
    const quality = known(ended.map(({ psnr }) => psnr));
    return [{ label: row.label, joined: false, points: [quality.length === 0 ? point : { ...point, shade: median(quality) }] }];
  });
  const front = paretoFront(series.flatMap(({ points }) => points));
  const line: FigureSeries = { label: 'Best trade-off', points: front, role: 'front' };
  const shadeTitle = series.some(({ points }) => points[0]?.shade !== undefined) ? { shadeTitle: 'PSNR (dB)' } : {};
  return { kind: 'points', series: front.length > 1 ? [...series, line] : series, left: rows.length - series.length, ...shadeTitle };
}

/** Points that no other undercuts in x without exceeding it in y, by rising x. */
export function paretoFront(points: readonly FigurePoint[]): FigurePoint[] {
  const front: FigurePoint[] = [];
  for (const point of points.toSorted((a, b) => byX(a, b) || a.y - b.y)) {
    const last = front.at(-1);
    if (last === undefined || point.y < last.y) front.push(point);
  }
  return front;
}

/** Solver seconds until the target PSNR; rows that did not reach it are left out. */
export function timesToTarget(rows: readonly RowRuns[]): Built {
  const references = psnrReferences(rows.flatMap(({ runs }) => runs));
  const targets = new Set<number>();
  const points = rows.flatMap((row): FigurePoint[] => {
    const reached = row.runs.flatMap((run) => {
      const target = psnrTarget(run, references);
      const seconds = target === null ? null : timeToPsnr(run.iterations, target);
      if (target !== null) targets.add(target);
      return target === null || seconds === null ? [] : [{ run, seconds, target }];
    });
    const first = reached.find(({ run }) => run === row.shown) ?? reached[0];
    const iterate = first?.run.iterations.find(({ psnr }) => psnr !== null && psnr >= first.target)?.iteration ?? null;
    const point = rowPoint(row, row.label, known(reached.map(({ seconds }) => seconds)), iterate);
    return point === null ? [] : [point];
  });
  const [target] = targets;
  const goal = targets.size === 1 && target !== undefined ? `${target.toFixed(2)} dB` : 'the target PSNR';
  const series = points.length === 0 ? [] : [{ label: `Time to ${goal}`, points }];
  return { kind: 'bars', series, left: rows.length - points.length, yTitle: `Time to ${goal} (s)` };
}

/** Seconds of an iteration against the number of workers; thin beside each series the time that dividing the work evenly would give. */
export function scaling(rows: readonly RowRuns[]): Built {
  const series: FigureSeries[] = [];
  const ideals: FigureSeries[] = [];
  let left = 0;
  for (const [label, group] of seriesOf(rows, ['slurm_nodes', 'slurm_ntasks_per_node', 'slurm_gres', 'torchrun_nproc_per_node'])) {
    const points = group
      .flatMap((row) => rowPoint(row, rankCount(row.shown.row.solver), known(row.runs.map(secondsPerIteration)), lastKept(row.shown)) ?? [])
      .toSorted(byX);
    const first = points[0];
    if (first === undefined || new Set(points.map(({ x }) => x)).size < 2) {
      left += group.length;
      continue;
    }
    left += group.length - points.length;
    const ideal = points.map((point) => ({
      x: point.x,
      y: (first.y * Number(first.x)) / Number(point.x),
      runId: point.runId,
      iteration: null,
    }));
    ideals.push({ label: 'Evenly divided', points: ideal, role: 'ideal', style: series.length, inLegend: ideals.length === 0 });
    series.push({ label: label === '' ? 'Time per iteration' : label, points });
  }
  return { kind: 'points', series: [...series, ...ideals], left };
}

/** By how many percent predictions were above (below: negative) what was measured afterwards, against the size of the run. */
export function predictionErrors(rows: readonly RowRuns[]): Built {
  const errors = (label: string, predict: (run: FigureRun) => number | null, measure: (run: FigureRun) => number | null): FigureSeries => ({
    label,
    joined: false,
    points: rows.flatMap(({ runs }) =>
      runs.flatMap((run): FigurePoint[] => {
        const [predicted, measured, size] = [predict(run), measure(run), measuredMemory(run)];
        if (run.status !== 'done' || predicted === null || measured === null || size === null || measured <= 0) return [];
        return [{ x: size, y: 100 * (predicted / measured - 1), runId: run.id, iteration: lastKept(run) }];
      }),
    ),
  });
  const series = [
    errors('Peak memory', predictedMemory, measuredMemory),
    errors('Time per iteration', predictedSeconds, secondsPerIteration),
  ];
  const drawn = series.filter(({ points }) => points.length > 0);
  const ids = new Set(drawn.flatMap(({ points }) => points.map(({ runId }) => runId)));
  return { kind: 'points', series: drawn, left: rows.filter(({ runs }) => !runs.some(({ id }) => ids.has(id))).length };
}
