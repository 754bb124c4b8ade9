/** The curves and points of a figure: lines, markers, ranges of repetitions, colours of a third value and a level to stay below. Lengths are in points. */
import { type FigurePoint, hasWholeNumbers, isWithin, type PlottedFigure } from './figure';
import { AXIS, type Box, emptyText, type Foot, frame, gridLines, TEXT } from './plotArea';
import { seriesLook, shadeColour, shades } from './style';
import { coordinate, errorBar, strokeOf, svgLine, svgMarker, svgText } from './svgParts';
import { niceTicks, type Ticks, tickText } from './ticks';

export const MARKER_RADIUS = 2.3;
const CROSS_RADIUS = 3.6;

type Place = (value: number) => number;

/** Which part of the colour scale a shade is; the middle where all shades are alike. */
export function shadePart(points: readonly FigurePoint[]): { readonly low: number; readonly high: number; part(shade: number): number } {
  const values = points.flatMap(({ shade }) => shade ?? []);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { low, high, part: (shade) => (high > low ? (shade - low) / (high - low) : 0.5) };
}

export function drawCurves(figure: PlottedFigure, plot: Box, vertical: Ticks, fontPt: number): Foot {
  const { series, xTitle, kind, name } = figure;
  const points = series.flatMap((one) => one.points);
  const xs = points.flatMap(({ x, xRange }) => [Number(x), ...(xRange ?? [])]);
  const about = Math.max(2, Math.floor((plot.right - plot.left) / (fontPt * 5)));
  const range = xs.length === 0 ? [0, 1] : [Math.min(0, ...xs), Math.max(...xs)];
  const ticks = niceTicks(range[0] ?? 0, range[1] ?? 1, { about, wholeNumbers: hasWholeNumbers(name) });
  // Room on both sides keeps markers off the frame.
  const inset = MARKER_RADIUS + 2;
  const x: Place = (value) => plot.left + inset + ((value - ticks.low) / (ticks.high - ticks.low)) * (plot.right - plot.left - 2 * inset);
  const y: Place = (value) => plot.bottom - ((value - vertical.low) / (vertical.high - vertical.low)) * (plot.bottom - plot.top);
  const parts = [...gridLines(plot, vertical), frame(plot), ...horizontalAxis(ticks, x, xTitle, plot, fontPt)];
  const looks = series.map((one, index) => seriesLook(one, index, 'light'));
  const { part } = shadePart(points);
  series.forEach(({ points: own, joined = true, role }, index) => {
    const look = looks[index];
    if (look === undefined) return;
    for (const point of own) parts.push(...ranges(point, x, y, look.colour));
    if (own.length < 2 || !joined) return;
    const path = role === 'front' ? steps(own, x, y) : own.map((point) => `${coordinate(x(Number(point.x)))},${coordinate(y(point.y))}`);
    parts.push(`<polyline points="${path.join(' ')}" ${strokeOf(look, look.isThin ? 0.8 : 1.1)}/>`);
  });
  // Curves over time lie side by side; those over iterations would hide each other's markers.
  const turns = name.endsWith('-time') ? 1 : series.length;
  series.forEach(({ points: own, role }, index) => {
    const look = looks[index];
    if (look === undefined || !look.hasMarkers) return;
    own.forEach((point, position) => {
      if (kind === 'lines' && !hasMarker(position, index, turns, own.length)) return;
      const shaded = point.shade === undefined ? look : { ...look, colour: shadeColour(part(point.shade)) };
      const radius = role === 'out_of_memory' ? CROSS_RADIUS : point.shade === undefined ? MARKER_RADIUS : 1.3 * MARKER_RADIUS;
      const marker = svgMarker(x(Number(point.x)), y(point.y), radius, shaded);
      parts.push(isWithin(figure, point.y) ? marker : `<g opacity="0.35">${marker}</g>`);
    });
  });
  if (figure.limit !== undefined) parts.push(...limitLine(figure.limit, plot, y, fontPt));
  if (points.length === 0) parts.push(emptyText(plot, fontPt));
  return { parts, height: 4 + 2.8 * fontPt };
}

