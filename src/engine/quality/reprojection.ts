/** Compares measured views with the reference's projections along vectors offset by some steps; making those projections is left to the worker. */
import type { ScanGeometry } from '../../shared/geometry';

/** How far the pairing of views and vectors is looked for, in steps of the views. */
export const offsetsTried = [-3, -2, -1, 0, 1, 2, 3] as const;

export interface Residual {
  /** View i with the vectors of view i + offset. */
  readonly offset: number;
  /** || a p - y || / || y || with the a that makes it smallest. */
  readonly relative: number;
  /** That a: measured over reprojected. */
  readonly scale: number;
}

/** One residual over all views; pixels marked bad are left out. */
export function residualOf(offset: number, measured: Float32Array, projected: Float32Array, isBad: (pixel: number) => boolean): Residual {
  let [pp, py, yy] = [0, 0, 0];
  for (let pixel = 0; pixel < measured.length; pixel++) {
    const [y, p] = [measured[pixel] as number, projected[pixel] as number];
    if (y - y !== 0 || isBad(pixel)) continue;
    pp += p * p;
    py += p * y;
    yy += y * y;
  }
  if (pp === 0 || yy === 0) return { offset, relative: 1, scale: 0 };
  // || a p - y ||^2 = yy - py^2 / pp at a = py / pp.
  return { offset, relative: Math.sqrt(Math.max(0, 1 - (py * py) / (pp * yy))), scale: py / pp };
}

export type Pairing =
  | { readonly kind: 'right' | 'unclear' | 'unexplained'; readonly best: Residual }
  | { readonly kind: 'off'; readonly best: Residual };

/** A reference that leaves half of the projections unexplained tells nothing; a minimum must be clearly lower than what the vectors give as they are. */
export function judgePairing(residuals: readonly Residual[]): Pairing {
  const sorted = [...residuals].sort((a, b) => a.relative - b.relative);
  const best = sorted[0] ?? { offset: 0, relative: 1, scale: 0 };
  const asIs = residuals.find(({ offset }) => offset === 0) ?? best;
  if (best.relative > 0.5) return { kind: 'unexplained', best };
  if ((sorted.at(-1)?.relative ?? 0) < 1.02 * best.relative) return { kind: 'unclear', best: asIs };
  return best.offset !== 0 && best.relative < 0.97 * asIs.relative ? { kind: 'off', best } : { kind: 'right', best: asIs };
}

/** Detector pixels gathered `factor` x `factor`; what does not fill a whole one at the far edges is left out. */
export function coarserDetector(geometry: ScanGeometry, factor: number): ScanGeometry {
  const [rows, columns] = [Math.floor(geometry.detectorRows / factor), Math.floor(geometry.detectorColumns / factor)];
  const vectors = geometry.vectors.slice();
  for (let start = 0; start < vectors.length; start += 12) {
    for (let axis = 0; axis < 3; axis++) {
      const [d, u, v] = [start + 3 + axis, start + 6 + axis, start + 9 + axis];
      const [column, row] = [vectors[u] ?? 0, vectors[v] ?? 0];
      vectors[d] =
        (vectors[d] ?? 0) +
        ((columns * factor - geometry.detectorColumns) / 2) * column +
        ((rows * factor - geometry.detectorRows) / 2) * row;
      vectors[u] = factor * column;
      vectors[v] = factor * row;
    }
  }
  return { ...geometry, detectorRows: rows, detectorColumns: columns, vectors };
}

/** Voxels gathered `factor` along each axis. */
export function coarserVolume(geometry: ScanGeometry, factor: number): ScanGeometry {
  const [depth, height, width] = geometry.volumeShape;
  const shape = [
    Math.max(1, Math.floor(depth / factor)),
    Math.max(1, Math.floor(height / factor)),
    Math.max(1, Math.floor(width / factor)),
  ] as const;
  const [dz, dy, dx] = geometry.voxelSizeMm;
  const [cx, cy, cz] = geometry.volumeCentreMm;
  return {
    ...geometry,
    volumeShape: shape,
    voxelSizeMm: [dz * factor, dy * factor, dx * factor],
    volumeCentreMm: [
      cx + ((shape[2] * factor - width) / 2) * dx,
      cy + ((shape[1] * factor - height) / 2) * dy,
      cz + ((shape[0] * factor - depth) / 2) * dz,
    ],
  };
}

/** target (rows/factor, columns/factor) = means of the pixels gathered; NaN as soon as one of them is bad. */
export function gatherPixels(
  view: Float32Array,
  columns: number,
  target: Float32Array,
  targetColumns: number,
  factor: number,
  isBad: (pixel: number) => boolean,
): void {
  for (let pixel = 0; pixel < target.length; pixel++) {
    const [row, column] = [Math.floor(pixel / targetColumns) * factor, (pixel % targetColumns) * factor];
    let sum = 0;
    for (let r = row; r < row + factor; r++) {
      for (let c = column; c < column + factor; c++) sum += isBad(r * columns + c) ? Number.NaN : (view[r * columns + c] as number);
    }
    target[pixel] = sum / factor ** 2;
  }
}
