/** A scan as it is shown before it is used. */
import type { DataSummary } from '../../shared/contract';
import { summariseGeometry } from '../formats/geometrySummary';
import type { ScanData } from '../formats/scanData';

export function describeScan(scan: ScanData): DataSummary {
  const { geometry } = scan;
  const { pixelSizeMm, sourceToAxisMm, sourceToDetectorMm, arcDegrees } = summariseGeometry(geometry);
  return {
    id: scan.id,
    path: scan.path,
    name: scan.name,
    kind: scan.kind,
    bytes: scan.bytes,
    arrays: scan.arrays.map(({ name, shape, dtype }) => ({ name, shape: [...shape], dtype })),
    geometry: {
      type: geometry.type,
      views: scan.views,
      detectorRows: geometry.detectorRows,
      detectorColumns: geometry.detectorColumns,
      pixelSizeMm,
      volumeShape: [...geometry.volumeShape],
      voxelSizeMm: [...geometry.voxelSizeMm],
      sourceToAxisMm,
      sourceToDetectorMm,
      arcDegrees,
    },
    hasReference: scan.referenceShape !== null,
    problems: scan.problems.map(({ severity, message }) => ({ severity, message })),
  };
}
