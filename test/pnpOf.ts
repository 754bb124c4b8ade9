// The PnP parameters of a row, for tests whose configuration has no other solver.
import type { ExperimentRow, PnpParameters } from '../src/shared/experiment';

export function pnpOf({ solver }: Pick<ExperimentRow, 'solver'>): PnpParameters {
  if (solver.name !== 'PnP') throw new Error(`expected PnP, found ${solver.name}`);
  return solver;
}
