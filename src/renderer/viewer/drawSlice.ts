/** Draws one slice with crosshair and scale bar on a 2D canvas. */
import { scaleBarMm } from '../../engine/figures/scanSchematic';
import type { SlicePoint } from '../../engine/measure/lineProfile';
import { type ColourTable, paintWindow } from './colourMaps';
import { type Placement, pointOf } from './paneGeometry';

/** Line or rectangle of a measurement, in voxels of the slice. */
export interface MeasureDrawing {
  readonly kind: 'profile' | 'region';
  readonly from: SlicePoint;
  readonly to: SlicePoint;
}

/** Broken lines over a slice, in pixels of its grid. */
export interface Overlay {
  readonly lines: readonly { readonly points: readonly SlicePoint[]; readonly colour: string; readonly dashed: boolean }[];
}

export interface SliceDrawing {
  readonly values: Float32Array;
  readonly placement: Placement;
  readonly low: number;
  readonly high: number;
  readonly colours: ColourTable;
  readonly smooth: boolean;
  /** Crosshair at this row and column; null: none. */
  readonly cross: { readonly row: number; readonly column: number } | null;
  /** Line or rectangle of a measurement on this slice; null: none. */
  readonly measure: MeasureDrawing | null;
  readonly overlay?: Overlay | undefined;
  /** null: no scale bar. */
  readonly voxelSizeMm: number | null;
  /** Canvas pixels for one CSS pixel. */
  readonly pixelRatio: number;
}

/** Pixels of a slice before it is scaled; reused while the size stays. */
export interface SliceBuffer {
  canvas: OffscreenCanvas;
  image: ImageData;
}

