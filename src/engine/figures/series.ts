/** Makes the figures of runs: runs in, labelled series out. Drawing them is left to the window (plotly) and to drawSvg.ts. */
import { type Built, curves, stepTimes } from './curves';
import type { FigureData, FigureName, FigureRun } from './figure';
import { type RowRuns, repeatedRows } from './repeated';
import { memoryByBatch, memoryByTime, predictionErrors, scaling, timeByBatch, timesToTarget } from './rowFigures';

interface Description {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly build: (rows: readonly RowRuns[]) => Built;
  /** Why a row may be missing. */
  readonly missing: string;
}

const noQuality = (what: string): string => `no ${what} yet, or the data has no reference volume`;

const descriptions: Record<FigureName, Description> = {
  'psnr-iteration': {
    title: 'PSNR by iteration',
    xTitle: 'Iteration',
    yTitle: 'PSNR (dB)',
    build: (rows) =>
      curves(
        rows,
        ({ iteration }) => iteration,
        ({ psnr }) => psnr,
      ),
    missing: noQuality('PSNR'),
  },
  'psnr-time': {
    title: 'PSNR by time',
    xTitle: 'Solver time (s)',
    yTitle: 'PSNR (dB)',
    build: (rows) =>
      curves(
        rows,
        ({ time_sec }) => time_sec,
        ({ psnr }) => psnr,
      ),
    missing: noQuality('PSNR'),
  },
  'ssim-iteration': {
    title: 'SSIM by iteration',
    xTitle: 'Iteration',
    yTitle: 'SSIM',
    build: (rows) =>
      curves(
        rows,
        ({ iteration }) => iteration,
        ({ ssim }) => ssim,
      ),
    missing: noQuality('SSIM'),
  },
  'ssim-time': {
    title: 'SSIM by time',
    xTitle: 'Solver time (s)',
    yTitle: 'SSIM',
    build: (rows) =>
      curves(
        rows,
        ({ time_sec }) => time_sec,
        ({ ssim }) => ssim,
      ),
    missing: noQuality('SSIM'),
  },
  'step-time': {
    title: 'Time per iteration',
    xTitle: '',
    yTitle: 'Time per iteration (s)',
    build: stepTimes,
    missing: 'no iteration has finished',
  },
  'memory-batch': {
    title: 'Peak memory by batch size',
    xTitle: 'max_batch_size',
    yTitle: 'Peak memory (MiB)',
    build: memoryByBatch,
    missing: 'no memory was measured yet, or the solver has no network',
  },
  'time-batch': {
    title: 'Time by batch size',
    xTitle: 'max_batch_size',
    yTitle: 'Time per iteration (s)',
    build: timeByBatch,
    missing: 'no iteration has finished, or the solver has no network',
  },
  'memory-time': {
    title: 'Memory against time',
    xTitle: 'Solver time (s)',
    yTitle: 'Peak memory (MiB)',
    build: memoryByTime,
    missing: 'not done yet',
  },
  'time-to-psnr': {
    title: 'Time to a PSNR',
    xTitle: '',
    yTitle: 'Time (s)',
    build: timesToTarget,
    missing: 'the PSNR was not reached, or there is none to reach yet',
  },
  workers: {
    title: 'Scaling by workers',
    xTitle: 'Workers',
    yTitle: 'Time per iteration (s)',
    build: scaling,
    missing: 'there is no twin on another number of workers',
  },
  'prediction-error': {
    title: 'Prediction error',
    xTitle: 'Measured peak memory (MiB)',
    yTitle: 'Predicted above measured (%)',
    build: predictionErrors,
    missing: 'nothing was predicted before the start, or not done yet',
  },
};

export function figureTitle(name: FigureName): string {
  return descriptions[name].title;
}

/** The numbers of figure `name` for `runs`, in the given order; repetitions of a row as median and range. What lacks the values is named in `note`. */
export function figureData(name: FigureName, runs: readonly FigureRun[]): FigureData {
  const { build, missing, title, xTitle, yTitle } = descriptions[name];
  const { left, ...built } = build(repeatedRows(runs));
  return { name, title, xTitle, yTitle, ...built, note: noteOnLeftOut(left, missing) };
}

function noteOnLeftOut(left: number, missing: string): string | null {
  if (left === 0) return null;
  return `${left === 1 ? '1 row is' : `${left} rows are`} not drawn: ${missing}.`;
}
