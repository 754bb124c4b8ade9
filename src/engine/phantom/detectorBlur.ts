/** The blur of a detector: light spreads before it is counted, so intensities are blurred, not line integrals. */

/** Taps beyond so many standard deviations weigh less than 1e-4. */
const reach = 4;

/**
 * Replaces the line integrals (rows, columns) of one view by -ln(G * exp(-p)), G a Gaussian of `pixels` standard deviation along rows and columns; edges are
 * repeated. `pixels` 0 changes nothing.
 */
export function blurDetector(lineIntegrals: Float32Array, rows: number, columns: number, pixels: number): void {
  if (pixels === 0) return;
  const radius = Math.max(1, Math.ceil(reach * pixels));
  const taps = Array.from({ length: 2 * radius + 1 }, (_, tap) => Math.exp(-((tap - radius) ** 2) / (2 * pixels * pixels)));
  const sum = taps.reduce((total, tap) => total + tap, 0);
  const weights = taps.map((tap) => tap / sum);
  const intensities = Float64Array.from(lineIntegrals, (value) => Math.exp(-value));
  const across = convolve(intensities, weights, radius, { count: columns, step: 1, lines: rows, lineStep: columns });
  const both = convolve(across, weights, radius, { count: rows, step: columns, lines: columns, lineStep: 1 });
  for (const [pixel, intensity] of both.entries()) lineIntegrals[pixel] = -Math.log(intensity);
}

function convolve(
  values: Float64Array,
  weights: readonly number[],
  radius: number,
  { count, step, lines, lineStep }: { count: number; step: number; lines: number; lineStep: number },
): Float64Array {
  const result = new Float64Array(values.length);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let at = 0; at < count; at++) {
      let sum = 0;
      for (const [tap, weight] of weights.entries()) {
        const from = Math.min(count - 1, Math.max(0, at + tap - radius));
        sum += weight * (values[start + from * step] ?? 0);
      }
      result[start + at * step] = sum;
    }
  }
  return result;
}
