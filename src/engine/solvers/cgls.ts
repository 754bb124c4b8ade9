/** CGLS: conjugate gradients for min ||A x - y||. */
import type { CglsParameters } from '../../shared/experiment';
import type { Ports } from '../ports/ports';
import { keptNumber, type ResumePoint, type Solver, type SolverEvent, type SolverMemory } from './solver';
import { initialise, nothingToReconstruct } from './start';

/** ||A^T r|| relative to its first value below which float32 has nothing left to improve. */
const NEGLIGIBLE = 1e-6;

/**
 *     s = A^T (y - A x);  p = s;  c = <s,s>
 *     loop  w = A^T A p;  a = c / <p,w>;  x = x + a p;  s = s - a w;  b = <s,s> / c;  c = <s,s>;  p = s + b p
 *
 * Source: Hestenes and Stiefel 1952, section 10: conjugate gradients on A^T A x = A^T y without forming it; s is A^T r throughout. Of the forms in
 * Bjorck, "Numerical Methods for Least Squares Problems", section 7.4, this one carries s instead of the residual r = y - A x, so that a run can go on from
 * volumes alone; <p,w> = ||A p||^2. Ends by itself once s is negligible or no direction is left. Stopping early regularises: noise comes in
 * with the later iterations. Memory besides the scan: four volumes.
 */
async function* iterateCgls(ports: Ports, parameters: CglsParameters, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void> {
  const { projector, vectors } = ports;
  const x = ports.volume('x');
  const s = ports.volume('gradient');
  const p = ports.volume('direction');
  const w = ports.volume('projected_direction');

  let c: number;
  let first: number;
  if (from) [c, first] = [keptNumber(from, 'c'), keptNumber(from, 'first')];
  else {
    await vectors.combine(p, [], 1);
    await projector.normal(p, w);
    if ((await vectors.dot(p, w)) === 0) throw nothingToReconstruct();
    await initialise(ports, parameters.init_method, x);
    await projector.gradient(x, s);
    await vectors.combine(s, [[-1, s]]);
    await vectors.combine(p, [[1, s]]);
    c = await vectors.dot(s, s);
    first = c;
  }
  const memory = (): SolverMemory => ({ numbers: { c, first }, volumes: { gradient: s, direction: p } });
  yield { kind: 'initial', x, lipschitz: null, stepSize: null, memory: memory() };

  for (;;) {
    await projector.normal(p, w);
    const pw = await vectors.dot(p, w);
    // No direction is left: x solves the problem as well as it can be solved.
    if (!(pw > 0)) {
      yield { kind: 'iterate', x, memory: memory(), last: true };
      return;
    }
    const a = c / pw;
    await vectors.combine(x, [
      [1, x],
      [a, p],
    ]);
    await vectors.combine(s, [
      [1, s],
      [-a, w],
    ]);
    const next = await vectors.dot(s, s);
    await vectors.combine(p, [
      [1, s],
      [next / c, p],
    ]);
    c = next;
    yield { kind: 'step', step: 'gradient' };
    if (!(c > first * NEGLIGIBLE ** 2)) {
      yield { kind: 'iterate', x, memory: memory(), last: true };
      return;
    }
    yield { kind: 'iterate', x, memory: memory() };
  }
}

export const cgls: Solver<CglsParameters> = {
  volumes: ['x', 'gradient', 'direction', 'projected_direction'],
  projections: [],
  iterate: iterateCgls,
};
