/** Draws slices as the panels (a), (b), (c) of a figure, as SVG text of an exact width: label, image, scale bar, and a colour bar under panels that share one. Lengths are in points. */
import { csvLine, type PlottedFigure } from './figure';
import { TEXT } from './plotArea';
import { scaleBarMm } from './scanSchematic';
import { coordinate, escapeXml, FONT_FAMILY, svgText, wrapText } from './svgParts';

export interface SlicePanel {
  /** What tells it from the others, and where the slice lies in its volume, e.g. "Axial, z 51 of 100". */
  readonly label: string;
  readonly slice: string;
  /** The slice as it is seen, a PNG as a data URI. Its pixels may be more than the voxels. */
  readonly image: string;
  readonly rows: number;
  readonly columns: number;
  readonly voxelSizeMm: number;
  /** Values at the ends of the colour bar, what they are, and colours from one end to the other, #rrggbb. */
  readonly low: number;
  readonly high: number;
  readonly valueTitle: string;
  readonly colours: readonly string[];
  /** Of the slice's values; for the numbers beside the figure. */
  readonly statistics: { readonly mean: number; readonly standardDeviation: number; readonly minimum: number; readonly maximum: number };
}

export interface PanelsFigure {
  readonly kind: 'panels';
  readonly name: string;
  readonly title: string;
  /** From top to bottom; null leaves a place empty. Each row has as many places. */
  readonly rows: readonly (readonly (SlicePanel | null)[])[];
}

/** What can be put on paper. */
export type PaperFigure = PlottedFigure | PanelsFigure;

const POINTS_PER_MM = 72 / 25.4;
const GAP = 4;

interface Placed {
  readonly panel: SlicePanel;
  readonly left: number;
}

/** Names of narrow panels are broken into lines. */
const labelLines = 3;

