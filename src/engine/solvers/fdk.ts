/** FDK as a solver with a single iteration. Filtering and weighting are the projector's. */
import type { FdkParameters } from '../../shared/experiment';
import type { Ports } from '../ports/ports';
import type { ResumePoint, Solver, SolverEvent } from './solver';

/** x0 = 0;  x1 = FDK of all chosen views (Feldkamp, Davis and Kress 1984; weights and filter in the native code). */
async function* iterateFdk(ports: Ports, _parameters: FdkParameters, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void> {
  const x = ports.volume('x');
  const memory = { numbers: {}, volumes: {} };
  if (!from) await ports.vectors.combine(x, []);
  yield { kind: 'initial', x, lipschitz: null, stepSize: null, memory };
  await ports.projector.pseudoInverse(x);
  yield { kind: 'step', step: 'gradient' };
  yield { kind: 'iterate', x, memory, last: true };
}

export const fdk: Solver<FdkParameters> = { volumes: ['x'], projections: [], iterate: iterateFdk };
