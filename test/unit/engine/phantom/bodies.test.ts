// The phantom's line integrals against closed forms and against its own voxels.
import { describe, expect, it } from 'vitest';
import { type Body, projectBodies, sliceOfBodies } from '../../../../src/engine/phantom/bodies';
import { walnutScanner } from '../../../../src/engine/phantom/scanner';
import { walnutPhantom } from '../../../../src/engine/phantom/walnut';

/** Fine steps along the ray, inside or outside by the definition. */
function bySteps(bodies: readonly Body[], source: readonly number[], pixel: readonly number[], steps: number): number {
  const direction = pixel.map((value, axis) => value - (source[axis] ?? 0));
  const length = Math.hypot(...direction);
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const [x = 0, y = 0, z = 0] = source.map((value, axis) => value + ((step + 0.5) / steps) * (direction[axis] ?? 0));
    for (const { form = 'ellipsoid', centreMm, semiAxesMm, angle, value } of bodies) {
      const [dx, dy] = [x - centreMm[0], y - centreMm[1]];
      const u = (Math.cos(angle) * dx + Math.sin(angle) * dy) / semiAxesMm[0];
      const v = (Math.cos(angle) * dy - Math.sin(angle) * dx) / semiAxesMm[1];
      const w = (z - centreMm[2]) / semiAxesMm[2];
      const share =
        form === 'blob'
          ? Math.exp(-(u * u + v * v + w * w) / 2)
          : Number(form === 'box' ? Math.max(Math.abs(u), Math.abs(v), Math.abs(w)) <= 1 : u * u + v * v + w * w <= 1);
      sum += (share * value * length) / steps;
    }
  }
  return sum;
}

describe('projectBodies', () => {
  it('gives the diameter of a ball through its middle and nothing beside it', () => {
    const geometry = walnutScanner(5, 3);
    const view = new Float32Array(geometry.detectorRows * geometry.detectorColumns);
    projectBodies(
      [{ centreMm: [0, 0, 0], semiAxesMm: [4, 4, 4], angle: 0.3, value: 0.5 }],
      { ...geometry, detectorRows: 1, detectorColumns: 1 },
      1,
      view.subarray(0, 1),
    );
    expect(view[0]).toBeCloseTo(4, 6);
    projectBodies(
      [{ centreMm: [0, 0, 30], semiAxesMm: [4, 4, 4], angle: 0, value: 0.5 }],
      { ...geometry, detectorRows: 1, detectorColumns: 1 },
      1,
      view.subarray(0, 1),
    );
    expect(view[0]).toBe(0);
  });

  it.each(['ellipsoid', 'box', 'blob'] as const)('agrees with fine steps along tilted rays through turned %ss', (form) => {
    const bodies: Body[] = [
      { form, centreMm: [3, -2, 1], semiAxesMm: form === 'blob' ? [2, 3, 2.5] : [5, 9, 7], angle: 0.7, value: 0.04 },
      { form, centreMm: [-4, 3, -2], semiAxesMm: [3, 2, 6], angle: -0.4, value: -0.02 },
    ];
    const geometry = walnutScanner(4, 7);
    const { detectorRows, detectorColumns, vectors } = geometry;
    const view = new Float32Array(detectorRows * detectorColumns);
    projectBodies(bodies, geometry, 2, view);
    let compared = 0;
    for (let row = 0; row < detectorRows; row++) {
      for (let column = 0; column < detectorColumns; column++) {
        const at = (index: number) => vectors[24 + index] ?? 0;
        const pixel = [0, 1, 2].map(
          (axis) => at(3 + axis) + (column - (detectorColumns - 1) / 2) * at(6 + axis) + (row - (detectorRows - 1) / 2) * at(9 + axis),
        );
        const wanted = bySteps(bodies, [at(0), at(1), at(2)], pixel, 40_000);
        expect(view[row * detectorColumns + column]).toBeCloseTo(wanted, 3);
        if (wanted > 0.003) compared++;
      }
    }
    expect(compared).toBeGreaterThan(3);
  });
});

describe('sliceOfBodies', () => {
  it.each([
    ['ellipsoid', (4 / 3) * Math.PI],
    ['box', 8],
    ['blob', (2 * Math.PI) ** 1.5],
  ] as const)('holds as much as the %s does', (form, unit) => {
    const shape = [24, 25, 26] as const;
    const semiAxesMm = form === 'blob' ? ([1, 0.9, 0.8] as const) : form === 'box' ? ([3, 2.5, 2] as const) : ([5, 4, 3] as const);
    const body: Body = { form, centreMm: [0.4, -0.3, 0.2], semiAxesMm, angle: 0.5, value: 2 };
    const slice = new Float32Array(25 * 26);
    let sum = 0;
    for (let z = 0; z < 24; z++) {
      sliceOfBodies([body], shape, 0.5, z, 4, slice);
      sum += slice.reduce((total, value) => total + value, 0) * 0.5 ** 3;
    }
    const wanted = 2 * unit * semiAxesMm[0] * semiAxesMm[1] * semiAxesMm[2];
    expect(Math.abs(sum / wanted - 1)).toBeLessThan(form === 'box' ? 0.03 : 5e-3);
  });
});

describe('walnutPhantom', () => {
  it('is the same for the same seed, another for another, and fits into the detector', () => {
    expect(walnutPhantom(3)).toEqual(walnutPhantom(3));
    expect(walnutPhantom(3)).not.toEqual(walnutPhantom(4));
    const geometry = walnutScanner(20, 12);
    const { detectorRows: rows, detectorColumns: columns } = geometry;
    const view = new Float32Array(rows * columns);
    for (let seed = 0; seed < 5; seed++) {
      for (let index = 0; index < 12; index++) {
        projectBodies(walnutPhantom(seed), geometry, index, view);
        const isBorder = (_: number, at: number) =>
          at < columns || at >= (rows - 1) * columns || at % columns === 0 || at % columns === columns - 1;
        expect(view.filter(isBorder).every((value) => value === 0)).toBe(true);
        expect(Math.min(...view)).toBeGreaterThan(-1e-6);
        expect(Math.max(...view)).toBeGreaterThan(0.5);
      }
    }
  });

  it('has the detector of the bundled samples', () => {
    expect(walnutScanner(100, 1)).toMatchObject({ detectorRows: 194, detectorColumns: 154, voxelSizeMm: [0.5, 0.5, 0.5] });
    expect(walnutScanner(40, 1)).toMatchObject({ detectorRows: 78, detectorColumns: 61 });
  });
});