function horizontalAxis(ticks: Ticks, x: Place, title: string, plot: Box, fontPt: number): string[] {
  const middle = { size: fontPt, anchor: 'middle', colour: TEXT } as const;
  return [
    ...ticks.values.flatMap((value) => [
      svgLine(x(value), plot.bottom, x(value), plot.bottom + 2.5, AXIS, 0.7),
      svgText(x(value), plot.bottom + 3.5 + fontPt, tickText(value, ticks.step), middle),
    ]),
    svgText((plot.left + plot.right) / 2, plot.bottom + 4 + 2.4 * fontPt, title, middle),
  ];
}

function ranges({ x: value, y: median, xRange, yRange }: FigurePoint, x: Place, y: Place, colour: string): string[] {
  const [middleX, middleY] = [x(Number(value)), y(median)];
  return [
    ...(yRange === undefined ? [] : [errorBar(middleX, y(yRange[0]), middleX, y(yRange[1]), colour)]),
    ...(xRange === undefined ? [] : [errorBar(x(xRange[0]), middleY, x(xRange[1]), middleY, colour)]),
  ];
}

/** Between two runs of the front nothing better is known: the line goes on at the level of the left one. */
function steps(points: readonly FigurePoint[], x: Place, y: Place): string[] {
  return points.flatMap((point, index) => {
    const here = `${coordinate(x(Number(point.x)))},${coordinate(y(point.y))}`;
    const before = points[index - 1];
    return before === undefined ? [here] : [`${coordinate(x(Number(point.x)))},${coordinate(y(before.y))}`, here];
  });
}

function limitLine({ value, label }: { value: number; label: string }, plot: Box, y: Place, fontPt: number): string[] {
  const level = y(value);
  if (level < plot.top || level > plot.bottom) return [];
  const look = { colour: '#8A5300', dash: [7, 3] };
  return [
    `<polyline points="${coordinate(plot.left)},${coordinate(level)} ${coordinate(plot.right)},${coordinate(level)}" ${strokeOf(look, 1)}/>`,
    svgText(plot.right - 2, level - 2.5, label, { size: fontPt * 0.9, anchor: 'end', colour: look.colour }),
  ];
}

/** Curves over iterations often lie on each other; the series take turns in marking points, so that all stay visible. */
function hasMarker(position: number, series: number, seriesCount: number, pointCount: number): boolean {
  const turns = Math.max(1, Math.ceil(pointCount / 25), pointCount >= 2 * seriesCount ? seriesCount : 1);
  return position % turns === series % turns;
}

const BAR_WIDTH = 6;

/** Room that the scale of shades needs on the right. */
export function shadeScaleWidth(fontPt: number): number {
  return BAR_WIDTH + 5.6 * fontPt;
}

/** The scale of shades beside the plot, with its ends and its title. */
export function drawShadeScale(figure: PlottedFigure, plot: Box, fontPt: number): string[] {
  const { low, high } = shadePart(figure.series.flatMap(({ points }) => points));
  if (figure.shadeTitle === undefined || !Number.isFinite(low)) return [];
  const left = plot.right + 1.2 * fontPt;
  const stops = shades
    .map((colour, index) => `<stop offset="${coordinate(index / (shades.length - 1))}" stop-color="${colour}"/>`)
    .join('');
  const place = `x="${coordinate(left)}" y="${coordinate(plot.top)}" width="${BAR_WIDTH}" height="${coordinate(plot.bottom - plot.top)}"`;
  const text = { size: fontPt, colour: TEXT } as const;
  const middle = left + BAR_WIDTH + 4 * fontPt;
  const end = (value: number, y: number): string => svgText(left + BAR_WIDTH + 3, y, tickText(value, (high - low) / 100 || 0.01), text);
  return [
    `<defs><linearGradient id="shades" x1="0" y1="1" x2="0" y2="0">${stops}</linearGradient></defs>`,
    `<rect ${place} fill="url(#shades)"/>`,
    end(high, plot.top + 0.7 * fontPt),
    ...(high > low ? [end(low, plot.bottom)] : []),
    svgText(middle, (plot.top + plot.bottom) / 2, figure.shadeTitle, { ...text, anchor: 'middle', turn: -90 }),
  ];
}
