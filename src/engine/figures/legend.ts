/** The legend above a figure: as many rows as its entries need, with the parameter they share said once. All lengths are in points. */
import { MARKER_RADIUS } from './drawCurves';
import type { FigureSeries, PlottedFigure } from './figure';
import { FAINT_TEXT, TEXT } from './plotArea';
import { seriesLook } from './style';
import { barPattern, coordinate, fitText, strokeOf, svgMarker, svgText, textWidth } from './svgParts';

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

/** Labels under bars: without their parameters' names where all share them or they would not fit; the names then stand once, below the axis. */
export function barLabels(labels: readonly string[]): { title: string | null; labels: readonly string[] } {
  const { key, labels: short } = sharedKey(labels);
  if (key !== null) return { title: key, labels: short };
  if (labels.every((label) => label.length <= LONG_LABEL)) return { title: null, labels };
  const parts = labels.map((label) => label.split(', ').map((part) => /^(\w+) (.+)$/.exec(part) ?? [part, '', part]));
  const names = new Set(parts.flatMap((list) => list.flatMap(([, name]) => (name ? [name] : []))));
  return { title: [...names].join(', '), labels: parts.map((list) => list.map(([, , value]) => value ?? '').join(', ')) };
}

const LONG_LABEL = 18;
const SAMPLE_WIDTH = 20;

export interface LegendEntry {
  readonly label: string;
  /** Place of the series in the figure; -1: the parameter that the entries after it share. */
  readonly index: number;
}

/** No rows for a single measured series: the title says what it is. */
export function legendRows(series: readonly FigureSeries[], width: number, fontPt: number): LegendEntry[][] {
  const listed = series.flatMap((one, index) => (one.inLegend === false ? [] : [{ ...one, index }]));
  if (listed.length < 2) return [];
  const measured = listed.filter(({ role = 'measured' }) => role === 'measured');
  const { key, labels } = sharedKey(measured.map(({ label }) => label));
  const shortened = new Map(measured.map(({ index }, place) => [index, labels[place] ?? '']));
  const named = listed.map(({ label, index }) => ({ label: shortened.get(index) ?? label, index }));
  const entries = [...(key === null ? [] : [{ label: `${key}:`, index: -1 }]), ...named];
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

export function drawLegendRow(row: readonly LegendEntry[], baseline: number, fontPt: number, { kind, series }: PlottedFigure): string[] {
  let x = fontPt;
  return row.flatMap((entry) => {
    const start = x;
    x += entryWidth(entry, fontPt);
    if (entry.index < 0) return [svgText(start, baseline, entry.label, { size: fontPt, colour: FAINT_TEXT })];
    const one = series[entry.index];
    if (one === undefined) return [];
    const look = seriesLook(one, entry.index, 'light');
    // Where colour is a value, the marker alone says which series it is.
    const style = one.points.some(({ shade }) => shade !== undefined) ? { ...look, colour: FAINT_TEXT } : look;
    const middle = baseline - fontPt * 0.36;
    const fill = barPattern(entry.index, style.colour).fill;
    const line = `<polyline points="${coordinate(start)},${coordinate(middle)} ${coordinate(start + SAMPLE_WIDTH)},${coordinate(middle)}" ${strokeOf(style, 1.1)}/>`;
    const marker = svgMarker(start + SAMPLE_WIDTH / 2, middle, MARKER_RADIUS, style);
    const sample =
      kind === 'bars'
        ? [`<rect x="${coordinate(start)}" y="${coordinate(middle - 4)}" width="${SAMPLE_WIDTH}" height="8" fill="${fill}"/>`]
        : [...(one.joined === false ? [] : [line]), ...(style.hasMarkers ? [marker] : [])];
    return [...sample, svgText(start + SAMPLE_WIDTH + 4, baseline, entry.label, { size: fontPt, colour: TEXT })];
  });
}
