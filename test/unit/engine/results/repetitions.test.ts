// Medians and spreads over the repetitions of a row.
import { expect, it } from 'vitest';
import { spread, summariseRepetitions } from '../../../../src/engine/results/repetitions';
import { runDetail } from '../../../fixtures/records';

it('has the median and the extremes, and nothing of nothing', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, minimum: 1, maximum: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, minimum: 1, maximum: 4 });
  expect(spread([])).toBeNull();
});

it('joins the repetitions of a row, and leaves out those that are not done', () => {
  const repetition = (index: number, change: object) => {
    const run = runDetail(`r${index}`, 3, { repetition: index, ...change });
    return { ...run, row: { ...run.row, n_repetitions: 3 } };
  };
  const [summary, ...others] = summariseRepetitions([
    repetition(0, { psnr: 30, time_sec: 4 }),
    repetition(1, { psnr: 31, time_sec: 6 }),
    repetition(2, { psnr: 9, time_sec: 99, status: 'failed' }),
  ]);
  expect(others).toEqual([]);
  expect(summary).toMatchObject({
    row: 0,
    done: 2,
    planned: 3,
    time_sec: { median: 5, minimum: 4, maximum: 6 },
    psnr: { median: 30.5, minimum: 30, maximum: 31 },
    // x0 costs nothing and is no iteration.
    iteration_time_sec: { median: 2, minimum: 2, maximum: 2 },
  });
});
