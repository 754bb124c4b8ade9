/** Checks and defaults that all scan formats share: are the vectors a usable geometry, and which volume do they see. */
import { UserError } from '../../shared/errors';
import type { GeometryType, ScanGeometry, VolumeShape } from '../../shared/geometry';
import { cross, dot, subtract, viewVectors } from '../../shared/vectors';
import { summariseGeometry } from './geometrySummary';

/** The experiment's constant where nothing else is said (design reference). */
export const publishedVoxelSizeMm = 0.1;

/** Throws a sentence beginning with `place` for vectors no ray can be drawn from. */
export function checkVectors(vectors: Float64Array, type: GeometryType, place: string): void {
  for (let view = 0; view < vectors.length / 12; view++) {
    const row = vectors.subarray(view * 12, view * 12 + 12);
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new UserError(`${place}, row ${view}: number ${bad + 1} of 12 is ${row[bad]}; all must be finite.`);
    const [source, detector, u, v] = viewVectors(vectors, view);
    const normal = cross(u, v);
    const area = Math.hypot(...normal);
    if (!(area > 1e-9 * (dot(u, u) + dot(v, v)))) {
      throw new UserError(`${place}, row ${view}: the detector has no area (column step and row step are zero or parallel).`);
    }
    const ray = type === 'conebeam' ? subtract(detector, source) : source;
    if (!(Math.abs(dot(ray, normal)) > 1e-9 * area * Math.hypot(...ray))) {
      const reason = type === 'conebeam' ? 'the source lies in the plane of the detector' : 'the rays run along the detector';
      throw new UserError(`${place}, row ${view}: ${reason}, so nothing is projected.`);
    }
  }
}

/** The voxels of edge `voxelSizeMm` that fit into what the detector sees at the axis: (rows, columns, columns). */
export function volumeSeen(
  geometry: Omit<ScanGeometry, 'volumeShape' | 'voxelSizeMm' | 'volumeCentreMm'>,
  voxelSizeMm: number,
): VolumeShape {
  const { fieldOfViewMm } = summariseGeometry({
    ...geometry,
    volumeShape: [1, 1, 1],
    voxelSizeMm: [voxelSizeMm, voxelSizeMm, voxelSizeMm],
    volumeCentreMm: [0, 0, 0],
  });
  const voxelsIn = (extentMm: number) => Math.max(1, Math.floor(extentMm / voxelSizeMm));
  const [depth, width] = [voxelsIn(fieldOfViewMm[0]), voxelsIn(fieldOfViewMm[1])];
  if (depth * width * width > 2 ** 33) {
    throw new UserError(`Voxels of ${voxelSizeMm} mm would make a volume of [${depth}, ${width}, ${width}]; set a larger voxel_size.`);
  }
  return [depth, width, width];
}
