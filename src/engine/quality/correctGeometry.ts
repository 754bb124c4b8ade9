/** Corrections of the geometry: views paired with other vectors, and a detector moved along its columns. Pixels are repairView's. */
import type { Correction } from '../../shared/corrections';
import type { ScanGeometry } from '../../shared/geometry';

/** The geometry with the corrections that concern it. `isClosed`: the views go once round, so that the first follows the last. */
export function correctGeometry(geometry: ScanGeometry, corrections: readonly Correction[], isClosed: boolean): ScanGeometry {
  let corrected = geometry;
  for (const correction of corrections) {
    if (correction.kind === 'view-offset') corrected = offsetViews(corrected, correction.views, isClosed);
    if (correction.kind === 'axis-offset-mm') corrected = moveAxisShadow(corrected, correction.mm);
  }
  return corrected;
}

/** View i with the vectors of view i + `views`. Beyond the ends of an open orbit the last step goes on: its turn about z and its way along z. */
export function offsetViews(geometry: ScanGeometry, views: number, isClosed: boolean): ScanGeometry {
  const count = geometry.vectors.length / 12;
  const vectors = new Float64Array(geometry.vectors.length);
  for (let view = 0; view < count; view++) {
    vectors.set(isClosed ? row(geometry, modulo(view + views, count)) : rowBeyond(geometry, view + views), view * 12);
  }
  return { ...geometry, vectors };
}

/**
 * The detector moved so that the shadow of the rotation axis falls `offsetMm` further along its columns: d' = d - offset u/|u|. Where the
 * axis' shadow is known from the data, this makes the vectors agree with it.
 */
export function moveAxisShadow(geometry: ScanGeometry, offsetMm: number): ScanGeometry {
  const vectors = geometry.vectors.slice();
  for (let start = 0; start < vectors.length; start += 12) {
    const u = vectors.subarray(start + 6, start + 9);
    const length = Math.hypot(...u);
    for (let axis = 0; axis < 3; axis++)
      vectors[start + 3 + axis] = (vectors[start + 3 + axis] ?? 0) - (offsetMm * (u[axis] ?? 0)) / length;
  }
  return { ...geometry, vectors };
}

function row({ vectors }: ScanGeometry, view: number): Float64Array {
  return vectors.subarray(view * 12, view * 12 + 12);
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

function rowBeyond(geometry: ScanGeometry, view: number): Float64Array {
  const last = geometry.vectors.length / 12 - 1;
  if (view >= 0 && view <= last) return row(geometry, view);
  if (last < 1) return row(geometry, 0);
  const [edge, steps] = view < 0 ? [0, view] : [last, view - last];
  const [before, after] = view < 0 ? [row(geometry, 0), row(geometry, 1)] : [row(geometry, last - 1), row(geometry, last)];
  const angle = Math.atan2(after[1] ?? 0, after[0] ?? 0) - Math.atan2(before[1] ?? 0, before[0] ?? 0);
  const turn = steps * (angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI)));
  const rise = steps * ((after[5] ?? 0) - (before[5] ?? 0));
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const turned = row(geometry, edge).slice();
  for (let start = 0; start < 12; start += 3) {
    const [x, y] = [turned[start] ?? 0, turned[start + 1] ?? 0];
    turned[start] = cos * x - sin * y;
    turned[start + 1] = sin * x + cos * y;
  }
  turned[5] = (turned[5] ?? 0) + rise;
  // Of parallel beams the first three numbers are a direction, which does not rise.
  if (geometry.type === 'conebeam') turned[2] = (turned[2] ?? 0) + rise;
  return turned;
}
