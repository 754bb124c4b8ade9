/** Lines over measured views that the geometry alone predicts: the shadow of the volume, its axis, and the trace of both in a sinogram. */
import { detectorPoint, volumeEdges } from '../../../engine/measure/detectorPoint';
import type { SlicePoint } from '../../../engine/measure/lineProfile';
import { type ScanGeometry, viewCount } from '../../../shared/geometry';
import { along, type Vector3 } from '../../../shared/vectors';
import type { Overlay } from '../../viewer/drawSlice';
import { sceneColours } from '../../viewer/geometryScene';

const volumeColour = sceneColours.volume;
const axisColour = sceneColours.axis;

/** In pixels (row, column) of the view. */
export function projectionOverlay(geometry: ScanGeometry, view: number): Overlay {
  const edges = volumeEdges(geometry).map((edge) => ({ points: seen(geometry, view, edge), colour: volumeColour, dashed: false }));
  const lines = [...edges, { points: seen(geometry, view, axisEnds(geometry)), colour: axisColour, dashed: true }];
  return { lines: lines.filter(({ points }) => points.length === 2) };
}

/** In pixels (view, column) of the sinogram of a detector row: where the axis is seen at that row, and the first and last column of the volume. */
export function sinogramOverlay(geometry: ScanGeometry, row: number): Overlay {
  const corners = volumeEdges(geometry).flat();
  const middle: SlicePoint[] = [];
  const first: SlicePoint[] = [];
  const last: SlicePoint[] = [];
  for (let view = 0; view < viewCount(geometry); view++) {
    const [low, high] = seen(geometry, view, axisEnds(geometry));
    if (low !== undefined && high !== undefined) {
      const part = high.row === low.row ? 0 : (row - low.row) / (high.row - low.row);
      middle.push({ row: view, column: low.column + part * (high.column - low.column) });
    }
    const columns = seen(geometry, view, corners).map(({ column }) => column);
    if (columns.length === 0) continue;
    first.push({ row: view, column: Math.min(...columns) });
    last.push({ row: view, column: Math.max(...columns) });
  }
  return {
    lines: [
      { points: first, colour: volumeColour, dashed: false },
      { points: last, colour: volumeColour, dashed: false },
      { points: middle, colour: axisColour, dashed: true },
    ],
  };
}

/** The overlay with a line across the row that the other pane shows. */
export function withGuide(overlay: Overlay | null, row: number, columns: number): Overlay {
  const points = [
    { row, column: -0.5 },
    { row, column: columns - 0.5 },
  ];
  return { lines: [...(overlay?.lines ?? []), { points, colour: sceneColours.detector, dashed: false }] };
}

function axisEnds({ volumeCentreMm: centre, volumeShape, voxelSizeMm }: ScanGeometry): readonly [Vector3, Vector3] {
  const half = (volumeShape[0] * voxelSizeMm[0]) / 2;
  return [along(centre, [0, 0, 1], -half), along(centre, [0, 0, 1], half)];
}

function seen(geometry: ScanGeometry, view: number, points: readonly Vector3[]): SlicePoint[] {
  return points.flatMap((point) => detectorPoint(geometry, view, point) ?? []);
}
