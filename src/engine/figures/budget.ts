/** What a memory budget leaves of the runs of the memory-against-time figure. */
import type { PlottedFigure } from './figure';

interface Choice {
  readonly label: string;
  readonly runId: string;
  readonly seconds: number;
  readonly memoryMiB: number;
  readonly psnr: number | null;
}

export interface BudgetOutcome {
  readonly within: number;
  readonly of: number;
  readonly fastest: Choice | null;
  /** Of highest PSNR; the fastest of several. */
  readonly best: Choice | null;
}

/** `figure`: memory-time of series.ts. A run at the budget is within it. */
export function withinBudget(figure: PlottedFigure, budgetMiB: number): BudgetOutcome {
  const choices = figure.series
    .filter(({ role = 'measured' }) => role === 'measured')
    .flatMap(({ label, points }) =>
      points.map(({ x, y, runId, shade }): Choice => ({ label, runId, seconds: Number(x), memoryMiB: y, psnr: shade ?? null })),
    );
  const within = choices.filter(({ memoryMiB }) => memoryMiB <= budgetMiB).toSorted((a, b) => a.seconds - b.seconds);
  const rated = within.filter(({ psnr }) => psnr !== null).toSorted((a, b) => (b.psnr ?? 0) - (a.psnr ?? 0));
  return { within: within.length, of: choices.length, fastest: within[0] ?? null, best: rated[0] ?? null };
}

/** The smallest and largest memory of the figure, MiB, with room to drag above and below; null where nothing is drawn. */
export function budgetLimits(figure: PlottedFigure): { readonly low: number; readonly high: number } | null {
  const values = figure.series.flatMap(({ points }) => points.map(({ y }) => y));
  return values.length === 0 ? null : { low: 0, high: Math.ceil(Math.max(...values) * 1.15) };
}
