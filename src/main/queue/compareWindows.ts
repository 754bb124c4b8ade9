/** Runs the first iterations of a row with its own windows and with advised ones, to say how far apart they end; choosing windows is advise's. */
import { toErrorMessage, UserError } from '../../shared/errors';
import { type ExperimentRow, usesNetwork } from '../../shared/experiment';
import type { PatchAdvice } from '../../shared/preflight';
import type { Progress } from '../coordinator/prober';
import { budgetedMiB, workerBudget } from './freeMemory';
import { limitOf, measuredRow } from './measuredRow';
import { type ForecastRequest, predict, type RowNeeds, rowNeeds } from './rowNeeds';
import type { WindowProbes } from './windowProbes';

/** What both trials together may take, seconds. */
const LONGEST_SEC = 30;
const MOST_ITERATIONS = 10;

export type Comparison = Pick<PatchAdvice, 'quality' | 'difference'>;

/** Measured where the data has a reference, both fit and it does not take long; the sentence says what was found, or why nothing was. */
export async function compareWindows(
  probes: WindowProbes,
  row: ExperimentRow,
  advised: Pick<PatchAdvice, 'patch_size' | 'overlap'>,
  request: ForecastRequest,
  progress: Progress,
): Promise<Comparison> {
  const { solver } = row;
  if (!usesNetwork(solver)) return unknown('The row has no network.');
  if (!request.scan.hasReference) return unknown('How the quality differs cannot be told, because the data has no reference volume.');
  // A window's result does not depend on the batch it is in.
  const rows = [solver, { ...solver, ...advised }].map((each): ExperimentRow => ({ ...row, solver: { ...each, max_batch_size: 1 } }));
  const needs = await Promise.all(rows.map((each) => rowNeeds(each, request)));
  const [written, other] = needs;
  if (String(written?.network?.tiling.patch) === String(other?.network?.tiling.patch) && sameHalo(written, other)) {
    return unknown('These are the windows that the row has.');
  }
  const limitMiB = limitOf(request);
  let seconds = 0;
  for (const each of needs) {
    const found = await probes.prober.networkProbes(each.network?.use ?? missing());
    const needed = predict(each, await measuredRow(probes, each, request, progress), found);
    const budgetMiB = workerBudget(each, request.machine, limitMiB);
    if (needed?.ranks.some((rank) => budgetedMiB(each, rank, limitMiB) > budgetMiB) ?? true) {
      return unknown('How the quality differs was not measured, because the windows of the row as written do not fit into memory.');
    }
    seconds += needed?.prediction.seconds_per_iteration ?? 0;
  }
  const iterations = Math.min(row.max_runs, MOST_ITERATIONS, Math.floor(LONGEST_SEC / seconds));
  if (iterations < 1) {
    return unknown(
      `How the quality differs was not measured: one iteration with each takes about ${Math.ceil(seconds / 60)} min. Run both rows to see it.`,
    );
  }
  return measure(probes, needs, iterations, limitMiB, progress);
}

async function measure(
  { prober }: WindowProbes,
  needs: readonly RowNeeds[],
  iterations: number,
  limitMiB: number | null,
  { signal, report }: Progress,
): Promise<Comparison> {
  const found: (number | null)[] = [];
  try {
    for (const [index, { use, row, network }] of needs.entries()) {
      const trial = { ...row, max_runs: iterations };
      const run = await prober.firstIterations(
        use,
        trial,
        { modelPath: network?.use.model.path ?? missing(), limitMiB },
        {
          signal,
          report: (fraction) => report?.((index + fraction) / needs.length),
        },
      );
      found.push(run.at(-1)?.psnr ?? null);
    }
  } catch (error) {
    if (!(error instanceof UserError) || signal?.aborted) throw error;
    return unknown(`How the quality differs could not be measured: ${toErrorMessage(error).message}`);
  }
  const [psnrWritten, psnrAdvised] = found;
  if (psnrWritten == null || psnrAdvised == null) return unknown('How the quality differs cannot be told: there is no PSNR.');
  const change = psnrAdvised - psnrWritten;
  return {
    quality: { iterations, psnrWritten, psnrAdvised },
    difference: `Tried on this data for ${iterations === 1 ? 'one iteration' : `${iterations} iterations`}: ${psnrAdvised.toFixed(3)} dB, ${psnrWritten.toFixed(3)} dB with the windows as written (${change < 0 ? '' : '+'}${change.toFixed(3)} dB). More iterations may lie further apart.`,
  };
}

function unknown(difference: string): Comparison {
  return { quality: null, difference };
}

function sameHalo(a: RowNeeds | undefined, b: RowNeeds | undefined): boolean {
  return String(a?.network?.tiling.halo) === String(b?.network?.tiling.halo);
}

function missing(): never {
  throw new Error('A row with a network has one.');
}
