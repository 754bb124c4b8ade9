/** Points of space on the detector, against pixels whose place in space is known. */
import { describe, expect, it } from 'vitest';
import { detectorCorners, detectorPoint, volumeEdges } from '../../../../src/engine/measure/detectorPoint';
import type { ScanGeometry } from '../../../../src/shared/geometry';
import { along, subtract, type Vector3, viewVectors } from '../../../../src/shared/vectors';

const geometry: ScanGeometry = {
  type: 'conebeam',
  volumeShape: [10, 20, 30],
  voxelSizeMm: [0.5, 0.5, 0.5],
  volumeCentreMm: [1, 0, 0],
  detectorRows: 8,
  detectorColumns: 12,
  // The second view is tilted and sheared, as measured geometries are.
  vectors: Float64Array.of(0, -60, 0, 0, 120, 0, 0.4, 0, 0, 0, 0, 0.3, 60, 3, 1, -118, 2, -1, 0.01, 0.4, 0.02, 0.05, 0.01, 0.31),
};

const pixelInSpace = (view: number, row: number, column: number): Vector3 => {
  const [, d, u, v] = viewVectors(geometry.vectors, view);
  return along(along(d, u, column - (geometry.detectorColumns - 1) / 2), v, row - (geometry.detectorRows - 1) / 2);
};

describe('detectorPoint', () => {
  it.each([0, 1])('view %i: every point of the ray to a pixel is seen at that pixel', (view) => {
    for (const [row, column] of [
      [0, 0],
      [7, 11],
      [2.5, 9.25],
    ] as const) {
      const [source] = viewVectors(geometry.vectors, view);
      const ray = subtract(pixelInSpace(view, row, column), source);
      for (const part of [0.1, 0.5, 1, 1.7]) {
        const seen = detectorPoint(geometry, view, along(source, ray, part));
        expect(seen?.row).toBeCloseTo(row, 9);
        expect(seen?.column).toBeCloseTo(column, 9);
      }
    }
  });

  it('sees nothing of what lies behind the source, and everything along a parallel ray', () => {
    expect(detectorPoint(geometry, 0, [0, -70, 0])).toBeNull();
    const parallel: ScanGeometry = { ...geometry, type: 'parallel3d', vectors: Float64Array.of(0, 1, 0, 0, 120, 0, 0.4, 0, 0, 0, 0, 0.3) };
    for (const y of [-500, 0, 500]) {
      const seen = detectorPoint(parallel, 0, [0.8, y, -0.3]);
      expect(seen?.row).toBeCloseTo(3.5 - 1, 9);
      expect(seen?.column).toBeCloseTo(5.5 + 2, 9);
    }
  });
});

it('the detector reaches half a pixel beyond the middle of its outer pixels', () => {
  const [first, , third] = detectorCorners(geometry, 1);
  const from = pixelInSpace(1, -0.5, -0.5);
  const to = pixelInSpace(1, 7.5, 11.5);
  for (const axis of [0, 1, 2] as const) {
    expect(first[axis]).toBeCloseTo(from[axis], 9);
    expect(third[axis]).toBeCloseTo(to[axis], 9);
  }
});

it('the box has twelve edges of the volume in mm, about its centre', () => {
  const edges = volumeEdges(geometry);
  expect(edges).toHaveLength(12);
  const lengths = edges.map(([from, to]) => Math.hypot(...subtract(to, from))).toSorted((a, b) => a - b);
  expect(lengths).toEqual([5, 5, 5, 5, 10, 10, 10, 10, 15, 15, 15, 15]);
  const xs = edges.flatMap(([from, to]) => [from[0], to[0]]);
  expect([Math.min(...xs), Math.max(...xs)]).toEqual([1 - 7.5, 1 + 7.5]);
});
