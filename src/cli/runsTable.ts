/** The results of runs as a table for people; the JSON document has everything. */
import { resolve } from 'node:path';
import { timesToPsnr } from '../engine/results/timeToPsnr';
import type { Prediction, RunDetail } from '../shared/runs';
import { lastKept } from './runDocument';
import { numberCell, textTable } from './textTable';

const MB_PER_MIB = 2 ** 20 / 1e6;

/** One line a run, what was predicted beside what was measured where anything was; then the reasons of those that failed and where the volumes are. */
export function runsTable(runs: readonly RunDetail[], workspace: string): string {
  const times = timesToPsnr(runs);
  const targets = new Set(runs.length < 2 ? [] : times.flatMap(({ target_psnr }) => (target_psnr === null ? [] : [target_psnr])));
  const repeated = runs.some(({ row }) => row.n_repetitions > 1);
  const predicted = runs.some(({ prediction }) => prediction !== null);
  const beside = (title: string) => (predicted ? [{ title, align: 'right' as const }] : []);
  const foretold = (value: number | null, digits: number): string[] => (predicted ? [numberCell(value, digits)] : []);
  const table = textTable(
    [
      { title: 'row', align: 'right' },
      { title: 'configuration', align: 'left' },
      { title: 'status', align: 'left' },
      { title: 'iterations', align: 'right' },
      { title: 'PSNR first (dB)', align: 'right' },
      { title: 'PSNR last (dB)', align: 'right' },
      { title: 'SSIM', align: 'right' },
      ...(targets.size === 0 ? [] : [{ title: toTarget(targets), align: 'right' as const }]),
      { title: 's/iteration', align: 'right' },
      ...beside('predicted'),
      { title: 'total (s)', align: 'right' },
      ...beside('predicted'),
      { title: 'peak memory (MB)', align: 'right' },
      ...beside('predicted'),
    ],
    runs.map((run, position) => [
      String(run.row.index),
      repeated ? `${run.label}, repetition ${run.repetition + 1}` : run.label,
      run.status.replaceAll('_', ' '),
      String(run.iterations_done),
      numberCell(run.initial_psnr, 2),
      numberCell(run.psnr, 2),
      numberCell(run.ssim, 4),
      ...(targets.size === 0 ? [] : [numberCell(times[position]?.time_to_psnr ?? null, 2)]),
      numberCell(run.iterations_done === 0 ? null : run.time_sec / run.iterations_done, 2),
      ...foretold(run.prediction?.seconds_per_iteration ?? null, 2),
      numberCell(run.time_sec, 2),
      ...foretold(run.prediction?.total_sec ?? null, 2),
      numberCell(run.peak_memory_mb, 0),
      ...foretold(highestMb(run.prediction), 0),
    ]),
  );
  const reasons = runs.flatMap(({ row, error }) => (error === null ? [] : [`Row ${row.index}: ${error.message}`]));
  const volumes = runs.flatMap((run) => {
    const file = lastKept(run.iterations);
    return file === null ? [] : [`Row ${run.row.index}: ${resolve(workspace, file)}`];
  });
  return [table, ...section('What went wrong:', reasons), ...section('Volumes:', volumes)].join('\n');
}

/** Of the rank that needs most, as the measured peak is. */
function highestMb(prediction: Prediction | null): number | null {
  return prediction === null || prediction.peak_memory_mib.length === 0 ? null : Math.max(...prediction.peak_memory_mib) * MB_PER_MIB;
}

/** The column's title names the quality where all runs share it. */
function toTarget(targets: ReadonlySet<number>): string {
  const [only] = targets;
  return targets.size === 1 && only !== undefined ? `s to ${only.toFixed(2)} dB` : 's to target PSNR';
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}
