/** Where the elements of a written array lie: edge lengths and centre, for volumes and for stacks of projections. Writing is volumeWriter's. */
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';
import { summariseGeometry } from './geometrySummary';

export interface VolumePlace {
  readonly shape: VolumeShape;
  /** Edge lengths (z,y,x). */
  readonly voxelSizeMm: readonly [number, number, number];
  /** Centre of the volume (x,y,z). */
  readonly centreMm: readonly [number, number, number];
}

export function placeOfVolume({ volumeShape, voxelSizeMm, volumeCentreMm }: ScanGeometry): VolumePlace {
  return { shape: volumeShape, voxelSizeMm, centreMm: volumeCentreMm };
}

/** (views, rows, columns): pixels in mm around the detector's centre, views one apart from 0 on, as RTK expects projections beside its geometry. */
export function placeOfProjections(geometry: ScanGeometry): VolumePlace {
  const views = geometry.vectors.length / 12;
  const [row, column] = summariseGeometry(geometry).pixelSizeMm;
  return {
    shape: [views, geometry.detectorRows, geometry.detectorColumns],
    voxelSizeMm: [1, row, column],
    centreMm: [0, 0, (views - 1) / 2],
  };
}
