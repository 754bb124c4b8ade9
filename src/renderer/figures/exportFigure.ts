/** Draws figures for paper, always light with sizes in mm and pt, and hands them to the program to be saved with their numbers. */
import { drawSvg } from '../../engine/figures/drawSvg';
import { figureCsv } from '../../engine/figures/figure';
import { drawPanels, type PaperFigure, panelsCsv } from '../../engine/figures/slicePanels';
import { paperTableLatex, paperTableMarkdown } from '../../engine/results/paperTable';
import type { DrawnFigure } from '../../shared/contract';
import type { Drawing } from '../../shared/figures';
import type { RunDetail } from '../../shared/runs';
import { request } from '../api/client';

/** The figure as it goes to paper, and as it is shown before. */
export function paperSvg(figure: PaperFigure, drawing: Pick<Drawing, 'widthMm' | 'fontPt'>): string {
  return figure.kind === 'panels' ? drawPanels(figure, drawing) : drawSvg(figure, drawing);
}

function drawn(figure: PaperFigure, drawing: Drawing): DrawnFigure {
  const csv = figure.kind === 'panels' ? panelsCsv(figure) : figureCsv(figure);
  return { name: figure.name, title: figure.title, svg: paperSvg(figure, drawing), csv };
}

/** The files written, or null when the dialog was closed. */
export async function exportFigure(figure: PaperFigure, drawing: Drawing): Promise<readonly string[] | null> {
  const answer = await request('figures.save', { figure: drawn(figure, drawing), drawing });
  return answer?.files ?? null;
}

/** A paper's set: every figure that has numbers, and the table of `runs`. The folder written to, or null when the dialog was closed. */
export async function exportPaperSet(
  figures: readonly PaperFigure[],
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
