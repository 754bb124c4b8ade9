/** The numbers of every figure, and their CSV. */
import { describe, expect, it } from 'vitest';
import { figureCsv } from '../../../../src/engine/figures/figure';
import { differingKeys, distinguishingLabels } from '../../../../src/engine/figures/labels';
import { median } from '../../../../src/engine/figures/repeated';
import { figureData } from '../../../../src/engine/figures/series';
import { seriesStyle } from '../../../../src/engine/figures/style';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { makeIteration, makeRow, makeRun, withIterations } from '../../renderer/runs';

const four = withIterations(
  makeRun('a', makeRow(0, 4), { peak_memory_mb: 1048.576 }),
  [0, 1, 2].map((k) => makeIteration(k, 20 + k)),
);
const two = withIterations(
  makeRun('b', makeRow(1, 2), { peak_memory_mb: 524.288 }),
  [0, 1].map((k) => makeIteration(k, 19 + k, 3)),
);

describe('figureData', () => {
  it('plots PSNR by iteration and by time, named by what differs', () => {
    const byIteration = figureData('psnr-iteration', [four, two]);
    expect(byIteration.series.map(({ label }) => label)).toEqual(['max_batch_size 4', 'max_batch_size 2']);
    expect(byIteration.series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
      [0, 20],
      [1, 21],
      [2, 22],
    ]);
    expect(figureData('psnr-time', [four, two]).series[1]?.points.map(({ x }) => x)).toEqual([0, 3]);
  });

  it('leaves out what has no reference, and says so', () => {
    const blind = withIterations(makeRun('c', makeRow(2, 8)), [makeIteration(0, null)]);
    const figure = figureData('ssim-iteration', [four, blind]);
    expect(figure.series).toHaveLength(1);
    expect(figure.note).toContain('1 row is not drawn');
  });

  it('stacks the slowest rank of each step and the rest of the iteration', () => {
    const figure = figureData('step-time', [four]);
    const value = (label: string): number | undefined => figure.series.find((series) => series.label === label)?.points[0]?.y;
    expect(value('Gradient')).toBeCloseTo(0.5);
    expect(value('Denoise')).toBeCloseTo(1.5);
    expect(value('Other')).toBeCloseTo(0.5);
  });

  it('joins runs that differ in batch size alone, in MiB, smallest batch first', () => {
    const figure = figureData('memory-batch', [four, two]);
    expect(figure.series).toHaveLength(1);
    expect(figure.series[0]?.points.map(({ x, y }) => [x, Math.round(y)])).toEqual([
      [2, 500],
      [4, 1000],
    ]);
    const other = withIterations(makeRun('d', makeRow(3, 4, 0.1), { peak_memory_mb: 100 }), []);
    expect(figureData('memory-batch', [four, two, other]).series.map(({ label }) => label)).toEqual([
      'denoiser_sigma 0.05',
      'denoiser_sigma 0.1',
    ]);
  });

  it('is empty for no runs', () => {
    expect(figureData('psnr-iteration', []).series).toEqual([]);
    expect(figureData('step-time', []).series).toEqual([]);
  });
});

describe('labels of several solvers', () => {
  it('name the solver, and what differs among its own rows', () => {
    const { rows } = loadConfig(
      'dataset: [tomography_3d]\nsolver:\n  - FDK\n  - SIRT: {relaxation: [1, 1.5]}\n  - FISTA-TV\n  - PnP: {max_batch_size: 2}\n  - PnP-fast: {max_batch_size: 2}\n',
      'a.yml',
    );
    const labels = distinguishingLabels(rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
    expect(labels).toEqual(['FDK', 'SIRT, relaxation 1', 'SIRT, relaxation 1.5', 'FISTA-TV', 'PnP', 'PnP-fast']);
    expect(differingKeys(rows)).toEqual(['solver', 'max_runs', 'init_method', 'relaxation', 'denoiser', 'denoiser_sigma']);
    expect(rows.map(({ max_runs }) => max_runs)).toEqual([1, 100, 100, 100, 100, 100]);
  });

  it('name the views where these differ too', () => {
    const { rows } = loadConfig('dataset:\n  - tomography_3d: {num_projections: [10, 20]}\nsolver: [SIRT, CGLS]\n', 'a.yml');
    const labels = distinguishingLabels(rows.map((row) => ({ row, repetition: 0, id: String(row.index) })));
    expect(labels).toEqual([
      'SIRT, num_projections 10',
      'CGLS, num_projections 10',
      'SIRT, num_projections 20',
      'CGLS, num_projections 20',
    ]);
  });
});

describe('figureCsv', () => {
  it('writes one line a point and quotes what needs it', () => {
    const lines = figureCsv(figureData('psnr-iteration', [four]))
      .trim()
      .split('\n');
    expect(lines[0]).toBe('series,run,iteration,Iteration,PSNR (dB)');
    expect(lines[1]).toBe('PnP,a,0,0,20');
    const figure = {
      ...figureData('psnr-iteration', [four]),
      series: [{ label: '=cmd("x"), y', points: [{ x: 1, y: 2, runId: 'r', iteration: null }] }],
    };
    expect(figureCsv(figure).split('\n')[1]).toBe(`"'=cmd(""x""), y",r,,1,2`);
  });
});

describe('distinguishingLabels', () => {
  it('counts equal rows and names repetitions', () => {
    const row = makeRow(0, 4);
    const run = (repetition: number, id: string) => ({ row, repetition, id });
    expect(distinguishingLabels([run(0, 'a'), run(0, 'b')])).toEqual(['PnP (1)', 'PnP (2)']);
    expect(distinguishingLabels([run(0, 'a'), run(1, 'b')])).toEqual(['repetition 1', 'repetition 2']);
  });
});

it('median takes the middle, or the mean of two', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBe(0);
});

it('series look different without colour', () => {
  const looks = Array.from({ length: 24 }, (_, index) => seriesStyle(index, 'light')).map(({ dash, marker }) => `${dash.join()}|${marker}`);
  expect(new Set(looks).size).toBe(24);
});
