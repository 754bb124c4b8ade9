/** Distances, pixel sizes and field of view that follow from per-view vectors; used to describe a scan and to doubt a voxel size. */
import type { ScanGeometry } from '../../shared/geometry';
import { cross, dot, subtract, viewVectors } from '../../shared/vectors';

export interface GeometrySummary {
  /** [row, column] step of the detector, mm, mean over the views. */
  readonly pixelSizeMm: [number, number];
  /** From the source to the rotation axis and to the detector, measured across the detector plane, mm, mean over the views; null for parallel beams. */
  readonly sourceToAxisMm: number | null;
  readonly sourceToDetectorMm: number | null;
  /** Angle about z from the first to the last view, turned the way the views go, plus one step where the scan closes: 360 for a full circle. */
  readonly arcDegrees: number;
  /** What the detector sees at the axis: [height, width] in mm, mean over the views. */
  readonly fieldOfViewMm: [number, number];
}

export function summariseGeometry(geometry: ScanGeometry): GeometrySummary {
  const views = geometry.vectors.length / 12;
  const isCone = geometry.type === 'conebeam';
  let [row, column, toAxis, toDetector, height, width] = [0, 0, 0, 0, 0, 0];
  for (let view = 0; view < views; view++) {
    const [source, detector, u, v] = viewVectors(geometry.vectors, view);
    const normal = cross(u, v);
    const across = Math.hypot(...normal);
    const axisDistance = Math.abs(dot(source, normal)) / across;
    const detectorDistance = Math.abs(dot(subtract(detector, source), normal)) / across;
    const magnification = isCone ? detectorDistance / axisDistance : 1;
    row += Math.hypot(...v) / views;
    column += Math.hypot(...u) / views;
    toAxis += axisDistance / views;
    toDetector += detectorDistance / views;
    height += (geometry.detectorRows * Math.hypot(...v)) / magnification / views;
    width += (geometry.detectorColumns * Math.hypot(...u)) / magnification / views;
  }
  return {
    pixelSizeMm: [row, column],
    sourceToAxisMm: isCone ? toAxis : null,
    sourceToDetectorMm: isCone ? toDetector : null,
    arcDegrees: arc(geometry),
    fieldOfViewMm: [height, width],
  };
}

/** The largest edge of the volume over the diagonal of what the detector sees at the axis. The published walnut has 0.8. */
export function fillOfDetector(geometry: ScanGeometry): number {
  const { fieldOfViewMm } = summariseGeometry(geometry);
  const edges = geometry.volumeShape.map((size, axis) => size * (geometry.voxelSizeMm[axis] ?? 0));
  return Math.max(...edges) / Math.hypot(...fieldOfViewMm);
}

function arc(geometry: ScanGeometry): number {
  const views = geometry.vectors.length / 12;
  if (views < 2) return 0;
  const angles = Array.from({ length: views }, (_, view) => {
    const [source] = viewVectors(geometry.vectors, view);
    return (Math.atan2(source[1], source[0]) * 180) / Math.PI;
  });
  let turned = 0;
  for (let view = 1; view < views; view++) {
    const step = (angles[view] ?? 0) - (angles[view - 1] ?? 0);
    turned += step - 360 * Math.round(step / 360);
  }
  const withLastStep = Math.abs(turned) * (views / (views - 1));
  return Math.abs(withLastStep - 360) < 1e-6 * 360 ? 360 : withLastStep;
}
