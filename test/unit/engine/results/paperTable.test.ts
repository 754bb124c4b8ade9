/** The table of a paper: one line a run, in LaTeX and Markdown that stay valid whatever the labels hold. */
import { expect, it } from 'vitest';
import { paperTableLatex, paperTableMarkdown } from '../../../../src/engine/results/paperTable';
import { makeIteration, makeRow, makeRun, withIterations } from '../../renderer/runs';

const runs = [
  withIterations(makeRun('a', makeRow(0, 4), { peak_memory_mb: 1048.576 }), [
    makeIteration(0, 20),
    makeIteration(1, 22, 2),
    makeIteration(2, 23.456, 3),
  ]),
  withIterations(makeRun('b', makeRow(1, 2), { status: 'out_of_memory', initial_psnr: null }), []),
];

it('has the start, the end, the median time and the memory of each run', () => {
  expect(paperTableMarkdown(runs).trim().split('\n')).toEqual([
    '| Run | Start (dB) | PSNR (dB) | SSIM | Time per iteration (s) | Peak memory (MiB) |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    '| max_batch_size 4 | 20.00 | 23.46 | 0.4691 | 2.50 | 1000 |',
    '| max_batch_size 2 (out of memory) | \u2013 | \u2013 | \u2013 | \u2013 | \u2013 |',
  ]);
});

it('escapes what LaTeX would read as a command', () => {
  const latex = paperTableLatex(runs);
  expect(latex).toContain('max\\_batch\\_size 4 & 20.00 & 23.46 & 0.4691 & 2.50 & 1000 \\\\');
  expect(latex).toContain('max\\_batch\\_size 2 (out of memory) & -- &');
  const hostile = withIterations(makeRun('c', { ...makeRow(0, 4), solver: { ...makeRow(0, 4).solver, name_prefix: '50%_$x^2\\&|' } }), []);
  const [line] = paperTableLatex([hostile, runs[1]!]).split('\n').slice(5);
  expect(line).toContain('50\\%\\_\\$x\\textasciicircum{}2\\textbackslash{}\\&|');
  expect(paperTableMarkdown([hostile, runs[1]!])).toContain('\\&\\|');
});
