/** 256-entry colour tables as packed RGBA (little endian), ready for a canvas. */
export type ColourTable = Uint32Array;

function table(colourAt: (t: number) => readonly [number, number, number]): ColourTable {
  const packed = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const [red, green, blue] = colourAt(i / 255);
    packed[i] = (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
  }
  return packed;
}

function between(stops: readonly (readonly [number, number, number])[]): (t: number) => readonly [number, number, number] {
  return (t) => {
    const place = t * (stops.length - 1);
    const index = Math.min(stops.length - 2, Math.floor(place));
    const from = stops[index] ?? [0, 0, 0];
    const to = stops[index + 1] ?? from;
    const part = place - index;
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part, from[2] + (to[2] - from[2]) * part];
  };
}

/** Samples of matplotlib's viridis (van der Walt and Smith), 8 steps. */
const viridis = [
  [68, 1, 84],
  [70, 50, 127],
  [54, 92, 141],
  [39, 127, 142],
  [31, 161, 135],
  [74, 194, 109],
  [159, 218, 58],
  [253, 231, 37],
] as const;

/** Blue to white to red: negative, zero, positive. */
const diverging = [
  [33, 82, 168],
  [120, 164, 219],
  [247, 247, 247],
  [226, 130, 112],
  [168, 28, 38],
] as const;

export const colourTables = {
  grey: table((t) => [255 * t, 255 * t, 255 * t]),
  inverted: table((t) => [255 - 255 * t, 255 - 255 * t, 255 - 255 * t]),
  viridis: table(between(viridis)),
  difference: table(between(diverging)),
} as const;

/** Writes `values` through window [low, high] and the table into packed pixels of the same length. NaN becomes the table's first colour. */
export function paintWindow(values: Float32Array, low: number, high: number, colours: ColourTable, pixels: Uint32Array): void {
  const scale = 255 / Math.max(high - low, 1e-30);
  for (let i = 0; i < values.length; i++) {
    const level = ((values[i] ?? 0) - low) * scale;
    pixels[i] = colours[level >= 255 ? 255 : level > 0 ? Math.round(level) : 0] ?? 0;
  }
}
