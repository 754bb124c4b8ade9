/** Differences of slices, computed from float32 data. */
import type { GreyWindow } from '../../state/viewerStore';

/** a - b, element by element; null where the lengths differ. */
export function differenceOf(a: Float32Array, b: Float32Array): Float32Array | null {
  if (a.length !== b.length) return null;
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = (a[i] ?? 0) - (b[i] ?? 0);
  return result;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Where the colours of differences end: as chosen, else a quarter of the volumes' own window. */
export function differenceHalf(chosen: number | null, window: GreyWindow): number {
  return chosen ?? (window.high - window.low) / 4;
}
