/** Nuts of ellipsoids that differ from each other in everything walnuts may differ in: what a denoiser is trained on and settings are chosen with. */
import type { Body } from './bodies';
import { uniformGenerator } from './random';

/**
 * A shell of any thickness around one to four kernels with hollows, apart by one or two partitions, turned by any angle. `seed` chooses; attenuations in
 * 1/mm, nowhere negative. All of it fits into the scanner's field of view.
 */
export function nutPhantom(seed: number): Body[] {
  const uniform = uniformGenerator(seed);
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const turn = between(0, Math.PI);
  const outer = [between(11.5, 16), between(11.5, 16), between(13, 19)] as const;
  const thickness = between(0.8, 3);
  const [a, b, c] = outer.map((axis) => axis - thickness) as [number, number, number];
  const shell = between(0.03, 0.05);
  const crossed = uniform() < 0.35;
  const halfWidths = [between(0.3, 1.5), crossed ? between(0.3, 1.2) : 0] as const;
  const bodies: Body[] = [
    { centreMm: [0, 0, 0], semiAxesMm: [...outer], angle: 0, value: shell },
    { centreMm: [0, 0, 0], semiAxesMm: [a, b, c], angle: 0, value: -shell },
    { centreMm: [0, 0, 0], semiAxesMm: [halfWidths[0], b - 0.3, c - 0.5], angle: between(-0.1, 0.1), value: between(0.01, 0.045) },
  ];
  if (crossed) bodies.push({ centreMm: [0, 0, 0], semiAxesMm: [a - 0.3, halfWidths[1], c - 0.5], angle: 0, value: between(0.005, 0.025) });
  for (const x of [-1, 1]) {
    for (const y of crossed ? [-1, 1] : [0]) {
      const semiAxes = [between(0.24, 0.36) * a, between(0.5, 0.7) * b * (crossed ? 0.5 : 1), between(0.4, 0.72) * c] as const;
      const centre = [x * 0.48 * a, y * 0.44 * b, between(-0.1, 0.1) * c] as const;
      bodies.push(...kernelWithHollows(centre, semiAxes, between(0.018, 0.04), uniform));
    }
  }
  return bodies.map((body) => turned(body, turn));
}

/** An upright ellipsoid with hollows and a few denser grains, none of which touch each other. */
function kernelWithHollows(
  centreMm: readonly [number, number, number],
  semiAxesMm: readonly [number, number, number],
  value: number,
  uniform: () => number,
): Body[] {
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const bodies: Body[] = [{ centreMm: [...centreMm], semiAxesMm: [...semiAxesMm], angle: 0, value }];
  const taken: { readonly at: readonly number[]; readonly reach: number }[] = [];
  const count = Math.floor(between(3, 22));
  for (let hollow = 0; hollow < count; hollow++) {
    const [azimuth, height, share] = [between(0, 2 * Math.PI), between(-1, 1), Math.cbrt(uniform()) * 0.85];
    const ring = Math.sqrt(1 - height * height);
    const direction = [ring * Math.cos(azimuth), ring * Math.sin(azimuth), height] as const;
    const at = direction.map((part, axis) => (centreMm[axis] ?? 0) + share * part * (semiAxesMm[axis] ?? 0)) as [number, number, number];
    const hollowAxes = [between(0.3, 1.2), between(0.5, 2.6), between(0.5, 2.6)] as const;
    const reach = Math.max(...hollowAxes);
    const sticksOut = reach > (1 - share) * Math.min(...semiAxesMm);
    if (sticksOut || taken.some((other) => Math.hypot(...at.map((part, axis) => part - (other.at[axis] ?? 0))) < reach + other.reach))
      continue;
    taken.push({ at, reach });
    const change = uniform() < 0.75 ? -between(0.4, 1) : between(0.1, 0.4);
    bodies.push({ centreMm: at, semiAxesMm: [...hollowAxes], angle: between(0, Math.PI), value: change * value });
  }
  return bodies;
}

/** Turned about the axis of rotation. */
function turned(body: Body, angle: number): Body {
  const [x, y, z] = body.centreMm;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return { ...body, centreMm: [cosine * x - sine * y, sine * x + cosine * y, z], angle: body.angle + angle };
}
