/** From counts to line integrals: the rule all raw scans share. */

/** Transmissions below this are raised to it before the logarithm: dead pixels and noise would give infinite or undefined values. */
export const smallestTransmission = 1e-6;

/** -ln((count - dark)/range); a pixel without a usable transmission (dead, or darker than dark) counts as the smallest one. */
export function lineIntegral(count: number, dark: number, range: number): { readonly value: number; readonly clipped: boolean } {
  const transmission = (count - dark) / range;
  const clipped = !(transmission >= smallestTransmission && transmission < Number.POSITIVE_INFINITY);
  return { value: -Math.log(clipped ? smallestTransmission : transmission), clipped };
}
