/** The scans that are timed: a circle with source and detector 66 and 133 mm from the axis, as the walnuts have it; the volume is 50.1 mm wide. */
import type { ScanGeometry } from '../../src/shared/geometry';

const [sourceMm, detectorMm, sizeMm] = [66, 133, 50.1];

/** `tilt` of the detector's rows against z, radians. Pixels are as wide as needed for the detector to see 1.15 times the volume. */
export function circularScan(
  voxels: number,
  views: number,
  [rows, columns]: readonly [number, number],
  { pixelMm = (sizeMm * 1.15 * (sourceMm + detectorMm)) / sourceMm / columns, tilt = 0 } = {},
): ScanGeometry {
  const vectors = new Float64Array(views * 12);
  const [across, up] = [Math.sin(tilt) * pixelMm, Math.cos(tilt) * pixelMm];
  for (let view = 0; view < views; view++) {
    const [c, s] = [Math.cos((2 * Math.PI * view) / views), Math.sin((2 * Math.PI * view) / views)];
    const ends = [sourceMm * c, sourceMm * s, 0, -detectorMm * c, -detectorMm * s, 0];
    vectors.set([...ends, -s * pixelMm, c * pixelMm, 0, -s * across, c * across, up], view * 12);
  }
  const voxel = sizeMm / voxels;
  return {
    type: 'conebeam',
    volumeShape: [voxels, voxels, voxels],
    voxelSizeMm: [voxel, voxel, voxel],
    volumeCentreMm: [0, 0, 0],
    detectorRows: rows,
    detectorColumns: columns,
    vectors,
  };
}

/** The published walnut: 501^3 of 0.1 mm, 50 views of 972 x 768 pixels of 0.1496 mm, tilted as its scanner was. */
export const walnutScan = (): ScanGeometry => circularScan(501, 50, [972, 768], { pixelMm: 0.1496, tilt: 0.003 });
