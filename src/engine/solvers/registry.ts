/** Which code runs which solver of a configuration. */
import type { SolverParameters } from '../../shared/experiment';
import type { Ports } from '../ports/ports';
import { cgls } from './cgls';
import { fdk } from './fdk';
import { fistaTv } from './fistaTv';
import { pnp } from './pnp';
import { pnpFast } from './pnpFast';
import { sirt } from './sirt';
import type { ResumePoint, Solver, SolverEvent } from './solver';

const solvers: { readonly [N in SolverParameters['name']]: Solver<Extract<SolverParameters, { name: N }>> } = {
  PnP: pnp,
  'PnP-fast': pnpFast,
  FDK: fdk,
  SIRT: sirt,
  CGLS: cgls,
  'FISTA-TV': fistaTv,
};

/** A solver with its parameters, ready to be given ports. */
export interface ChosenSolver {
  readonly volumes: readonly string[];
  readonly projections: readonly string[];
  iterate(ports: Ports, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void>;
}

/** The solver that `parameters` name. */
export function chooseSolver(parameters: SolverParameters): ChosenSolver {
  // The table pairs each name with the solver of that name's parameters, which the compiler cannot see through the union.
  const solver = solvers[parameters.name] as Solver;
  return { volumes: solver.volumes, projections: solver.projections, iterate: (ports, from) => solver.iterate(ports, parameters, from) };
}
