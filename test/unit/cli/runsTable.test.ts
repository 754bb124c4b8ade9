// The table of `run`: what was predicted stands beside what was measured, and only where something was.
import { describe, expect, it } from 'vitest';
import { runsTable } from '../../../src/cli/runsTable';
import { runDetail } from '../../fixtures/records';

/** Cells of the table by line, the rule under the titles left out. */
function cells(text: string): string[][] {
  const [head = '', , ...lines] = text.split('\n');
  return [head, ...lines].map((line) => line.trim().split(/ {2,}/));
}

const measured = { iterations_done: 10, time_sec: 20, peak_memory_mb: 1000 };
const prediction = {
  peak_memory_mib: [900, 1000],
  seconds_per_iteration: 2.5,
  gradient_sec: 1,
  denoise_sec: 1.5,
  total_sec: 25,
  basis: 'measured' as const,
};

describe('runsTable', () => {
  it('puts the prediction of the rank that needs most beside time and memory, in the unit of the measurement', () => {
    const [titles, first, second] = cells(
      runsTable([runDetail('a', 0, { ...measured, prediction }), runDetail('b', 0, measured)], '/workspace'),
    );
    expect(titles?.slice(-6)).toEqual(['s/iteration', 'predicted', 'total (s)', 'predicted', 'peak memory (MB)', 'predicted']);
    expect(first?.slice(-6)).toEqual(['2.00', '2.50', '20.00', '25.00', '1000', '1049']);
    expect(second?.slice(-6)).toEqual(['2.00', '-', '20.00', '-', '1000', '-']);
  });

  it('has no empty columns where nothing was predicted', () => {
    const [titles] = cells(runsTable([runDetail('a', 0, measured)], '/workspace'));
    expect(titles).not.toContain('predicted');
  });
});
