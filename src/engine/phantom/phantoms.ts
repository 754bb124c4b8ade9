/** The phantoms by name, each a list of bodies within the scanner's field of view; attenuations in 1/mm, of the size of a walnut's. */
import type { Body } from './bodies';
import { nutPhantom } from './nut';
import { uniformGenerator } from './random';
import { walnutPhantom } from './walnut';

export const phantomNames = ['walnut', 'nut', 'shepp-logan', 'blobs', 'bars'] as const;
export type PhantomName = (typeof phantomNames)[number];

/** Radius of what every view sees whole, mm: the detector's half width seen back at the axis, less a margin. */
const fieldRadiusMm = 17.5;
/** What the densest part absorbs. */
const densest = 0.05;

/** `seed` chooses among walnuts, nuts and sets of blobs; the others are always the same. */
export function makePhantom(name: PhantomName, seed: number): Body[] {
  switch (name) {
    case 'walnut':
      return walnutPhantom(seed);
    case 'nut':
      return nutPhantom(seed);
    case 'shepp-logan':
      return sheppLogan();
    case 'blobs':
      return blobs(seed);
    case 'bars':
      return bars();
  }
}

/**
 * The ten ellipsoids of the Shepp-Logan head in three dimensions with the contrasts of Toft 1996 ("The Radon Transform", thesis, DTU): value, semi-axes and
 * centre in units of the field's radius, turn in degrees. Positions and sizes: Yu, Zhao and Wang 2004, as in the phantom3d that most packages ship.
 */
const head: readonly (readonly [value: number, a: number, b: number, c: number, x: number, y: number, z: number, degrees: number])[] = [
  [1, 0.69, 0.92, 0.81, 0, 0, 0, 0],
  [-0.8, 0.6624, 0.874, 0.78, 0, -0.0184, 0, 0],
  [-0.2, 0.11, 0.31, 0.22, 0.22, 0, 0, -18],
  [-0.2, 0.16, 0.41, 0.28, -0.22, 0, 0, 18],
  [0.1, 0.21, 0.25, 0.41, 0, 0.35, -0.15, 0],
  [0.1, 0.046, 0.046, 0.05, 0, 0.1, 0.25, 0],
  [0.1, 0.046, 0.046, 0.05, 0, -0.1, 0.25, 0],
  [0.1, 0.046, 0.023, 0.05, -0.08, -0.605, 0, 0],
  [0.1, 0.023, 0.023, 0.02, 0, -0.606, 0, 0],
  [0.1, 0.023, 0.046, 0.02, 0.06, -0.605, 0, 0],
];

function sheppLogan(): Body[] {
  return head.map(([value, a, b, c, x, y, z, degrees]) => ({
    centreMm: [x * fieldRadiusMm, y * fieldRadiusMm, z * fieldRadiusMm],
    semiAxesMm: [a * fieldRadiusMm, b * fieldRadiusMm, c * fieldRadiusMm],
    angle: (degrees * Math.PI) / 180,
    value: value * densest,
  }));
}

const blobCount = 24;

/** Gaussian blobs of several widths: smooth everywhere, so that errors are the projector's and not those of edges. */
function blobs(seed: number): Body[] {
  const uniform = uniformGenerator(seed);
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  return Array.from({ length: blobCount }, () => {
    const [turn, distance, height] = [
      between(0, 2 * Math.PI),
      0.5 * fieldRadiusMm * Math.sqrt(uniform()),
      between(-0.5, 0.5) * fieldRadiusMm,
    ];
    return {
      form: 'blob',
      centreMm: [distance * Math.cos(turn), distance * Math.sin(turn), height],
      semiAxesMm: [between(0.8, 2), between(0.8, 2), between(0.8, 2)],
      angle: between(0, Math.PI),
      value: between(0.2, 1) * densest,
    };
  });
}

/** Widths of the bars, and of the gaps between them, mm: 2 to 1/3 line pairs a mm. */
const barWidthsMm = [0.25, 0.375, 0.5, 0.75, 1, 1.5];
const barsInGroup = 4;
/** Half the length of a bar, mm. */
const barReachMm = 3;

/**
 * Resolution: in an ellipsoid of low absorption, on a ring, groups of four bars as wide as their gaps; in the upper half they follow each other along x, in the
 * lower half along z. The narrowest group whose bars can be told apart is the resolution.
 */
function bars(): Body[] {
  const body: Body = {
    centreMm: [0, 0, 0],
    semiAxesMm: [fieldRadiusMm, fieldRadiusMm, 1.1 * fieldRadiusMm],
    angle: 0,
    value: 0.2 * densest,
  };
  const groups = barWidthsMm.flatMap((widthMm, group): Body[] => {
    const turn = (2 * Math.PI * group) / barWidthsMm.length;
    const [x, y] = [0.58 * fieldRadiusMm * Math.cos(turn), 0.58 * fieldRadiusMm * Math.sin(turn)];
    return Array.from({ length: barsInGroup }, (_, bar): Body[] => {
      const offset = (2 * bar - (barsInGroup - 1)) * widthMm;
      const common = { form: 'box', angle: 0, value: 0.8 * densest } as const;
      return [
        { ...common, centreMm: [x + offset, y, 0.4 * fieldRadiusMm], semiAxesMm: [widthMm / 2, barReachMm, barReachMm] },
        { ...common, centreMm: [x, y, offset - 0.4 * fieldRadiusMm], semiAxesMm: [barReachMm, barReachMm, widthMm / 2] },
      ];
    }).flat();
  });
  return [body, ...groups];
}
