/** The few numbers by which a scan geometry is shown to people, computed from its vectors (ASTRA's convention, shared/geometry.ts). */
import type { DataSummary } from '../../shared/contract';
import { type ScanGeometry, viewCount } from '../../shared/geometry';

type Vector = readonly [number, number, number];

/** Distances in mm averaged over the views; they do not exist for parallel beams. The arc counts whole turns as 360 degrees. */
export function summarizeGeometry(geometry: ScanGeometry): DataSummary['geometry'] {
  const views = viewCount(geometry);
  const [centreX, centreY] = geometry.volumeCentreMm;
  const azimuths: number[] = [];
  let toAxis = 0;
  let toDetector = 0;
  let rowStep = 0;
  let columnStep = 0;
  for (let view = 0; view < views; view++) {
    const at = (start: number): Vector => {
      const base = view * 12 + start;
      return [geometry.vectors[base] ?? 0, geometry.vectors[base + 1] ?? 0, geometry.vectors[base + 2] ?? 0];
    };
    const [source, detector, u, v] = [at(0), at(3), at(6), at(9)];
    const isCone = geometry.type === 'conebeam';
    const x = isCone ? source[0] - centreX : source[0];
    const y = isCone ? source[1] - centreY : source[1];
    azimuths.push((Math.atan2(y, x) * 180) / Math.PI);
    toAxis += Math.hypot(x, y);
    // Distance from the source to the plane of the detector, along its normal.
    const normal = cross(u, v);
    const offset: Vector = [detector[0] - source[0], detector[1] - source[1], detector[2] - source[2]];
    toDetector += Math.abs(dot(offset, normal)) / Math.hypot(...normal);
    columnStep += Math.hypot(...u);
    rowStep += Math.hypot(...v);
  }
  const cone = geometry.type === 'conebeam';
  return {
    type: geometry.type,
    views,
    detectorRows: geometry.detectorRows,
    detectorColumns: geometry.detectorColumns,
    pixelSizeMm: [rowStep / views, columnStep / views],
    volumeShape: [...geometry.volumeShape],
    voxelSizeMm: [...geometry.voxelSizeMm],
    sourceToAxisMm: cone ? toAxis / views : null,
    sourceToDetectorMm: cone ? toDetector / views : null,
    arcDegrees: coveredArc(azimuths),
  };
}

/** Degrees covered by directions in any order: a turn less the largest gap; a gap of the usual size closes the circle. */
function coveredArc(azimuths: readonly number[]): number {
  if (azimuths.length < 2) return 0;
  const sorted = [...azimuths].sort((a, b) => a - b);
  const gaps = sorted.map((angle, index) => (sorted[index + 1] ?? (sorted[0] ?? 0) + 360) - angle);
  const byWidth = [...gaps].sort((a, b) => a - b);
  const largest = byWidth.at(-1) ?? 0;
  const usual = byWidth[Math.floor(byWidth.length / 2)] ?? 0;
  return largest <= 2 * usual + 1e-6 ? 360 : 360 - largest;
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
