// Every phantom lies within the field of view, has known values at known points, and the same seed gives the same phantom; blur and jitter are as wide as asked.
import { describe, expect, it } from 'vitest';
import { projectBodies, sliceOfBodies } from '../../../../src/engine/phantom/bodies';
import { blurDetector } from '../../../../src/engine/phantom/detectorBlur';
import { makePhantom, phantomNames } from '../../../../src/engine/phantom/phantoms';
import { walnutScanner } from '../../../../src/engine/phantom/scanner';

describe.each(phantomNames)('%s', (name) => {
  const [size, views] = [32, 6];
  const geometry = walnutScanner(size, views);
  const { detectorRows, detectorColumns } = geometry;
  const bodies = makePhantom(name, 3);

  it('is seen whole in every view', () => {
    const view = new Float32Array(detectorRows * detectorColumns);
    for (let index = 0; index < views; index++) {
      projectBodies(bodies, geometry, index, view);
      let [border, largest] = [0, 0];
      for (const [pixel, value] of view.entries()) {
        const [row, column] = [Math.floor(pixel / detectorColumns), pixel % detectorColumns];
        largest = Math.max(largest, value);
        if (row === 0 || column === 0 || row === detectorRows - 1 || column === detectorColumns - 1) border = Math.max(border, value);
      }
      expect(largest).toBeGreaterThan(0.1);
      expect(border).toBeLessThan(1e-4 * largest);
    }
  });

  it('has its line integrals in its voxels too: the mean over a view fits the volume', () => {
    const slice = new Float32Array(size * size);
    let mass = 0;
    for (let z = 0; z < size; z++) {
      sliceOfBodies(bodies, geometry.volumeShape, geometry.voxelSizeMm[0], z, 6, slice);
      expect(Math.min(...slice)).toBeGreaterThan(-1e-6);
      expect(Math.max(...slice)).toBeLessThan(0.2);
      mass += slice.reduce((sum, value) => sum + value, 0) * geometry.voxelSizeMm[0] ** 3;
    }
    // Parallel rays: every view holds the whole mass. The cone is made narrow by moving source and detector far away.
    const far = geometry.vectors.slice(0, 12);
    for (let axis = 0; axis < 3; axis++) far[axis] = (far[axis] ?? 0) * 1000;
    // Narrow bars need narrow pixels.
    const finer = 8;
    for (let axis = 6; axis < 12; axis++) far[axis] = (far[axis] ?? 0) / finer;
    const detector = { detectorRows: finer * detectorRows, detectorColumns: finer * detectorColumns };
    const magnified = 1 + Math.hypot(far[3] ?? 0, far[4] ?? 0) / Math.hypot(far[0] ?? 0, far[1] ?? 0);
    const view = new Float32Array(detector.detectorRows * detector.detectorColumns);
    projectBodies(bodies, { ...geometry, ...detector, vectors: far }, 0, view);
    const pixelMm = Math.hypot(far[6] ?? 0, far[7] ?? 0) / magnified;
    const seen = view.reduce((sum, value) => sum + value, 0) * pixelMm ** 2;
    expect(Math.abs(seen / mass - 1)).toBeLessThan(0.03);
  });

  it('is the same for the same seed', () => {
    expect(makePhantom(name, 3)).toEqual(makePhantom(name, 3));
  });
});

describe('nuts', () => {
  it('of any seed absorb nowhere less than nothing', () => {
    const slice = new Float32Array(40 * 40);
    for (let seed = 0; seed < 40; seed++) {
      const bodies = makePhantom('nut', seed);
      for (let z = 0; z < 40; z += 3) {
        sliceOfBodies(bodies, [40, 40, 40], 1.25, z, 3, slice);
        expect(Math.min(...slice)).toBeGreaterThan(-1e-6);
      }
    }
  });
});

describe('the Shepp-Logan head', () => {
  /** 50 mm in 200 voxels; the head's unit is 17.5 mm. */
  const at = (x: number, y: number, z: number): number => {
    const [size, voxel] = [200, 0.25];
    const index = (unit: number): number => Math.round((unit * 17.5) / voxel + (size - 1) / 2);
    const slice = new Float32Array(size * size);
    sliceOfBodies(makePhantom('shepp-logan', 0), [size, size, size], voxel, index(z), 1, slice);
    return (slice[index(y) * size + index(x)] ?? Number.NaN) / 0.05;
  };

  it.each([
    ['skull', 0, 0.9, 0, 1],
    ['brain', 0, -0.4, 0, 0.2],
    ['right ventricle', 0.22, 0, 0, 0],
    ['left ventricle', -0.22, 0, 0, 0],
    ['upper ellipse', 0, 0.45, -0.15, 0.3],
    ['air', 0.9, 0.9, 0, 0],
  ])('%s', (_name, x, y, z, value) => {
    expect(at(x, y, z)).toBeCloseTo(value, 5);
  });
});

describe('detector blur', () => {
  it('keeps the light and spreads a point as wide as asked', () => {
    const [rows, columns, pixels] = [41, 61, 2.5];
    const view = new Float32Array(rows * columns);
    // A weak absorber: intensities and line integrals are then almost linear in each other.
    view[20 * columns + 30] = 1e-2;
    blurDetector(view, rows, columns, pixels);
    const sum = view.reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(1e-2, 4);
    let [across, down] = [0, 0];
    for (const [pixel, value] of view.entries()) {
      across += (value * ((pixel % columns) - 30) ** 2) / sum;
      down += (value * (Math.floor(pixel / columns) - 20) ** 2) / sum;
    }
    expect(Math.sqrt(across)).toBeCloseTo(pixels, 1);
    expect(Math.sqrt(down)).toBeCloseTo(pixels, 1);
  });

  it('acts on intensities: a dense edge looks thinner, an even field stays', () => {
    const even = new Float32Array(400).fill(1.5);
    blurDetector(even, 20, 20, 1);
    for (const value of even) expect(value).toBeCloseTo(1.5, 5);
    const edge = Float32Array.from({ length: 400 }, (_, pixel) => (pixel % 20 < 10 ? 4 : 0));
    blurDetector(edge, 20, 20, 1);
    // Midway in intensity lies far below midway in line integrals.
    expect(edge[9]).toBeLessThan(1.5);
    expect(edge[0]).toBeCloseTo(4, 3);
  });
});

describe('angular jitter', () => {
  const angles = (jitter: number, seed: number): number[] => {
    const { vectors } = walnutScanner(10, 400, jitter, seed);
    return Array.from({ length: 400 }, (_, view) => {
      const angle = Math.atan2(vectors[view * 12] ?? 0, -(vectors[view * 12 + 1] ?? 0));
      const off = angle - (2 * Math.PI * view) / 400;
      return (Math.atan2(Math.sin(off), Math.cos(off)) * 180) / Math.PI;
    });
  };

  it('has the spread asked for, none without it, and follows the seed', () => {
    const off = angles(0.5, 7);
    const deviation = Math.sqrt(off.reduce((sum, value) => sum + value ** 2, 0) / off.length);
    expect(deviation).toBeGreaterThan(0.43);
    expect(deviation).toBeLessThan(0.57);
    expect(angles(0.5, 7)).toEqual(off);
    expect(angles(0.5, 8)).not.toEqual(off);
    expect(Math.max(...angles(0, 7).map(Math.abs))).toBeLessThan(1e-9);
  });
});
