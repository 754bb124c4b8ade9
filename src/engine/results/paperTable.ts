/** The results of a paper's table: a line for each run, as LaTeX (booktabs) and as Markdown. Pure; writing files is left to the caller. */
import type { RunDetail } from '../../shared/runs';
import { distinguishingLabels } from '../figures/labels';
import { median } from '../figures/repeated';

const headings = ['Run', 'Start (dB)', 'PSNR (dB)', 'SSIM', 'Time per iteration (s)', 'Peak memory (MiB)'] as const;

/** What is not known is a dash. Median of the iterations after the start; memory of the largest rank. */
function tableRows(runs: readonly RunDetail[]): string[][] {
  const labels = distinguishingLabels(runs.map(({ row, repetition, id }) => ({ row, repetition, id })));
  return runs.map((run, index) => {
    const times = run.iterations.filter(({ iteration }) => iteration > 0).map(({ iteration_time_sec }) => iteration_time_sec);
    const label = labels[index] ?? run.label;
    return [
      run.status === 'done' ? label : `${label} (${run.status.replaceAll('_', ' ')})`,
      number(run.initial_psnr, 2),
      number(run.iterations.at(-1)?.psnr ?? null, 2),
      number(run.iterations.at(-1)?.ssim ?? null, 4),
      number(times.length === 0 ? null : median(times), 2),
      number(run.peak_memory_mb === null ? null : (run.peak_memory_mb * 1e6) / 2 ** 20, 0),
    ];
  });
}

function number(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? '\u2013' : value.toFixed(digits);
}

export function paperTableMarkdown(runs: readonly RunDetail[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(headings), line(headings.map((_, index) => (index === 0 ? '---' : '---:'))), ...tableRows(runs).map(line)].join('\n')}\n`;
}

/** A tabular environment for \usepackage{booktabs}. */
export function paperTableLatex(runs: readonly RunDetail[]): string {
  const line = (cells: readonly string[]): string => `${cells.map(latexText).join(' & ')} \\\\`;
  return [
    '% needs \\usepackage{booktabs}',
    `\\begin{tabular}{l${'r'.repeat(headings.length - 1)}}`,
    '\\toprule',
    line(headings),
    '\\midrule',
    ...tableRows(runs).map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

const latexCharacters: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '\u2013': '--',
};

function latexText(text: string): string {
  return text.replaceAll(/[\\~^\u2013&%$#_{}]/g, (character) => latexCharacters[character] ?? `\\${character}`);
}
