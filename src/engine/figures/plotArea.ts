/** The area that a figure's values are drawn in: its place, frame, grid and inks. All lengths are in points. */
import { coordinate, svgLine, svgText } from './svgParts';
import type { Ticks } from './ticks';

export const TEXT = '#1F2328';
export const FAINT_TEXT = '#57606A';
export const AXIS = '#57606A';
const GRID = '#E4E7EB';

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What was drawn, and the room it needs below the plot. */
export interface Foot {
  readonly parts: readonly string[];
  readonly height: number;
}

export function gridLines(plot: Box, ticks: Ticks): string[] {
  return ticks.values.map((value) => {
    const y = plot.bottom - ((value - ticks.low) / (ticks.high - ticks.low)) * (plot.bottom - plot.top);
    return svgLine(plot.left, y, plot.right, y, GRID, 0.6);
  });
}

export function frame({ left, right, top, bottom }: Box): string {
  return `<path d="M${coordinate(left)} ${coordinate(top)} V${coordinate(bottom)} H${coordinate(right)}" fill="none" stroke="${AXIS}" stroke-width="0.8"/>`;
}

export function emptyText(plot: Box, fontPt: number): string {
  return svgText((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2, 'No values to draw', {
    size: fontPt,
    anchor: 'middle',
    colour: FAINT_TEXT,
  });
}
