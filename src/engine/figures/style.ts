/** How the n-th series of a figure looks: colours that colour-blind readers can tell apart, and never colour alone. */

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
