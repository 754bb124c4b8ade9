/** Draws a figure as SVG text of an exact width: white ground, text as text, series told apart by colour, dash and marker. Numbers come from series.ts. */
import { drawBars, stackHeights } from './drawBars';
import { drawCurves, drawShadeScale, shadeScaleWidth } from './drawCurves';
import { beginsAtZero, type PlottedFigure } from './figure';
import { drawLegendRow, legendRows } from './legend';
import { type Box, FAINT_TEXT, TEXT } from './plotArea';
import { coordinate, escapeXml, FONT_FAMILY, fitText, svgText, textWidth } from './svgParts';
import { niceTicks, type Ticks, tickText } from './ticks';

export interface DrawOptions {
  /** One column of a journal is about 85 mm, two are about 175 mm. */
  readonly widthMm: number;
  /** Size of axis and legend text, points. */
  readonly fontPt?: number;
}

const POINTS_PER_MM = 72 / 25.4;

/** Height follows from the width and the legend. Throws RangeError for a width below 20 mm. */
export function drawSvg(figure: PlottedFigure, { widthMm, fontPt = 8 }: DrawOptions): string {
  if (!(widthMm >= 20)) throw new RangeError(`A figure of ${widthMm} mm cannot be drawn.`);
  const width = widthMm * POINTS_PER_MM;
  const line = fontPt * 1.45;
  const legend = legendRows(figure.series, width - 2 * fontPt, fontPt);
  const legendTop = fontPt + 1.2 * line;
  const top = legendTop + legend.length * line + 0.6 * fontPt;
  const plotHeight = Math.min(Math.max(0.5 * width, 90), 320);
  const vertical = verticalTicks(figure, plotHeight, fontPt);
  const tickWidth = Math.max(...vertical.values.map((value) => textWidth(tickText(value, vertical.step), fontPt)));
  // A narrow figure keeps half its width for the plot, whatever its numbers look like.
  const left = Math.min(fontPt + line + tickWidth + 5, width / 2);
  const scaleRoom = figure.shadeTitle === undefined ? 0 : shadeScaleWidth(fontPt);
  const plot: Box = { left, right: Math.max(left + 20, width - 1.2 * fontPt - scaleRoom), top, bottom: top + plotHeight };
  const foot =
    figure.kind === 'bars' ? drawBars(figure.series, plot, vertical, fontPt, figure.xTitle) : drawCurves(figure, plot, vertical, fontPt);
  const noteRoom = figure.note === null ? 0 : line;
  const height = plot.bottom + foot.height + noteRoom + 0.7 * fontPt;
  const size = `width="${widthMm}mm" height="${coordinate(height / POINTS_PER_MM)}mm" viewBox="0 0 ${coordinate(width)} ${coordinate(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FONT_FAMILY}">`,
    `<title>${escapeXml(figure.title)}</title>`,
    `<rect width="100%" height="100%" fill="#FFFFFF"/>`,
    svgText(fontPt, fontPt + 0.75 * line, fitText(figure.title, fontPt * 1.15, width - 2 * fontPt), {
      size: fontPt * 1.15,
      bold: true,
      colour: TEXT,
    }),
    ...legend.flatMap((row, index) => drawLegendRow(row, legendTop + (index + 0.7) * line, fontPt, figure)),
    ...drawVerticalAxis(figure.yTitle, plot, vertical, fontPt),
    ...foot.parts,
    ...drawShadeScale(figure, plot, fontPt),
    ...(figure.note === null
      ? []
      : [
          svgText(fontPt, height - 0.7 * fontPt, fitText(figure.note, fontPt * 0.85, width - 2 * fontPt), {
            size: fontPt * 0.85,
            colour: FAINT_TEXT,
          }),
        ]),
    '</svg>',
    '',
  ].join('\n');
}

function verticalTicks(figure: PlottedFigure, height: number, fontPt: number): Ticks {
  const about = Math.max(2, Math.floor(height / (fontPt * 3.4)));
  const { kind, series, limit } = figure;
  const heights =
    kind === 'bars'
      ? stackHeights(series).flatMap(({ total, range }) => [total, ...(range ?? [])])
      : series.flatMap(({ points }) => points.flatMap(({ y, yRange }) => [y, ...(yRange ?? [])]));
  if (heights.length === 0) return niceTicks(0, 1, { about, roundEnds: true });
  if (limit !== undefined) heights.push(limit.value);
  // Amounts begin at zero; scores use the range they have.
  const low = beginsAtZero(figure) ? Math.min(0, ...heights) : Math.min(...heights);
  return niceTicks(low, Math.max(...heights), { about, roundEnds: true });
}

function drawVerticalAxis(title: string, plot: Box, ticks: Ticks, fontPt: number): string[] {
  const y = (value: number): number => plot.bottom - ((value - ticks.low) / (ticks.high - ticks.low)) * (plot.bottom - plot.top);
  return [
    svgText(fontPt + 0.6 * fontPt, (plot.top + plot.bottom) / 2, title, { size: fontPt, anchor: 'middle', colour: TEXT, turn: -90 }),
    ...ticks.values.map((value) =>
      svgText(plot.left - 4, y(value) + fontPt * 0.36, tickText(value, ticks.step), { size: fontPt, anchor: 'end', colour: TEXT }),
    ),
  ];
}
