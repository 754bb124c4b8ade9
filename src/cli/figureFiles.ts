/** Writes a figure of recorded runs: the drawing and, beside it, the numbers as CSV. */
import { drawSvg } from '../engine/figures/drawSvg';
import { type FigureData, type FigureName, figureCsv, figureData } from '../engine/figures/series';
import { writeFileWhole } from '../main/processes/writeFileWhole';
import type { RunDetail } from '../shared/runs';
import { outputFile } from './files';
import { svgToPng } from './png';
import type { VerbContext } from './verb';

const CHART_WIDTH_MM = 120;
const CHART_DPI = 200;

/** SVG, PNG and CSV called `base`; answers the files written, none where the runs hold no values for this figure. */
export async function writeFigure(name: FigureName, runs: readonly RunDetail[], base: string, context: VerbContext): Promise<string[]> {
  const figure = figureData(name, runs);
  if (figure.series.length === 0) return [];
  const svg = await writeDrawing(
    figure,
    await outputFile(`${base}.svg`),
    { format: 'svg', widthMm: CHART_WIDTH_MM, dpi: CHART_DPI },
    context,
  );
  const png = await writeDrawing(
    figure,
    await outputFile(`${base}.png`),
    { format: 'png', widthMm: CHART_WIDTH_MM, dpi: CHART_DPI },
    context,
  );
  return [svg, png, await writeNumbers(figure, `${base}.csv`)];
}

export interface Drawing {
  readonly format: 'svg' | 'png';
  readonly widthMm: number;
  readonly dpi: number;
}

export async function writeDrawing(
  figure: FigureData,
  path: string,
  { format, widthMm, dpi }: Drawing,
  { session }: VerbContext,
): Promise<string> {
  const svg = drawSvg(figure, { widthMm });
  await writeFileWhole(path, format === 'svg' ? svg : await svgToPng(svg, widthMm, dpi, session.folders.root));
  return path;
}

export async function writeNumbers(figure: FigureData, path: string): Promise<string> {
  await writeFileWhole(path, figureCsv(figure));
  return path;
}
