/** Figures in which a row is one point: repetitions, predictions, what ran out of memory, the Pareto front, scaling and times to a target. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawSvg } from '../../../../src/engine/figures/drawSvg';
import { figureCsv, figureNames } from '../../../../src/engine/figures/figure';
import { paretoFront } from '../../../../src/engine/figures/rowFigures';
import { figureData } from '../../../../src/engine/figures/series';
import type { ExperimentRow } from '../../../../src/shared/experiment';
import type { Prediction, Run, RunDetail } from '../../../../src/shared/runs';
import { makeIteration, makeRow, makeRun, withIterations } from '../../renderer/runs';

const MIB = 2 ** 20 / 1e6;

function done(id: string, row: ExperimentRow, change: Partial<Run> = {}, seconds = 2, psnrs: readonly number[] = [20, 22, 24]): RunDetail {
  const last = psnrs.length - 1;
  return withIterations(
    makeRun(id, row, { time_sec: last * seconds, psnr: psnrs[last] ?? null, ...change }),
    psnrs.map((psnr, iteration) => makeIteration(iteration, psnr, seconds)),
  );
}

const prediction = (mib: number, seconds: number): Prediction => ({
  peak_memory_mib: [mib / 2, mib],
  seconds_per_iteration: seconds,
  gradient_sec: 0,
  denoise_sec: seconds,
  total_sec: 10,
  basis: 'interpolated',
});

const onWorkers = (row: ExperimentRow, workers: number): ExperimentRow => ({
  ...row,
  solver: { ...row.solver, slurm_ntasks_per_node: workers, slurm_gres: `gpu:${workers}` },
});

describe('repetitions', () => {
  const row = makeRow(0, 4);
  const runs = [done('a', row, { peak_memory_mb: 100 * MIB }, 2), done('b', row, { repetition: 1, peak_memory_mb: 140 * MIB }, 3)];

  it('are one curve: medians, and the range of the times', () => {
    const { series } = figureData('psnr-time', runs);
    expect(series).toHaveLength(1);
    expect(series[0]?.points.map(({ x, y, xRange, yRange }) => [x, y, xRange, yRange])).toEqual([
      [0, 20, undefined, undefined],
      [2.5, 22, [2, 3], undefined],
      [5, 24, [4, 6], undefined],
    ]);
    expect(figureCsv(figureData('psnr-time', runs)).split('\n')[2]).toBe('PnP,a,1,2.5,22,2,3');
  });

  it('are one point and one bar with their range', () => {
    const [point] = figureData('memory-batch', runs).series[0]?.points ?? [];
    expect(point).toMatchObject({ x: 4, y: 120, runId: 'a', iteration: 2 });
    expect(point?.yRange?.map(Math.round)).toEqual([100, 140]);
    const bars = figureData('step-time', runs).series;
    expect(bars.map(({ points }) => points[0]?.yRange)).toEqual([undefined, undefined, [2, 3]]);
    expect(drawSvg(figureData('step-time', runs), { widthMm: 85 })).toContain('<path d="M');
  });
});

describe('memory and time by batch size', () => {
  const runs = [
    done('a', makeRow(0, 2), { peak_memory_mb: 100 * MIB, prediction: prediction(110, 1.8) }),
    done('b', makeRow(1, 4), { peak_memory_mb: 150 * MIB, prediction: prediction(140, 1.5) }),
    makeRun('c', makeRow(2, 8), { status: 'queued', prediction: prediction(300, 1.2) }),
  ].map((run) => ('iterations' in run ? (run as RunDetail) : withIterations(run, [])));

  it('stand beside what was predicted, which goes on where nothing has run yet', () => {
    const [measured, predicted] = figureData('memory-batch', runs).series;
    expect(measured?.points.map(({ x, y }) => [x, Math.round(y)])).toEqual([
      [2, 100],
      [4, 150],
    ]);
    expect([predicted?.role, predicted?.style, predicted?.label]).toEqual(['predicted', 0, 'Predicted']);
    expect(predicted?.points.map(({ x, y }) => [x, y])).toEqual([
      [2, 110],
      [4, 140],
      [8, 300],
    ]);
    expect(figureData('time-batch', runs).series[1]?.points.map(({ y }) => y)).toEqual([1.8, 1.5, 1.2]);
  });

  it('have the colour of what was predicted of them, group by group', () => {
    const more = [0.05, 0.1].flatMap((sigma, group) =>
      [2, 4].map((batch, index) =>
        done(`${sigma}-${batch}`, makeRow(2 * group + index, batch, sigma), { peak_memory_mb: 100, prediction: prediction(100, 1) }),
      ),
    );
    expect(figureData('memory-batch', more).series.map(({ role, style }) => [role, style])).toEqual([
      [undefined, 0],
      ['predicted', 0],
      [undefined, 1],
      ['predicted', 1],
    ]);
  });

  it('show a run that ran out of memory as a cross where it did, never as a measurement', () => {
    const failure = { rank: 0, step: 'denoise', requested_mib: 90, peak_mib: 210, limit_mib: 256, how: 'refused' } as const;
    const failed = withIterations(
      makeRun('d', makeRow(3, 16), { status: 'out_of_memory', peak_memory_mb: 210 * MIB, memory_failure: failure }),
      [],
    );
    const { series, note } = figureData('memory-batch', [...runs.slice(0, 2), failed]);
    const cross = series.find(({ role }) => role === 'out_of_memory');
    expect(cross?.points.map(({ x, y }) => [x, y])).toEqual([[16, 210]]);
    expect(series[0]?.points.map(({ x }) => x)).toEqual([2, 4]);
    expect(note).toBeNull();
    expect(drawSvg(figureData('memory-batch', [...runs.slice(0, 2), failed]), { widthMm: 85 })).toContain('#B3261E');
  });

  it('compare predictions with what was measured, in percent', () => {
    const { series } = figureData('prediction-error', runs);
    expect(
      series.map(({ label, points }) => [label, ...points.map(({ x, y }) => [Math.round(x as number), Math.round(y * 10) / 10])]),
    ).toEqual([
      ['Peak memory', [100, 10], [150, -6.7]],
      ['Time per iteration', [100, -10], [150, -25]],
    ]);
  });
});

describe('the Pareto front', () => {
  it('holds what nothing else beats in both, and every other point is beaten', () => {
    const value = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 30 }), (pairs) => {
        const points = pairs.map(([x, y], index) => ({ x, y, runId: String(index), iteration: null }));
        const front = new Set(paretoFront(points));
        const beats = (a: (typeof points)[number], b: (typeof points)[number]): boolean =>
          a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y);
        for (const point of points) {
          if (front.has(point)) expect(points.some((other) => beats(other, point))).toBe(false);
          else
            expect(points.some((other) => beats(other, point) || (other.x === point.x && other.y === point.y && front.has(other)))).toBe(
              true,
            );
        }
      }),
    );
  });

  it('is drawn through the runs with their PSNR as colour, faded above the budget', () => {
    const runs = [
      done('a', makeRow(0, 2), { peak_memory_mb: 100 * MIB, psnr: 24 }, 3),
      done('b', makeRow(1, 4), { peak_memory_mb: 150 * MIB, psnr: 25 }, 2),
      done('c', makeRow(2, 8), { peak_memory_mb: 400 * MIB, psnr: 26 }, 2.5),
    ];
    const figure = figureData('memory-time', runs);
    expect(figure.shadeTitle).toBe('PSNR (dB)');
    expect(figure.series.map(({ label }) => label)).toEqual(['max_batch_size 2', 'max_batch_size 4', 'max_batch_size 8', 'Best trade-off']);
    expect(figure.series.at(-1)?.points.map(({ runId }) => runId)).toEqual(['b', 'a']);
    expect(figure.series[0]?.points[0]?.shade).toBe(24);
    const svg = drawSvg({ ...figure, limit: { value: 200, label: 'Budget 200 MiB' } }, { widthMm: 130 });
    expect(svg).toContain('Budget 200 MiB');
    expect(svg.match(/opacity="0.35"/g)).toHaveLength(1);
    expect(svg).toContain('url(#shades)');
  });
});

describe('scaling', () => {
  it('joins rows that differ in workers alone, with the evenly divided time beside them', () => {
    const runs = [
      done('a', onWorkers(makeRow(0, 4), 1), {}, 4),
      done('b', onWorkers(makeRow(1, 4), 2), {}, 2.5),
      done('c', onWorkers(makeRow(2, 8), 2), {}, 2),
    ];
    const { series, note } = figureData('workers', runs);
    expect(series.map(({ label, role }) => [label, role])).toEqual([
      ['max_batch_size 4', undefined],
      ['Evenly divided', 'ideal'],
    ]);
    expect(series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [1, 4],
      [2, 2.5],
    ]);
    expect(series[1]?.points.map(({ y }) => y)).toEqual([4, 2]);
    expect(note).toContain('1 row is not drawn');
  });
});

describe('time to a PSNR', () => {
  it('is measured to the last PSNR of the first PnP row, and leaves out what does not reach it', () => {
    const runs = [done('a', makeRow(0, 2)), done('b', makeRow(1, 4), {}, 1), done('c', makeRow(2, 8), {}, 1, [20, 21])];
    const figure = figureData('time-to-psnr', runs);
    expect(figure.yTitle).toBe('Time to 24.00 dB (s)');
    expect(figure.series[0]?.points.map(({ x, y, iteration }) => [x, y, iteration])).toEqual([
      ['max_batch_size 2', 4, 2],
      ['max_batch_size 4', 2, 2],
    ]);
    expect(figure.note).toContain('1 row is not drawn');
  });
});

it.each(figureNames)('%s of no runs and of runs without values is empty and can be drawn', (name) => {
  const bare = withIterations(makeRun('a', makeRow(0, 4), { status: 'queued', psnr: null, iterations_done: 0 }), []);
  for (const runs of [[], [bare]]) {
    const figure = figureData(name, runs);
    expect(figure.series).toEqual([]);
    expect(drawSvg(figure, { widthMm: 85 })).toContain('No values to draw');
  }
});
