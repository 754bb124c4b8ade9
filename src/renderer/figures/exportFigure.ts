/** Draws a figure for paper, always light with sizes in pt, and hands it to the program to be saved with its numbers. */
import plotly from 'plotly.js/dist/plotly-cartesian.min';
import { figureCsv, type PlottedFigure } from '../../engine/figures/series';
import { request } from '../api/client';
import { type FigureLook, figureSpec } from './spec';

const pxPerPt = 96 / 72;
const pxPerMm = 96 / 25.4;
/** One and a half columns of a journal page. */
const widthMm = 140;
const heightMm = 90;
const pngDotsPerInch = 300;

const paperLook: FigureLook = {
  theme: 'light',
  fontFamily: 'Arial, Helvetica, sans-serif',
  fontSize: 8 * pxPerPt,
  lineWidth: 1 * pxPerPt,
  markerSize: 4 * pxPerPt,
  legend: true,
  title: false,
};

/** The files written, or null when the dialog was closed. */
export async function exportFigure(figure: PlottedFigure, format: 'svg' | 'png'): Promise<readonly string[] | null> {
  const { data, layout } = figureSpec(figure, paperLook);
  const image = await plotly.toImage(
    { data, layout: { ...layout, paper_bgcolor: '#ffffff', plot_bgcolor: '#ffffff' } },
    {
      format,
      width: Math.round(widthMm * pxPerMm),
      height: Math.round(heightMm * pxPerMm),
      ...(format === 'png' ? { scale: pngDotsPerInch / 96 } : {}),
    },
  );
  const content = format === 'svg' ? svgInMillimetres(decodeURIComponent(afterComma(image))) : image;
  const answer = await request('figures.save', { name: figure.name, format, content, csv: figureCsv(figure) });
  return answer?.files ?? null;
}

function afterComma(address: string): string {
  return address.slice(address.indexOf(',') + 1);
}

/** Gives the SVG its size on paper; its view box, and with it every pt, stays. */
export function svgInMillimetres(svg: string): string {
  return svg.replace(/<svg [^>]*>/, (tag) =>
    tag.replace(/ width="[^"]*"/, ` width="${widthMm}mm"`).replace(/ height="[^"]*"/, ` height="${heightMm}mm"`),
  );
}
