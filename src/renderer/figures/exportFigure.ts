/** Draws figures for paper, always light with sizes in mm and pt, and hands them to the program to be saved with their numbers. */
import { drawSvg } from '../../engine/figures/drawSvg';
import { figureCsv, type PlottedFigure } from '../../engine/figures/figure';
import { paperTableLatex, paperTableMarkdown } from '../../engine/results/paperTable';
import type { DrawnFigure } from '../../shared/contract';
import type { Drawing } from '../../shared/figures';
import type { RunDetail } from '../../shared/runs';
import { request } from '../api/client';

function drawn(figure: PlottedFigure, drawing: Drawing): DrawnFigure {
  return { name: figure.name, title: figure.title, svg: drawSvg(figure, drawing), csv: figureCsv(figure) };
}

/** The files written, or null when the dialog was closed. */
export async function exportFigure(figure: PlottedFigure, drawing: Drawing): Promise<readonly string[] | null> {
  const answer = await request('figures.save', { figure: drawn(figure, drawing), drawing });
  return answer?.files ?? null;
}

/** A paper's set: every figure that has numbers, and the table of `runs`. The folder written to, or null when the dialog was closed. */
export async function exportPaperSet(
  figures: readonly PlottedFigure[],
  runs: readonly RunDetail[],
  drawing: Drawing,
): Promise<string | null> {
  const answer = await request('figures.saveSet', {
    figures: figures.map((figure) => drawn(figure, drawing)),
    drawing,
    tables: { latex: paperTableLatex(runs), markdown: paperTableMarkdown(runs) },
  });
  return answer?.folder ?? null;
}
