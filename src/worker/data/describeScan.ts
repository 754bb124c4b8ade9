/** A scan as it is shown before it is used. */
import type { DataSummary, ScanGeometryNumbers } from '../../shared/contract';
import type { ScanGeometry } from '../../shared/geometry';
import { summariseGeometry } from '../formats/geometrySummary';
import type { ScanData } from '../formats/scanData';

const mostSampled = 90;

function sampleVectors(vectors: Float64Array): number[] {
  const views = vectors.length / 12;
  const count = Math.min(views, mostSampled);
  return Array.from({ length: count }, (_, position) => Math.round((position * (views - 1)) / Math.max(1, count - 1))).flatMap((view) => [
    ...vectors.subarray(view * 12, view * 12 + 12),
  ]);
}

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
      volumeCentreMm: [...geometry.volumeCentreMm],
      sampledVectors: sampleVectors(geometry.vectors),
    },
    hasReference: scan.referenceShape !== null,
    problems: scan.problems.map(({ severity, message }) => ({ severity, message })),
  };
}

/** The geometry as plain lists, ready to be written as JSON. */
export function geometryNumbers(geometry: ScanGeometry): ScanGeometryNumbers {
  return {
    type: geometry.type,
    volumeShape: [...geometry.volumeShape],
    voxelSizeMm: [...geometry.voxelSizeMm],
    volumeCentreMm: [...geometry.volumeCentreMm],
    detectorRows: geometry.detectorRows,
    detectorColumns: geometry.detectorColumns,
    vectors: [...geometry.vectors],
  };
}