export function drawSlice(canvas: HTMLCanvasElement, drawing: SliceDrawing, known: SliceBuffer | null): SliceBuffer | null {
  const context = canvas.getContext('2d', { alpha: false });
  const { rows, columns } = drawing.placement;
  if (context === null || drawing.values.length !== rows * columns) return known;
  const buffer = known !== null && known.image.width === columns && known.image.height === rows ? known : newBuffer(columns, rows);
  const inner = buffer.canvas.getContext('2d');
  if (inner === null) return known;
  paintWindow(drawing.values, drawing.low, drawing.high, drawing.colours, new Uint32Array(buffer.image.data.buffer));
  inner.putImageData(buffer.image, 0, 0);

  const { left, top, scale, rowScale, upward } = drawing.placement;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = '#000000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = drawing.smooth;
  context.imageSmoothingQuality = 'high';
  context.setTransform(scale, 0, 0, upward ? -rowScale : rowScale, left, upward ? top + rows * rowScale : top);
  context.drawImage(buffer.canvas, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (drawing.overlay !== undefined) drawOverlay(context, drawing, drawing.overlay);
  if (drawing.cross !== null) drawCross(context, drawing, drawing.cross);
  if (drawing.measure !== null) drawMeasure(context, drawing, drawing.measure);
  if (drawing.voxelSizeMm !== null) drawScaleBar(context, drawing, drawing.voxelSizeMm);
  return buffer;
}

function newBuffer(width: number, height: number): SliceBuffer {
  return { canvas: new OffscreenCanvas(width, height), image: new ImageData(width, height) };
}

/** Bright lines on a dark edge, so that they show on any grey. */
function drawOverlay(context: CanvasRenderingContext2D, { placement, pixelRatio }: SliceDrawing, { lines }: Overlay): void {
  for (const { points, colour, dashed } of lines) {
    context.beginPath();
    points.forEach((point, index) => {
      const { x, y } = pointOf(placement, point.row, point.column);
      if (index === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    });
    context.setLineDash(dashed ? [5 * pixelRatio, 4 * pixelRatio] : []);
    context.strokeStyle = 'rgb(0 0 0 / 70%)';
    context.lineWidth = 3.2 * pixelRatio;
    context.stroke();
    context.strokeStyle = colour;
    context.lineWidth = 1.5 * pixelRatio;
    context.stroke();
  }
  context.setLineDash([]);
}

/** Two thin lines that stop short of the voxel they point at. */
function drawCross(
  context: CanvasRenderingContext2D,
  { placement, pixelRatio }: SliceDrawing,
  cross: { row: number; column: number },
): void {
  // Where another volume reaches further than this one, there is nothing to point at.
  if (cross.row < 0 || cross.row >= placement.rows || cross.column < 0 || cross.column >= placement.columns) return;
  const { x, y } = pointOf(placement, cross.row, cross.column);
  const { width, height } = context.canvas;
  const gap = Math.max(8 * pixelRatio, placement.scale);
  context.strokeStyle = 'rgb(126 196 255 / 75%)';
  context.lineWidth = pixelRatio;
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of [
    [0, y, x - gap, y],
    [x + gap, y, width, y],
    [x, 0, x, y - gap],
    [x, y + gap, x, height],
  ] as const) {
    context.moveTo(Math.round(fromX) + 0.5, Math.round(fromY) + 0.5);
    context.lineTo(Math.round(toX) + 0.5, Math.round(toY) + 0.5);
  }
  context.stroke();
}

/** A dark line under a bright one is seen on every grey. */
function drawMeasure(context: CanvasRenderingContext2D, { placement, pixelRatio }: SliceDrawing, { kind, from, to }: MeasureDrawing): void {
  context.beginPath();
  if (kind === 'profile') {
    const ends = [pointOf(placement, from.row, from.column), pointOf(placement, to.row, to.column)] as const;
    context.moveTo(ends[0].x, ends[0].y);
    context.lineTo(ends[1].x, ends[1].y);
    // The open ring is where the profile's axis begins.
    context.moveTo(ends[0].x + 4 * pixelRatio, ends[0].y);
    context.arc(ends[0].x, ends[0].y, 4 * pixelRatio, 0, 2 * Math.PI);
  } else {
    const rows = [Math.round(Math.min(from.row, to.row)), Math.round(Math.max(from.row, to.row))] as const;
    const columns = [Math.round(Math.min(from.column, to.column)), Math.round(Math.max(from.column, to.column))] as const;
    const corner = pointOf(placement, placement.upward ? rows[1] : rows[0], columns[0]);
    const half = placement.scale / 2;
    const size = placement.scale;
    context.rect(corner.x - half, corner.y - half, (columns[1] - columns[0] + 1) * size, (rows[1] - rows[0] + 1) * size);
  }
  context.strokeStyle = 'rgb(0 0 0 / 80%)';
  context.lineWidth = 4 * pixelRatio;
  context.stroke();
  context.strokeStyle = '#ffd166';
  context.lineWidth = 2 * pixelRatio;
  context.stroke();
}

function drawScaleBar(context: CanvasRenderingContext2D, { placement, pixelRatio }: SliceDrawing, voxelSizeMm: number): void {
  const { width, height } = context.canvas;
  const pxPerMm = placement.scale / voxelSizeMm;
  const length = scaleBarMm((width * 0.25) / pxPerMm);
  const right = width - 12 * pixelRatio;
  const bottom = height - 12 * pixelRatio;
  const text = length >= 1 ? `${length} mm` : `${Number((length * 1000).toPrecision(3))} \u00b5m`;
  context.font = `${11 * pixelRatio}px "Inter Variable", sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  context.shadowColor = 'rgb(0 0 0 / 90%)';
  context.shadowBlur = 3 * pixelRatio;
  context.fillStyle = '#ffffff';
  context.fillRect(right - length * pxPerMm, bottom - 2 * pixelRatio, length * pxPerMm, 2 * pixelRatio);
  context.fillText(text, right - (length * pxPerMm) / 2, bottom - 4 * pixelRatio);
  context.shadowBlur = 0;
}
