/** FDK as a solver: its only iterate is the initial one. Filtering and weighting are the projector's. */
import type { Ports } from '../ports/ports';
import type { SolverEvent } from './solver';

/** Volumes the single FDK reconstruction needs. */
export const fdkVolumes = ['x'] as const;

/** x = FDK of all chosen views. */
export async function* iterateFdk(ports: Ports): AsyncGenerator<SolverEvent, void, void> {
  const x = ports.volume('x');
  await ports.projector.pseudoInverse(x);
  yield { kind: 'initial', x, lipschitz: null, stepSize: null, memory: { numbers: {}, volumes: {} } };
}
