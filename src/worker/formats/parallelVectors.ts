/** Vectors of a parallel-beam scan from its angles. */

/**
 * Twelve numbers a view in ASTRA's parallel3d convention: ray (sin a, -cos a, 0), detector centre on the axis shifted by `axisOffsetMm` along u,
 * u = pixel (cos a, sin a, 0) to the next column, v = pixel (0,0,1) to the next row.
 */
export function parallelVectors(
  anglesRadians: Float64Array,
  pixelMm: readonly [row: number, column: number],
  axisOffsetMm: number,
): Float64Array {
  const vectors = new Float64Array(anglesRadians.length * 12);
  anglesRadians.forEach((angle, view) => {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const row = [sin, -cos, 0, axisOffsetMm * cos, axisOffsetMm * sin, 0, pixelMm[1] * cos, pixelMm[1] * sin, 0, 0, 0, pixelMm[0]];
    vectors.set(row, view * 12);
  });
  return vectors;
}
