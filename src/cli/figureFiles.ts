/** Writes a figure of recorded runs: the drawing and, beside it, the numbers as CSV. */
import { drawSvg } from '../engine/figures/drawSvg';
import { type FigureData, type FigureName, figureCsv } from '../engine/figures/figure';
import { figureData } from '../engine/figures/series';
import { drawingBytes } from '../main/figures/drawing';
import { writeFileWhole } from '../main/processes/writeFileWhole';
import type { Drawing } from '../shared/figures';
import type { RunDetail } from '../shared/runs';
import { outputFile } from './files';
import type { VerbContext } from './verb';

const chart = { widthMm: 120, fontPt: 8, dpi: 200 };

/** SVG, PNG and CSV called `base`; answers the files written, none where the runs hold no values for this figure. */
export async function writeFigure(name: FigureName, runs: readonly RunDetail[], base: string, context: VerbContext): Promise<string[]> {
  const figure = figureData(name, runs);
  if (figure.series.length === 0) return [];
  const draw = async (format: 'svg' | 'png'): Promise<string> =>
    writeDrawing(figure, await outputFile(`${base}.${format}`), { ...chart, format }, context);
  return [await draw('svg'), await draw('png'), await writeNumbers(figure, `${base}.csv`)];
}

export async function writeDrawing(figure: FigureData, path: string, drawing: Drawing, { session }: VerbContext): Promise<string> {
  const svg = drawSvg(figure, drawing);
  await writeFileWhole(path, await drawingBytes(svg, figure.title, drawing, session.folders.root));
  return path;
}

export async function writeNumbers(figure: FigureData, path: string): Promise<string> {
  await writeFileWhole(path, figureCsv(figure));
  return path;
}
