// The schematic of a scan shows its orbit, volume and detector where the vectors put them, in mm, for cone and parallel beams.
import { expect, it } from 'vitest';
import { type DrawnScan, type Schematic, scanSchematics } from '../../../../src/engine/figures/scanSchematic';

/** Source at 60 mm, detector at 140 mm on the other side, `views` on a circle from the source at -y; 100 columns and 80 rows of 1 mm. */
function orbit(views: number, shiftMm = 0): DrawnScan {
  const sampledVectors = Array.from({ length: views }, (_, view) => {
    const angle = (2 * Math.PI * view) / views;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [60 * s, -60 * c, 0, -140 * s + shiftMm * c, 140 * c + shiftMm * s, 0, c, s, 0, 0, 0, 1];
  }).flat();
  return {
    type: 'conebeam',
    detectorRows: 80,
    detectorColumns: 100,
    sampledVectors,
    volumeShape: [10, 20, 40],
    voxelSizeMm: [0.5, 0.5, 0.5],
    volumeCentreMm: [1, 2, 3],
  };
}

const pointsOf = ({ shapes }: Schematic, kind: string): readonly (readonly [number, number])[] =>
  shapes.find((shape) => shape.kind === kind)?.points ?? [];

it('from above: the orbit is a circle around the axis, the detector opposite the source', () => {
  const [above] = scanSchematics(orbit(8));
  for (const [x, y] of pointsOf(above, 'orbit')) expect(Math.hypot(x, y)).toBeCloseTo(60, 9);
  expect(pointsOf(above, 'source')).toEqual([[0, -60]]);
  expect(pointsOf(above, 'detector')).toEqual([
    [-50, 140],
    [50, 140],
  ]);
  const [low, , high] = pointsOf(above, 'volume');
  expect([low, high]).toEqual([
    [1 - 10, 2 - 5],
    [1 + 10, 2 + 5],
  ]);
});

it('from the side: z is up, rows of the detector are as high as they are', () => {
  const [, side] = scanSchematics(orbit(8));
  expect(pointsOf(side, 'detector')).toEqual([
    [140, -40],
    [140, 40],
  ]);
  const [low, , high] = pointsOf(side, 'volume');
  expect([low?.[1], high?.[1]]).toEqual([0.5, 5.5]);
});

it('a shifted detector is seen shifted', () => {
  const [above] = scanSchematics(orbit(8, 30));
  expect(pointsOf(above, 'detector').map(([x]) => x)).toEqual([-20, 80]);
});

it('parallel beams have no source, and everything drawn lies within the bounds', () => {
  const parallel = { ...orbit(4), type: 'parallel3d', sampledVectors: [0, 1, 0, 0, 50, 0, 1, 0, 0, 0, 0, 1] };
  for (const schematic of scanSchematics(parallel)) {
    expect(pointsOf(schematic, 'source')).toEqual([]);
    const { left, right, bottom, top } = schematic.bounds;
    for (const { points } of schematic.shapes) {
      for (const [x, y] of points) {
        expect(x).toBeGreaterThanOrEqual(left);
        expect(x).toBeLessThanOrEqual(right);
        expect(y).toBeGreaterThanOrEqual(bottom);
        expect(y).toBeLessThanOrEqual(top);
      }
    }
  }
});

it('a scan without views is refused', () => {
  expect(() => scanSchematics({ ...orbit(1), sampledVectors: [] })).toThrow('without views');
});
