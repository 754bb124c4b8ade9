/** How the n-th series of a figure looks: colours that colour-blind readers can tell apart, and never colour alone. */
import type { FigureSeries } from './figure';

export interface SeriesStyle {
  readonly colour: string;
  /** Dash lengths in px at 96 dpi; empty: solid. */
  readonly dash: readonly number[];
  readonly marker: 'circle' | 'square' | 'diamond' | 'triangle-up' | 'cross' | 'x' | 'triangle-down' | 'star';
}

/** Paul Tol's "bright" scheme without its grey, darkened where it fell under 3:1 on white (https://sronpersonalpages.nl/~pault/). */
const light = ['#4477AA', '#D04A5C', '#1E7B35', '#9A7B0A', '#AA3377', '#2A8FAE', '#7A5C3E'];
const dark = ['#7FB2E5', '#FF8896', '#6CCB84', '#E5CB55', '#E37FB8', '#7FDCF5', '#C9A27E'];
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4], [5, 2]];
const markers: readonly SeriesStyle['marker'][] = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x', 'triangle-down', 'star'];

/** Colour, dash and marker repeat with periods 7, 6 and 8: 168 series before two look the same. */
export function seriesStyle(index: number, theme: 'light' | 'dark'): SeriesStyle {
  const colours = theme === 'light' ? light : dark;
  return {
    colour: colours[index % colours.length] ?? '#4477AA',
    dash: dashes[index % dashes.length] ?? [],
    marker: markers[index % markers.length] ?? 'circle',
  };
}

/** What a series of a role looks like: its own style, or what its role asks for. */
export interface SeriesLook extends SeriesStyle {
  readonly hollow: boolean;
  readonly hasMarkers: boolean;
  readonly isThin: boolean;
}

const failedColour = { light: '#B3261E', dark: '#FF8D85' };
const guideColour = { light: '#6B7280', dark: '#98A2B3' };

/** `index`: the place of the series in its figure. */
export function seriesLook({ role = 'measured', style }: FigureSeries, index: number, theme: 'light' | 'dark'): SeriesLook {
  const own = seriesStyle(style ?? index, theme);
  const usual = { ...own, hollow: false, hasMarkers: true, isThin: false };
  switch (role) {
    case 'measured':
      return usual;
    case 'predicted':
      return { ...usual, dash: [3, 3], hollow: true };
    case 'ideal':
      return { ...usual, dash: [2, 3], hasMarkers: false, isThin: true };
    case 'front':
      return { ...usual, colour: guideColour[theme], dash: [5, 3], hasMarkers: false, isThin: true };
    case 'out_of_memory':
      return { ...usual, colour: failedColour[theme], marker: 'x' };
  }
}

/** Colours of a scale from low to high, legible on white and on dark ground and in grey: viridis without its lightest end (https://bids.github.io/colormap). */
export const shades = ['#440154', '#46327E', '#365C8D', '#277F8E', '#1FA187', '#4AC16D', '#A0DA39'] as const;

/** `part` from 0 to 1; between two shades their mixture. */
export function shadeColour(part: number): string {
  const place = Math.min(1, Math.max(0, part)) * (shades.length - 1);
  const [low, high] = [shades[Math.floor(place)] ?? shades[0], shades[Math.ceil(place)] ?? shades[0]];
  const channel = (at: number): string => {
    const [a, b] = [Number.parseInt(low.slice(at, at + 2), 16), Number.parseInt(high.slice(at, at + 2), 16)];
    return Math.round(a + (b - a) * (place % 1))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`.toUpperCase();
}
