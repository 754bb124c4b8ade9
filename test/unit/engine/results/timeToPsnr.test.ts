/** The time to a PSNR: which iterate counts, and what runs are measured against. */
import { expect, it } from 'vitest';
import { psnrReferences, psnrTarget, timesToPsnr, timeToPsnr } from '../../../../src/engine/results/timeToPsnr';
import type { SolverParameters } from '../../../../src/shared/experiment';
import { makeIteration, makeRow, makeRun, withIterations } from '../../renderer/runs';

const sirt = { ...makeRow(0, 1).solver, name: 'SIRT' } as unknown as SolverParameters;

it('is the time of the first iterate at or above the target, without interpolation', () => {
  const curve = [
    { psnr: 20, time_sec: 0 },
    { psnr: null, time_sec: 1 },
    { psnr: 25, time_sec: 2 },
    { psnr: 24, time_sec: 3 },
    { psnr: 26, time_sec: 4 },
  ];
  expect(timeToPsnr(curve, 19)).toBe(0);
  expect(timeToPsnr(curve, 25)).toBe(2);
  expect(timeToPsnr(curve, 25.1)).toBe(4);
  expect(timeToPsnr(curve, 27)).toBeNull();
});

it('measures against the first PnP row of the same experiment and data, once that is done', () => {
  const first = makeRun('a', { ...makeRow(0, 4), solver: sirt }, { psnr: 28 });
  const pnp = makeRun('b', makeRow(1, 4), { psnr: 31 });
  const later = makeRun('c', makeRow(2, 2), { psnr: 33 });
  const elsewhere = makeRun('d', makeRow(0, 2), { psnr: 40, experiment_id: 'other' });
  const all = [elsewhere, later, first, pnp];
  expect(all.map((run) => psnrTarget(run, psnrReferences(all)))).toEqual([40, 31, 31, 31]);
  expect(psnrTarget(first, psnrReferences([first]))).toBe(28);
  expect(psnrTarget(later, psnrReferences([later, { ...pnp, status: 'running' }]))).toBeNull();
  const otherData = { ...later, row: { ...later.row, dataset: { ...later.row.dataset, num_projections: 30 } } };
  expect(psnrTarget(otherData, psnrReferences([...all, otherData]))).toBe(33);
});

it('takes target_psnr of the row where it is given', () => {
  const row = { ...makeRow(0, 4), target_psnr: 21 };
  const run = withIterations(
    makeRun('a', row),
    [0, 1, 2].map((k) => makeIteration(k, 20 + k)),
  );
  expect(timesToPsnr([run])).toEqual([{ target_psnr: 21, time_to_psnr: run.iterations[1]?.time_sec }]);
});
