// What corrections do to vectors and pixels, on cases whose answer is known.
import { describe, expect, it } from 'vitest';
import { walnutScanner } from '../../../../src/engine/phantom/scanner';
import { correctGeometry, moveAxisShadow, offsetViews } from '../../../../src/engine/quality/correctGeometry';
import { repairView } from '../../../../src/engine/quality/repairView';
import type { ScanGeometry } from '../../../../src/shared/geometry';

const row = (geometry: ScanGeometry, view: number): number[] => [...geometry.vectors.subarray(view * 12, view * 12 + 12)];
const circle = walnutScanner(20, 8);

describe('offsetViews', () => {
  it('goes round on a closed orbit', () => {
    const offset = offsetViews(circle, 1, true);
    expect(row(offset, 0)).toEqual(row(circle, 1));
    expect(row(offset, 7)).toEqual(row(circle, 0));
    expect(offsetViews(offset, -1, true)).toEqual(circle);
  });

  it('goes on with the last step on an open one, which on a circle is the same', () => {
    for (const views of [-3, 2]) {
      const [open, closed] = [offsetViews(circle, views, false), offsetViews(circle, views, true)];
      open.vectors.forEach((value, index) => {
        expect(value).toBeCloseTo(closed.vectors[index]!, 9);
      });
    }
  });

  it('goes on rising along a helix', () => {
    const vectors = circle.vectors.slice();
    for (let view = 0; view < 8; view++) {
      vectors[view * 12 + 2] = vectors[view * 12 + 5] = 2 * view;
    }
    const offset = offsetViews({ ...circle, vectors }, 1, false);
    expect(offset.vectors[7 * 12 + 2]).toBeCloseTo(16, 9);
    expect(offset.vectors[7 * 12 + 5]).toBeCloseTo(16, 9);
  });
});

describe('moveAxisShadow', () => {
  it('makes the axis fall further along the columns by that much on the detector', () => {
    const moved = moveAxisShadow(circle, 3);
    for (let view = 0; view < 8; view++) {
      const [, , , dx = 0, dy = 0, , ux = 0, uy = 0] = row(moved, view);
      // The origin as seen along u from the detector's centre, mm: the rays through it are at right angles to u.
      expect(-(dx * ux + dy * uy) / Math.hypot(ux, uy)).toBeCloseTo(3, 9);
    }
  });

  it('adds up with other corrections of the vectors, and leaves the given geometry alone', () => {
    const before = circle.vectors.slice();
    const both = correctGeometry(
      circle,
      [{ kind: 'view-offset', views: 2 }, { kind: 'axis-offset-mm', mm: 1 }, { kind: 'dead-pixels' }],
      true,
    );
    expect(both).toEqual(moveAxisShadow(offsetViews(circle, 2, true), 1));
    expect(circle.vectors).toEqual(before);
  });
});

describe('repairView', () => {
  const ramp = (): Float32Array => Float32Array.from({ length: 6 * 7 }, (_, pixel) => 10 * Math.floor(pixel / 7) + (pixel % 7));

  it('restores a plane where a pixel, a column or a row is missing', () => {
    for (const isMissing of [
      (pixel: number) => pixel === 17,
      (pixel: number) => pixel % 7 === 3,
      (pixel: number) => Math.floor(pixel / 7) === 2,
    ]) {
      const view = ramp();
      for (let pixel = 0; pixel < view.length; pixel++) if (isMissing(pixel)) view[pixel] = Number.NaN;
      repairView(view, 6, 7, isMissing);
      view.forEach((value, pixel) => {
        expect(value).toBeCloseTo(ramp()[pixel]!, 4);
      });
    }
  });

  it('takes the nearest good pixel at the edge, and says when there is none at all', () => {
    const view = ramp();
    expect(repairView(view, 6, 7, (pixel) => pixel === 0)).toBe(1);
    expect(view[0]).toBeCloseTo((1 + 10) / 2, 5);
    expect(repairView(view, 6, 7, () => true)).toBeNull();
    expect(repairView(view, 6, 7, () => false)).toBe(0);
  });

  it('fills pixels whose whole row and column are bad with the mean of the others', () => {
    const view = Float32Array.of(Number.NaN, Number.NaN, Number.NaN, 4);
    expect(repairView(view, 2, 2, (pixel) => pixel < 3)).toBe(3);
    expect([...view]).toEqual([4, 4, 4, 4]);
  });
});
