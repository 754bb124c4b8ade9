/** Geometry of the panes, windows and colours, without a page. */

import { describe, expect, it } from 'vitest';
import { scaleBarMm } from '../../../src/engine/figures/scanSchematic';
import { colourTables, paintWindow } from '../../../src/renderer/viewer/colourMaps';
import {
  placeGrid,
  pointOf,
  positionMm,
  sameIndex,
  samePoint,
  sameView,
  sliceGrid,
  toVoxel,
  voxelAt,
  wholeSlice,
} from '../../../src/renderer/viewer/paneGeometry';
import { differenceOf, sameShape } from '../../../src/renderer/views/viewer/difference';

const shape = [10, 20, 30] as const;

describe('placeGrid', () => {
  it.each([0, 1, 2] as const)('axis %i: a voxel is found where it is drawn, also panned and zoomed', (axis) => {
    const placement = placeGrid(sliceGrid(axis, shape), 400, 300, { zoom: 2.5, panColumns: 1.5, panRows: -2 });
    for (const [row, column] of [
      [0, 0],
      [3, 7],
      [placement.rows - 1, placement.columns - 1],
    ] as const) {
      const { x, y } = pointOf(placement, row, column);
      expect(voxelAt(placement, x, y)).toEqual({ row, column });
    }
    expect(voxelAt(placement, placement.left - 1, placement.top)).toBeNull();
  });

  it('shows z upwards and y downwards', () => {
    const axial = placeGrid(sliceGrid(0, shape), 400, 300, wholeSlice);
    const coronal = placeGrid(sliceGrid(1, shape), 400, 300, wholeSlice);
    expect(pointOf(axial, 5, 0).y).toBeGreaterThan(pointOf(axial, 1, 0).y);
    expect(pointOf(coronal, 5, 0).y).toBeLessThan(pointOf(coronal, 1, 0).y);
  });

  it('fills the pane where pixels have no shape of their own, and keeps theirs where they have', () => {
    const filling = placeGrid({ rows: 4, columns: 100, upward: true, aspect: 'fill' }, 212, 112, wholeSlice);
    expect([filling.scale, filling.rowScale]).toEqual([2, 25]);
    expect(voxelAt(filling, pointOf(filling, 3, 99).x, pointOf(filling, 3, 99).y)).toEqual({ row: 3, column: 99 });
    const tall = placeGrid({ rows: 10, columns: 10, upward: false, aspect: 2 }, 112, 112, wholeSlice);
    expect([tall.scale, tall.rowScale]).toEqual([5, 10]);
  });

  it('names the voxel in (z,y,x)', () => {
    expect(toVoxel(0, 4, 5, 6)).toEqual([4, 5, 6]);
    expect(toVoxel(1, 4, 5, 6)).toEqual([5, 4, 6]);
    expect(toVoxel(2, 4, 5, 6)).toEqual([5, 6, 4]);
  });
});

it('positions are mm from the centre of the volume', () => {
  expect(positionMm(0, 3, 0.5)).toBe(-0.5);
  expect(positionMm(1, 3, 0.5)).toBe(0);
  expect(positionMm(0, 2, 0.5)).toBe(-0.25);
});

it.each([
  [7, 5],
  [0.3, 0.2],
  [1, 1],
  [49, 20],
])('a scale bar of at most %f mm has %f mm', (longest, expected) => {
  expect(scaleBarMm(longest)).toBeCloseTo(expected);
});

describe('paintWindow', () => {
  it('maps low to black, high to white, and clips', () => {
    const pixels = new Uint32Array(5);
    paintWindow(Float32Array.of(-1, 0, 0.5, 1, 9), 0, 1, colourTables.grey, pixels);
    const levels = [...pixels].map((pixel) => pixel & 255);
    expect(levels).toEqual([0, 0, 128, 255, 255]);
    expect([...pixels].every((pixel) => pixel >>> 24 === 255)).toBe(true);
  });

  it('survives NaN and an empty window', () => {
    const pixels = new Uint32Array(2);
    paintWindow(Float32Array.of(Number.NaN, 2), 1, 1, colourTables.grey, pixels);
    expect([...pixels].map((pixel) => pixel & 255)).toEqual([0, 255]);
  });
});

it('differences are float32 and need equal sizes', () => {
  expect(differenceOf(Float32Array.of(1, 2), Float32Array.of(0.5, 4))).toEqual(Float32Array.of(0.5, -2));
  expect(differenceOf(Float32Array.of(1), Float32Array.of(1, 2))).toBeNull();
  expect(sameShape([1, 2, 3], [1, 2, 3])).toBe(true);
  expect(sameShape([1, 2, 3], [1, 2])).toBe(false);
});

describe('grids of the same scan with other voxels', () => {
  const coarse = { shape: [40, 40, 40] as const, voxelSizeMm: 1.25 };
  const fine = { shape: [100, 100, 120] as const, voxelSizeMm: 0.5 };

  it('point at the same place in mm', () => {
    for (const index of [0, 13, 39]) {
      const there = sameIndex(0, index, coarse, fine);
      const away = positionMm(there, 100, 0.5) - positionMm(index, 40, 1.25);
      expect(Math.abs(away)).toBeLessThanOrEqual(0.25);
      expect(sameIndex(0, there, fine, coarse)).toBe(index);
    }
    // The finer one reaches further along x.
    expect(sameIndex(2, 0, fine, coarse)).toBeLessThan(0);
    expect(sameIndex(1, 17, coarse, coarse)).toBe(17);
  });

  it('measure along the same line', () => {
    const from = samePoint(0, { row: 0, column: 0 }, coarse, fine);
    const to = samePoint(0, { row: 30, column: 0 }, coarse, fine);
    expect((to.row - from.row) * 0.5).toBeCloseTo(30 * 1.25);
    const back = samePoint(0, from, fine, coarse);
    expect([back.row, back.column]).toEqual([expect.closeTo(0), expect.closeTo(0)]);
  });

  it('are panned by the same mm', () => {
    expect(sameView({ zoom: 2, panColumns: 4, panRows: -2 }, coarse, fine)).toEqual({ zoom: 2, panColumns: 10, panRows: -5 });
  });
});
