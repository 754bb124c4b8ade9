/** Draws a figure as SVG text of an exact width: white ground, text as text, series told apart by colour, dash and marker. Numbers come from series.ts. */
import type { FigureSeries, PlottedFigure } from './series';
import { seriesStyle } from './style';
import { barPattern, coordinate, escapeXml, FONT_FAMILY, fitText, strokeOf, svgLine, svgMarker, svgText, textWidth } from './svgParts';
import { niceTicks, type Ticks, tickText } from './ticks';

export interface DrawOptions {
  /** One column of a journal is about 85 mm, two are about 175 mm. */
  readonly widthMm: number;
  /** Size of axis and legend text, points. */
  readonly fontPt?: number;
}

const POINTS_PER_MM = 72 / 25.4;
const TEXT = '#1F2328';
const FAINT_TEXT = '#57606A';
const AXIS = '#57606A';
const GRID = '#E4E7EB';
const MARKER_RADIUS = 2.3;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

interface LegendEntry {
  readonly label: string;
  readonly index: number;
}

/** Height follows from the width and the legend. Throws RangeError for a width below 20 mm. */
export function drawSvg(figure: PlottedFigure, { widthMm, fontPt = 8 }: DrawOptions): string {
  if (!(widthMm >= 20)) throw new RangeError(`A figure of ${widthMm} mm cannot be drawn.`);
  const width = widthMm * POINTS_PER_MM;
  const line = fontPt * 1.45;
  const { key, labels } = sharedKey(figure.series.map(({ label }) => label));
  const legend = figure.series.length < 2 ? [] : legendRows(labels, key, width - 2 * fontPt, fontPt);
  const legendTop = fontPt + 1.2 * line;
  const top = legendTop + legend.length * line + 0.6 * fontPt;
  const plotHeight = Math.min(Math.max(0.5 * width, 90), 320);
  const vertical = verticalTicks(figure, plotHeight, fontPt);
  const tickWidth = Math.max(...vertical.values.map((value) => textWidth(tickText(value, vertical.step), fontPt)));
  // A narrow figure keeps half its width for the plot, whatever its numbers look like.
  const left = Math.min(fontPt + line + tickWidth + 5, width / 2);
  const plot: Box = { left, right: width - 1.2 * fontPt, top, bottom: top + plotHeight };
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
    ...legend.flatMap((row, index) => drawLegendRow(row, legendTop + (index + 0.7) * line, fontPt, figure.kind)),
    ...drawVerticalAxis(figure.yTitle, plot, vertical, fontPt),
    ...foot.parts,
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

/**
 * "max_batch_size 4", "max_batch_size 2" need to name their parameter only once: key "max_batch_size", labels "4" and "2". Several parameters stay in
 * their order: key "num_projections, max_batch_size", labels "10, 4" and "10, 2". null where the labels do not name the same parameters.
 */
export function sharedKey(labels: readonly string[]): { key: string | null; labels: readonly string[] } {
  const parsed = labels.map((label) => label.split(', ').map((part) => /^(\w+) (.+)$/.exec(part)));
  const keysOf = (parts: readonly (RegExpExecArray | null)[]): string => parts.map((part) => part?.[1] ?? '').join(', ');
  const key = keysOf(parsed[0] ?? []);
  const isShared = labels.length > 1 && parsed.every((parts) => parts.every((part) => part !== null) && keysOf(parts) === key);
  return isShared ? { key, labels: parsed.map((parts) => parts.map((part) => part?.[2] ?? '').join(', ')) } : { key: null, labels };
}

function verticalTicks({ kind, name, series }: PlottedFigure, height: number, fontPt: number): Ticks {
  const about = Math.max(2, Math.floor(height / (fontPt * 3.4)));
  const heights =
    kind === 'bars' ? stackHeights(series).map(({ total }) => total) : series.flatMap(({ points }) => points.map(({ y }) => y));
  if (heights.length === 0) return niceTicks(0, 1, { about, roundEnds: true });
  // Amounts begin at zero; scores use the range they have.
  const low = kind === 'bars' || name === 'memory-batch' ? Math.min(0, ...heights) : Math.min(...heights);
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

function gridLines(plot: Box, ticks: Ticks): string[] {
  return ticks.values.map((value) => {
    const y = plot.bottom - ((value - ticks.low) / (ticks.high - ticks.low)) * (plot.bottom - plot.top);
    return svgLine(plot.left, y, plot.right, y, GRID, 0.6);
  });
}

interface Foot {
  readonly parts: readonly string[];
  /** Room needed below the plot. */
  readonly height: number;
}

function drawCurves({ series, xTitle, kind, name }: PlottedFigure, plot: Box, vertical: Ticks, fontPt: number): Foot {
  const xs = series.flatMap(({ points }) => points.map(({ x }) => Number(x)));
  const wholeNumbers = name === 'psnr-iteration' || name === 'ssim-iteration' || name === 'memory-batch';
  const about = Math.max(2, Math.floor((plot.right - plot.left) / (fontPt * 5)));
  const range = xs.length === 0 ? [0, 1] : [Math.min(0, ...xs), Math.max(...xs)];
  const ticks = niceTicks(range[0] ?? 0, range[1] ?? 1, { about, wholeNumbers });
  // Room on both sides keeps markers off the frame.
  const inset = MARKER_RADIUS + 2;
  const x = (value: number): number =>
    plot.left + inset + ((value - ticks.low) / (ticks.high - ticks.low)) * (plot.right - plot.left - 2 * inset);
  const y = (value: number): number => plot.bottom - ((value - vertical.low) / (vertical.high - vertical.low)) * (plot.bottom - plot.top);
  const parts = [...gridLines(plot, vertical), frame(plot)];
  for (const value of ticks.values) {
    parts.push(svgLine(x(value), plot.bottom, x(value), plot.bottom + 2.5, AXIS, 0.7));
    parts.push(
      svgText(x(value), plot.bottom + 3.5 + fontPt, tickText(value, ticks.step), { size: fontPt, anchor: 'middle', colour: TEXT }),
    );
  }
  parts.push(
    svgText((plot.left + plot.right) / 2, plot.bottom + 4 + 2.4 * fontPt, xTitle, { size: fontPt, anchor: 'middle', colour: TEXT }),
  );
  series.forEach(({ points }, index) => {
    const path = points.map((point) => `${coordinate(x(Number(point.x)))},${coordinate(y(point.y))}`).join(' ');
    if (points.length > 1) parts.push(`<polyline points="${path}" ${strokeOf(seriesStyle(index, 'light'), 1.1)}/>`);
  });
  series.forEach(({ points }, index) => {
    points.forEach((point, position) => {
      if (kind === 'lines' && !hasMarker(position, index, name === 'psnr-time' ? 1 : series.length, points.length)) return;
      parts.push(svgMarker(x(Number(point.x)), y(point.y), MARKER_RADIUS, seriesStyle(index, 'light')));
    });
  });
  if (xs.length === 0) parts.push(emptyText(plot, fontPt));
  return { parts, height: 4 + 2.8 * fontPt };
}

/** Curves over iterations often lie on each other; the series take turns in marking points, so that all stay visible. */
function hasMarker(position: number, series: number, seriesCount: number, pointCount: number): boolean {
  const turns = Math.max(1, Math.ceil(pointCount / 25), pointCount >= 2 * seriesCount ? seriesCount : 1);
  return position % turns === series % turns;
}

interface Stack {
  readonly label: string;
  readonly parts: readonly number[];
  readonly total: number;
}

function stackHeights(series: readonly FigureSeries[]): Stack[] {
  return (series[0]?.points ?? []).map((point, index) => {
    const parts = series.map(({ points }) => points[index]?.y ?? 0);
    return { label: String(point.x), parts, total: parts.reduce((sum, part) => sum + part, 0) };
  });
}

function drawBars(series: readonly FigureSeries[], plot: Box, vertical: Ticks, fontPt: number, xTitle: string): Foot {
  const stacks = stackHeights(series);
  const { key, labels } = sharedKey(stacks.map(({ label }) => label));
  const patterns = series.map((_, index) => barPattern(index, seriesStyle(index, 'light').colour));
  const definitions = patterns.map(({ definition }) => definition).join('');
  const slot = (plot.right - plot.left) / Math.max(1, stacks.length);
  const barWidth = Math.min(0.6 * slot, 46);
  const scale = (plot.bottom - plot.top) / (vertical.high - vertical.low);
  const parts = [`<defs>${definitions}</defs>`, ...gridLines(plot, vertical), frame(plot)];
  const lineHeight = 1.2 * fontPt;
  const lines = labels.map((label) => label.split(', '));
  const turned = lines.flat().some((text) => textWidth(text, fontPt) > slot - 3);
  let labelRoom = turned ? fontPt : lineHeight * Math.max(1, ...lines.map(({ length }) => length));
  stacks.forEach(({ parts: heights, total }, index) => {
    const centre = plot.left + (index + 0.5) * slot;
    let base = plot.bottom;
    heights.forEach((height, part) => {
      base -= height * scale;
      const place = `x="${coordinate(centre - barWidth / 2)}" y="${coordinate(base)}" width="${coordinate(barWidth)}" height="${coordinate(height * scale)}"`;
      parts.push(`<rect ${place} fill="${patterns[part]?.fill ?? TEXT}"/>`);
    });
    parts.push(svgText(centre, base - 2.5, totalText(total), { size: fontPt * 0.9, anchor: 'middle', colour: TEXT }));
    if (turned) {
      // Turned text reaches to the left; it must not leave the drawing there.
      const label = fitText(labels[index] ?? '', fontPt, Math.min(110, centre / Math.cos(Math.PI / 6)));
      labelRoom = Math.max(labelRoom, textWidth(label, fontPt) * Math.sin(Math.PI / 6) + fontPt);
      parts.push(svgText(centre + fontPt * 0.4, plot.bottom + 3 + fontPt, label, { size: fontPt, anchor: 'end', colour: TEXT, turn: -30 }));
      return;
    }
    lines[index]?.forEach((text, row) => {
      const y = plot.bottom + 3.5 + fontPt + row * lineHeight;
      parts.push(svgText(centre, y, text, { size: fontPt, anchor: 'middle', colour: TEXT }));
    });
  });
  const title = key ?? xTitle;
  if (title !== '') {
    // A list of parameters may be wider than the plot; the drawing's middle gives it the most room.
    const width = plot.right + fontPt;
    const middle = textWidth(title, fontPt) > plot.right - plot.left ? width / 2 : (plot.left + plot.right) / 2;
    const y = plot.bottom + 4 + labelRoom + 1.4 * fontPt;
    parts.push(svgText(middle, y, fitText(title, fontPt, width - fontPt), { size: fontPt, anchor: 'middle', colour: TEXT }));
  }
  if (stacks.length === 0) parts.push(emptyText(plot, fontPt));
  return { parts, height: 4 + labelRoom + (title === '' ? 0.4 : 1.8) * fontPt };
}

/** Three figures are what a timing is good for. */
function totalText(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function frame({ left, right, top, bottom }: Box): string {
  return `<path d="M${coordinate(left)} ${coordinate(top)} V${coordinate(bottom)} H${coordinate(right)}" fill="none" stroke="${AXIS}" stroke-width="0.8"/>`;
}

function emptyText(plot: Box, fontPt: number): string {
  return svgText((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2, 'No values to draw', {
    size: fontPt,
    anchor: 'middle',
    colour: FAINT_TEXT,
  });
}

const SAMPLE_WIDTH = 20;

function legendRows(labels: readonly string[], key: string | null, width: number, fontPt: number): LegendEntry[][] {
  const entries = [...(key === null ? [] : [{ label: `${key}:`, index: -1 }]), ...labels.map((label, index) => ({ label, index }))];
  const rows: LegendEntry[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const { label, index } of entries) {
    const fitted = fitText(label, fontPt, index < 0 ? width : width - SAMPLE_WIDTH - 4);
    const needed = entryWidth({ label: fitted, index }, fontPt);
    if (used + needed > width + fontPt) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push({ label: fitted, index });
    used += needed;
  }
  return rows;
}

function entryWidth({ label, index }: LegendEntry, fontPt: number): number {
  return (index < 0 ? 0 : SAMPLE_WIDTH + 4) + textWidth(label, fontPt) + fontPt;
}

function drawLegendRow(row: readonly LegendEntry[], baseline: number, fontPt: number, kind: PlottedFigure['kind']): string[] {
  let x = fontPt;
  return row.flatMap((entry) => {
    const start = x;
    x += entryWidth(entry, fontPt);
    if (entry.index < 0) return [svgText(start, baseline, entry.label, { size: fontPt, colour: FAINT_TEXT })];
    const style = seriesStyle(entry.index, 'light');
    const middle = baseline - fontPt * 0.36;
    const fill = barPattern(entry.index, style.colour).fill;
    const sample =
      kind === 'bars'
        ? [`<rect x="${coordinate(start)}" y="${coordinate(middle - 4)}" width="${SAMPLE_WIDTH}" height="8" fill="${fill}"/>`]
        : [
            `<polyline points="${coordinate(start)},${coordinate(middle)} ${coordinate(start + SAMPLE_WIDTH)},${coordinate(middle)}" ${strokeOf(style, 1.1)}/>`,
            svgMarker(start + SAMPLE_WIDTH / 2, middle, MARKER_RADIUS, style),
          ];
    return [...sample, svgText(start + SAMPLE_WIDTH + 4, baseline, entry.label, { size: fontPt, colour: TEXT })];
  });
}
