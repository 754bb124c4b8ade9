/** Small pieces of SVG: text, markers, fill patterns; where they go is drawSvg's. All lengths are in points (1/72 inch). */
import type { SeriesStyle } from './style';

export const FONT_FAMILY = 'Inter, Helvetica, Arial, sans-serif';

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Two decimals of a point are below a hundredth of a millimetre. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export interface TextOptions {
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly colour: string;
  /** Degrees, clockwise, about the position. */
  readonly turn?: number;
}

export function svgText(
  x: number,
  y: number,
  text: string,
  { size, anchor = 'start', bold = false, colour, turn = 0 }: TextOptions,
): string {
  const transform = turn === 0 ? '' : ` transform="rotate(${turn} ${coordinate(x)} ${coordinate(y)})"`;
  const weight = bold ? ' font-weight="600"' : '';
  return `<text x="${coordinate(x)}" y="${coordinate(y)}" font-size="${size}" text-anchor="${anchor}"${weight} fill="${colour}"${transform}>${escapeXml(text)}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, colour: string, width: number): string {
  return `<line x1="${coordinate(x1)}" y1="${coordinate(y1)}" x2="${coordinate(x2)}" y2="${coordinate(y2)}" stroke="${colour}" stroke-width="${width}"/>`;
}

/** A line between the ends of a range with a short bar across each end. It is horizontal or vertical. */
export function errorBar(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  const half = 1.8;
  const [dx, dy] = x1 === x2 ? [half, 0] : [0, half];
  const end = (x: number, y: number): string => `M${coordinate(x - dx)} ${coordinate(y - dy)}L${coordinate(x + dx)} ${coordinate(y + dy)}`;
  const line = `M${coordinate(x1)} ${coordinate(y1)}L${coordinate(x2)} ${coordinate(y2)}`;
  return `<path d="${line}${end(x1, y1)}${end(x2, y2)}" stroke="${colour}" stroke-width="0.7" fill="none"/>`;
}

/** Widths of Inter in units of the font size, by kind of character: near enough to leave room by. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    if (/[ilj.,:;'|!]/.test(character)) width += 0.29;
    else if (/[\s()[\]ftr/]/.test(character)) width += 0.37;
    else if (/[mwMW%@]/.test(character)) width += 0.9;
    else if (/[A-Z]/.test(character)) width += 0.7;
    else width += 0.62;
  }
  return width * size;
}

/** `text` cut to `width` with an ellipsis where it is longer. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  let kept = text;
  while (kept.length > 1 && textWidth(`${kept}\u2026`, size) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}\u2026`;
}

/** Lines of a text that is broken after spaces and underscores; the first is shorter where a mark stands before it. What does not fit the last line is cut. */
export function wrapText(text: string, size: number, firstWidth: number, width: number, linesAtMost: number): string[] {
  const pieces = text.match(/[^ _]+[ _]*/g) ?? [text];
  const lines = [''];
  const room = (): number => (lines.length === 1 ? firstWidth : width);
  for (const piece of pieces) {
    const line = lines.at(-1) ?? '';
    const fits = textWidth((line + piece).trimEnd(), size) <= room();
    if (fits || (line === '' && lines.length > 1) || lines.length === linesAtMost) lines[lines.length - 1] = line + piece;
    else lines.push(piece);
  }
  return lines.map((line, index) => fitText(line.trimEnd(), size, index === 0 ? firstWidth : width));
}

/** Corners of the markers in a square from -1 to 1, y downwards. */
const corners: Readonly<Record<Exclude<SeriesStyle['marker'], 'circle'>, readonly (readonly [number, number])[]>> = {
  square: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  diamond: [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  'triangle-up': [
    [0, -1.1],
    [1.05, 0.8],
    [-1.05, 0.8],
  ],
  'triangle-down': [
    [0, 1.1],
    [1.05, -0.8],
    [-1.05, -0.8],
  ],
  cross: plus(0),
  x: plus(Math.PI / 4),
  star: Array.from({ length: 10 }, (_, index): [number, number] => {
    const radius = index % 2 === 0 ? 1.25 : 0.55;
    const angle = (index * Math.PI) / 5 - Math.PI / 2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  }),
};

function plus(turn: number): [number, number][] {
  const [a, b] = [0.35, 1.1];
  const outline: [number, number][] = [
    [-a, -b],
    [a, -b],
    [a, -a],
    [b, -a],
    [b, a],
    [a, a],
    [a, b],
    [-a, b],
    [-a, a],
    [-b, a],
    [-b, -a],
    [-a, -a],
  ];
  return outline.map(([x, y]) => [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)]);
}

interface MarkerLook extends Pick<SeriesStyle, 'marker' | 'colour'> {
  readonly hollow?: boolean;
}

/** A marker of about 2 * radius across with a thin white edge, so that it stands out from the lines. */
export function svgMarker(x: number, y: number, radius: number, { marker, colour, hollow = false }: MarkerLook): string {
  const paint = hollow ? `fill="#FFFFFF" stroke="${colour}" stroke-width="0.9"` : `fill="${colour}" stroke="#FFFFFF" stroke-width="0.4"`;
  if (marker === 'circle') return `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="${coordinate(radius)}" ${paint}/>`;
  const points = corners[marker].map(([dx, dy]) => `${coordinate(x + dx * radius)},${coordinate(y + dy * radius)}`).join(' ');
  return `<polygon points="${points}" ${paint}/>`;
}

/** Fill of the n-th part of a stacked bar: plain, striped or dotted, so that parts differ without colour too. */
export function barPattern(index: number, colour: string): { readonly definition: string; readonly fill: string } {
  const id = `fill-${index}`;
  const base = `<rect width="5" height="5" fill="${colour}"/>`;
  const overlays = [
    '',
    '<path d="M-1 6 L6 -1" stroke="#FFFFFF" stroke-opacity="0.65" stroke-width="0.9"/>',
    '<circle cx="2.5" cy="2.5" r="0.9" fill="#FFFFFF" fill-opacity="0.8"/>',
  ];
  const overlay = overlays[index % overlays.length] ?? '';
  if (overlay === '') return { definition: '', fill: colour };
  const definition = `<pattern id="${id}" width="5" height="5" patternUnits="userSpaceOnUse">${base}${overlay}</pattern>`;
  return { definition, fill: `url(#${id})` };
}

/** Stroke attributes of a series' line. */
export function strokeOf({ colour, dash }: Pick<SeriesStyle, 'colour' | 'dash'>, width: number): string {
  // The styles' dashes are in px at 96 dpi.
  const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.map((length) => coordinate(length * 0.75)).join(' ')}"`;
  return `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashes}`;
}
