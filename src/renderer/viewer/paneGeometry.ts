/** Where a slice lies in its pane: voxels or detector pixels to canvas pixels and back. Rows of axial slices run down (y), those of the others run up (z). */
import type { SlicePoint } from '../../engine/measure/lineProfile';
import type { Axis } from '../api/volumes';

export type Voxel = readonly [z: number, y: number, x: number];
export type Shape = readonly [depth: number, height: number, width: number];

export interface PaneView {
  /** 1: the slice fits the pane. */
  readonly zoom: number;
  /** Shift of the slice's centre, in voxels. */
  readonly panColumns: number;
  readonly panRows: number;
}

export const wholeSlice: PaneView = { zoom: 1, panColumns: 0, panRows: 0 };

/** Axes of the volume along the slice's rows and columns. */
export function planeAxes(axis: Axis): { readonly rows: Axis; readonly columns: Axis; readonly upward: boolean } {
  if (axis === 0) return { rows: 1, columns: 2, upward: false };
  return axis === 1 ? { rows: 0, columns: 2, upward: true } : { rows: 0, columns: 1, upward: true };
}

export const axisNames = ['z', 'y', 'x'] as const;
export const planeNames = ['Axial', 'Coronal', 'Sagittal'] as const;

/** Pixels in rows and columns, and how they lie on screen. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** True: row 0 is at the bottom. */
  readonly upward: boolean;
  /** Height of a pixel over its width; fill: whatever fills the pane. */
  readonly aspect: number | 'fill';
}

export function sliceGrid(axis: Axis, shape: Shape): Grid {
  const plane = planeAxes(axis);
  return { rows: shape[plane.rows], columns: shape[plane.columns], upward: plane.upward, aspect: 1 };
}

export interface Placement {
  readonly rows: number;
  readonly columns: number;
  readonly upward: boolean;
  /** Canvas pixels for one voxel, along a row and from row to row. */
  readonly scale: number;
  readonly rowScale: number;
  /** Canvas position of the slice's upper left corner. */
  readonly left: number;
  readonly top: number;
}

/** `margin` px stay free around a slice that fits. */
export function placeGrid(grid: Grid, width: number, height: number, view: PaneView, margin = 6): Placement {
  const { rows, columns, upward, aspect } = grid;
  const [across, down] = [(width - 2 * margin) / columns, (height - 2 * margin) / rows];
  const fit = Math.max(1e-6, aspect === 'fill' ? across : Math.min(across, down / aspect));
  const scale = fit * view.zoom;
  const rowScale = aspect === 'fill' ? Math.max(1e-6, down) * view.zoom : scale * aspect;
  const left = width / 2 - (columns / 2 - view.panColumns) * scale;
  const top = height / 2 - (rows / 2 - view.panRows) * rowScale;
  return { rows, columns, upward, scale, rowScale, left, top };
}

/** Row and column under a canvas point; null outside the slice. */
export function voxelAt(placement: Placement, x: number, y: number): { row: number; column: number } | null {
  const column = Math.floor((x - placement.left) / placement.scale);
  const shown = Math.floor((y - placement.top) / placement.rowScale);
  if (column < 0 || column >= placement.columns || shown < 0 || shown >= placement.rows) return null;
  return { row: placement.upward ? placement.rows - 1 - shown : shown, column };
}

/** The point of the slice under a canvas point, in fractions of voxels, moved to the slice's edge where it lies outside. */
export function slicePointAt(placement: Placement, x: number, y: number): SlicePoint {
  const inside = (value: number, size: number): number => Math.max(0, Math.min(size - 1, value));
  const shown = (y - placement.top) / placement.rowScale - 0.5;
  return {
    row: inside(placement.upward ? placement.rows - 1 - shown : shown, placement.rows),
    column: inside((x - placement.left) / placement.scale - 0.5, placement.columns),
  };
}

/** Canvas position of the middle of a voxel. */
export function pointOf(placement: Placement, row: number, column: number): { x: number; y: number } {
  const shown = placement.upward ? placement.rows - 1 - row : row;
  return { x: placement.left + (column + 0.5) * placement.scale, y: placement.top + (shown + 0.5) * placement.rowScale };
}

/** The voxel of a slice point. */
export function toVoxel(axis: Axis, index: number, row: number, column: number): Voxel {
  if (axis === 0) return [index, row, column];
  return axis === 1 ? [row, index, column] : [row, column, index];
}

/** A volume's grid; all grids of a scan have their middle at the origin of its geometry. */
export interface VoxelGrid {
  readonly shape: Shape;
  readonly voxelSizeMm: number;
}

/** The place of voxel `index` of `from` along an axis, in fractions of the voxels of `to`. */
function samePlace(axis: Axis, index: number, from: VoxelGrid, to: VoxelGrid): number {
  if (from.shape[axis] === to.shape[axis] && from.voxelSizeMm === to.voxelSizeMm) return index;
  return positionMm(index, from.shape[axis], from.voxelSizeMm) / to.voxelSizeMm + (to.shape[axis] - 1) / 2;
}

/** The voxel of `to` in the place of voxel `index` of `from` along an axis; outside of `to`'s voxels where `to` does not reach there. */
export function sameIndex(axis: Axis, index: number, from: VoxelGrid, to: VoxelGrid): number {
  return Math.round(samePlace(axis, index, from, to));
}

/** The same place on a slice, in fractions of the voxels of another grid. */
export function samePoint(axis: Axis, { row, column }: SlicePoint, from: VoxelGrid, to: VoxelGrid): SlicePoint {
  const { rows, columns } = planeAxes(axis);
  return { row: samePlace(rows, row, from, to), column: samePlace(columns, column, from, to) };
}

/** The same pan and zoom on a grid whose voxels have another size. */
export function sameView(view: PaneView, from: VoxelGrid, to: VoxelGrid): PaneView {
  const ratio = from.voxelSizeMm / to.voxelSizeMm;
  return { zoom: view.zoom, panColumns: view.panColumns * ratio, panRows: view.panRows * ratio };
}

/** Position of a voxel's middle, mm from the volume's centre, which is the origin of the geometry. */
export function positionMm(index: number, size: number, voxelSizeMm: number): number {
  return (index - (size - 1) / 2) * voxelSizeMm;
}
