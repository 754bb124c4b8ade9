/** The scanner that phantoms are seen by, scaled from the published scan. */
import type { ScanGeometry } from '../../shared/geometry';
import { normalGenerator } from './random';

/** The volume's edge in the published scan. */
const windowMm = 50;
/** Source to axis and to detector, mm; detector rows, columns and pixel of a volume of 500 voxels an edge (Walnut collection). */
const scanner = { sourceToAxisMm: 66, sourceToDetectorMm: 199, rows: 972, columns: 768, pixelMm: 0.1496, voxels: 500 };

/**
 * A circular scan of `views` views of a volume of `size`^3 voxels with a detector that has as many pixels for each voxel as the scanner. The angle of each view
 * is off by a normal deviation of `jitterDegrees`, which `seed` chooses.
 */
export function walnutScanner(size: number, views: number, jitterDegrees = 0, seed = 0): ScanGeometry {
  const { sourceToAxisMm, sourceToDetectorMm, pixelMm, voxels } = scanner;
  const pixel = (pixelMm * voxels) / size;
  const toDetector = sourceToDetectorMm - sourceToAxisMm;
  const vectors = new Float64Array(views * 12);
  const normal = normalGenerator(seed);
  for (let view = 0; view < views; view++) {
    const angle = (2 * Math.PI * view) / views + (jitterDegrees === 0 ? 0 : (jitterDegrees * normal() * Math.PI) / 180);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const source = [sourceToAxisMm * sin, -sourceToAxisMm * cos, 0];
    vectors.set([...source, -toDetector * sin, toDetector * cos, 0, pixel * cos, pixel * sin, 0, 0, 0, pixel], view * 12);
  }
  const voxel = windowMm / size;
  return {
    type: 'conebeam',
    volumeShape: [size, size, size],
    voxelSizeMm: [voxel, voxel, voxel],
    volumeCentreMm: [0, 0, 0],
    detectorRows: Math.max(1, Math.round((scanner.rows * size) / voxels)),
    detectorColumns: Math.max(1, Math.round((scanner.columns * size) / voxels)),
    vectors,
  };
}
