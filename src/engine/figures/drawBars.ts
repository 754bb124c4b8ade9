/** The bars of a figure: parts standing on each other over a label, with their total and, where a row was repeated, its range. */
import type { FigureSeries, Interval } from './figure';
import { barLabels } from './legend';
import { type Box, emptyText, type Foot, frame, gridLines, TEXT } from './plotArea';
import { seriesStyle } from './style';
import { barPattern, coordinate, errorBar, fitText, svgText, textWidth } from './svgParts';
import type { Ticks } from './ticks';

interface Stack {
  readonly label: string;
  readonly range: Interval | undefined;
  readonly parts: readonly number[];
  readonly total: number;
}

/** The parts of each bar with their sum; the last part carries the range of the whole bar. */
export function stackHeights(series: readonly FigureSeries[]): Stack[] {
  return (series[0]?.points ?? []).map((point, index) => {
    const parts = series.map(({ points }) => points[index]?.y ?? 0);
    const range = series.at(-1)?.points[index]?.yRange;
    return { label: String(point.x), range, parts, total: parts.reduce((sum, part) => sum + part, 0) };
  });
}

export function drawBars(series: readonly FigureSeries[], plot: Box, vertical: Ticks, fontPt: number, xTitle: string): Foot {
  const stacks = stackHeights(series);
  const { title: shared, labels } = barLabels(stacks.map(({ label }) => label));
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
  stacks.forEach(({ parts: heights, total, range }, index) => {
    const centre = plot.left + (index + 0.5) * slot;
    let base = plot.bottom;
    heights.forEach((height, part) => {
      base -= height * scale;
      const place = `x="${coordinate(centre - barWidth / 2)}" y="${coordinate(base)}" width="${coordinate(barWidth)}" height="${coordinate(height * scale)}"`;
      parts.push(`<rect ${place} fill="${patterns[part]?.fill ?? TEXT}"/>`);
    });
    const [top, end] = range === undefined ? [base, base] : [plot.bottom - range[1] * scale, plot.bottom - range[0] * scale];
    if (range !== undefined) parts.push(errorBar(centre, top, centre, end, TEXT));
    parts.push(svgText(centre, Math.min(base, top) - 2.5, totalText(total), { size: fontPt * 0.9, anchor: 'middle', colour: TEXT }));
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
  const title = shared ?? xTitle;
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
