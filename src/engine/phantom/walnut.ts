/** A walnut made of ellipsoids, one of many; the scanner it is seen by is scanner.ts. */
import type { Body } from './bodies';
import { uniformGenerator } from './random';

/**
 * Shell, air, two lobes of the kernel with folds and pores, a partition between them. `seed` chooses one of many walnuts; attenuations in 1/mm
 * are of the size of a real one's. All of it fits into the scanner's field of view.
 */
export function walnutPhantom(seed: number): Body[] {
  const uniform = uniformGenerator(seed);
  const between = (low: number, high: number) => low + (high - low) * uniform();
  const [a, b, c] = [between(14.5, 16), between(14, 15.5), between(18, 20)];
  const shell = between(0.042, 0.05);
  const thickness = between(1.1, 1.6);
  const bodies: Body[] = [
    { centreMm: [0, 0, 0], semiAxesMm: [a, b, c], angle: 0, value: shell },
    { centreMm: [0, 0, 0], semiAxesMm: [a - thickness, b - thickness, c - thickness], angle: 0, value: -shell },
    { centreMm: [0, 0, 0], semiAxesMm: [0.5, b - thickness - 0.3, c - thickness - 0.5], angle: between(-0.1, 0.1), value: 0.03 },
  ];
  for (const side of [-1, 1]) {
    const kernel = between(0.026, 0.032);
    const lobe = { x: side * a * 0.46, rx: a * 0.34, ry: b * 0.68, rz: c * 0.7 };
    bodies.push({ centreMm: [lobe.x, 0, 0], semiAxesMm: [lobe.rx, lobe.ry, lobe.rz], angle: between(-0.1, 0.1), value: kernel });
    for (let fold = 0; fold < 10; fold++) {
      const [turn, height] = [between(0, 2 * Math.PI), between(-0.6, 0.6)];
      const radius = Math.sqrt(1 - height * height) * 0.7;
      bodies.push({
        centreMm: [lobe.x + lobe.rx * radius * Math.cos(turn), lobe.ry * radius * Math.sin(turn), lobe.rz * height],
        semiAxesMm: [between(0.3, 0.9), between(0.8, 2.4), between(0.8, 3)],
        angle: between(0, Math.PI),
        value: uniform() < 0.6 ? -kernel * 0.45 : kernel * 0.2,
      });
    }
  }
  for (let pore = 0; pore < 14; pore++) {
    const [turn, height] = [between(0, 2 * Math.PI), between(-0.7, 0.7)];
    const ring = Math.sqrt(1 - height * height);
    const radius = between(0.2, 0.45);
    bodies.push({
      centreMm: [(a - thickness / 2) * ring * Math.cos(turn), (b - thickness / 2) * ring * Math.sin(turn), (c - thickness / 2) * height],
      semiAxesMm: [radius, radius, radius],
      angle: 0,
      value: -shell * 0.8,
    });
  }
  return bodies;
}