/** Height follows from the width. Throws RangeError for a width below 20 mm. */
export function drawPanels({ title, rows }: PanelsFigure, { widthMm, fontPt = 8 }: { widthMm: number; fontPt?: number }): string {
  if (!(widthMm >= 20)) throw new RangeError(`A figure of ${widthMm} mm cannot be drawn.`);
  const width = widthMm * POINTS_PER_MM;
  const places = Math.max(1, ...rows.map((row) => row.length));
  const cell = (width - (places - 1) * GAP) / places;
  const parts: string[] = [];
  let top = 0;
  let letter = 0;
  for (const row of rows) {
    const placed = row.flatMap((panel, index): Placed[] => (panel === null ? [] : [{ panel, left: index * (cell + GAP) }]));
    const indent = 1.9 * fontPt;
    const labels = placed.map(({ panel }) => wrapText(panel.label, fontPt, cell - indent, cell, labelLines));
    const lines = Math.max(1, ...labels.map(({ length }) => length));
    const imageTop = top + (0.3 + 1.2 * lines) * fontPt;
    const height = Math.max(0, ...placed.map(({ panel }) => (cell * panel.rows) / panel.columns));
    for (const [index, { panel, left }] of placed.entries()) {
      const mark = `(${String.fromCharCode(97 + letter++)})`;
      parts.push(
        svgText(left, top + fontPt, mark, { size: fontPt, bold: true, colour: TEXT }),
        ...(labels[index] ?? []).flatMap((line, number) =>
          line === ''
            ? []
            : [svgText(number === 0 ? left + indent : left, top + (1 + 1.2 * number) * fontPt, line, { size: fontPt, colour: TEXT })],
        ),
        `<image x="${coordinate(left)}" y="${coordinate(imageTop)}" width="${coordinate(cell)}" height="${coordinate((cell * panel.rows) / panel.columns)}" preserveAspectRatio="none" href="${panel.image}"/>`,
        ...scaleBar(panel, left, cell, imageTop, fontPt),
      );
    }
    const barTop = imageTop + height + 0.5 * fontPt;
    for (const [index, shared] of sharedScales(placed).entries())
      parts.push(...colourBar(shared, cell, barTop, fontPt, `${letter}-${index}`));
    top = barTop + 2.6 * fontPt;
  }
  const size = `width="${widthMm}mm" height="${coordinate(top / POINTS_PER_MM)}mm" viewBox="0 0 ${coordinate(width)} ${coordinate(top)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${FONT_FAMILY}">`,
    `<title>${escapeXml(title)}</title>`,
    '<rect width="100%" height="100%" fill="#FFFFFF"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** White on a black edge, so that it is seen on any slice. */
function scaleBar({ rows, columns, voxelSizeMm }: SlicePanel, left: number, cell: number, top: number, fontPt: number): string[] {
  const pointsPerMm = cell / (columns * voxelSizeMm);
  const lengthMm = scaleBarMm((0.3 * cell) / pointsPerMm);
  const [right, y] = [left + cell - 0.6 * fontPt, top + (cell * rows) / columns - 0.7 * fontPt];
  const start = right - lengthMm * pointsPerMm;
  const line = (colour: string, thick: number): string =>
    `<line x1="${coordinate(start)}" y1="${coordinate(y)}" x2="${coordinate(right)}" y2="${coordinate(y)}" stroke="${colour}" stroke-width="${thick}"/>`;
  const text = svgText((start + right) / 2, y - 0.45 * fontPt, `${lengthMm} mm`, {
    size: 0.85 * fontPt,
    anchor: 'middle',
    colour: '#FFFFFF',
  });
  return [
    line('#000000', 3),
    line('#FFFFFF', 1.4),
    text.replace('<text ', '<text stroke="#000000" stroke-width="1.2" stroke-linejoin="round" '),
    text,
  ];
}

/** Neighbours whose values are drawn alike. */
function sharedScales(placed: readonly Placed[]): Placed[][] {
  const groups: Placed[][] = [];
  for (const one of placed) {
    const before = groups.at(-1)?.[0]?.panel;
    const { low, high, valueTitle, colours } = one.panel;
    const alike =
      before !== undefined &&
      before.low === low &&
      before.high === high &&
      before.valueTitle === valueTitle &&
      before.colours.join() === colours.join();
    if (alike) groups.at(-1)?.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** A bar of at most one and a half panels under the middle of those it belongs to, its ends beside it, its title below. */
function colourBar(shared: readonly Placed[], cell: number, top: number, fontPt: number, id: string): string[] {
  const [first, last] = [shared[0], shared.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { low, high, valueTitle, colours } = first.panel;
  const room = last.left + cell - first.left;
  const middle = first.left + room / 2;
  const length = Math.max(10, Math.min(1.5 * cell, room) - 8 * fontPt);
  const stops = colours
    .map((colour, index) => `<stop offset="${coordinate(index / (colours.length - 1))}" stop-color="${colour}"/>`)
    .join('');
  const end = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '\u2212');
  const text = { size: fontPt, colour: TEXT } as const;
  const [left, right, line] = [middle - length / 2, middle + length / 2, top + 0.85 * fontPt];
  return [
    `<defs><linearGradient id="bar-${id}" x1="0" y1="0" x2="1" y2="0">${stops}</linearGradient></defs>`,
    `<rect x="${coordinate(left)}" y="${coordinate(top)}" width="${coordinate(length)}" height="${coordinate(fontPt)}" fill="url(#bar-${id})" stroke="${TEXT}" stroke-width="0.4"/>`,
    svgText(left - 0.4 * fontPt, line, end(low), { ...text, anchor: 'end' }),
    svgText(right + 0.4 * fontPt, line, end(high), text),
    svgText(middle, top + 2.1 * fontPt, valueTitle, { ...text, anchor: 'middle' }),
  ];
}

/** One line a panel: what it shows, the ends of its colours, and mean, standard deviation (of a sample), smallest and largest value of the slice. */
export function panelsCsv({ rows }: PanelsFigure): string {
  const header = [
    'panel',
    'label',
    'slice',
    'values',
    'low',
    'high',
    'mean',
    'standard deviation',
    'smallest',
    'largest',
    'voxel size (mm)',
  ];
  const panels = rows.flat().filter((panel) => panel !== null);
  const lines = panels.map(({ label, slice, valueTitle, low, high, statistics, voxelSizeMm }, index) => [
    String.fromCharCode(97 + index),
    label,
    slice,
    valueTitle,
    ...[low, high, statistics.mean, statistics.standardDeviation, statistics.minimum, statistics.maximum, voxelSizeMm].map(String),
  ]);
  return `${[header, ...lines].map(csvLine).join('\n')}\n`;
}
