/** SIRT: simultaneous iterative reconstruction with row and column sums as weights. */
import type { SirtParameters } from '../../shared/experiment';
import type { Ports } from '../ports/ports';
import type { ResumePoint, Solver, SolverEvent } from './solver';
import { initialise, nothingToReconstruct } from './start';

/**
 *     x = x + w C A^T R (y - A x),   R = 1 / (A 1),   C = 1 / (A^T 1),   0 < w < 2 (relaxation);   then x = max(x, 0) where asked
 *
 * Where a sum is zero its weight is zero: that ray or voxel takes no part. Source: Gregor and Benson 2008, "Computational analysis and
 * improvement of SIRT", IEEE Trans. Med. Imaging 27(7); it decreases ||y - A x|| in the norm of R (van der Sluis and van der Vorst 1990).
 * Memory besides the scan: three volumes and two sets of projections. Runs until its consumer stops asking.
 */
async function* iterateSirt(ports: Ports, parameters: SirtParameters, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void> {
  const { projector, vectors, pixels } = ports;
  const x = ports.volume('x');
  const g = ports.volume('gradient');
  const columnSums = ports.volume('column_sums');
  const rowSums = ports.projections('row_sums');
  const r = ports.projections('residual');

  // Going on after an interruption, x holds its iterate; the sums are found again, with the same bits.
  await vectors.combine(g, [], 1);
  await projector.forward(g, rowSums);
  await pixels.combine(r, [], 1);
  await projector.back(r, columnSums);
  if ((await vectors.minMax(columnSums)).maximum === 0) throw nothingToReconstruct();
  if (!from) {
    await initialise(ports, parameters.init_method, x);
    if (parameters.nonnegativity) await vectors.clamp(x, 0, Number.POSITIVE_INFINITY);
  }
  const memory = { numbers: {}, volumes: {} };
  yield { kind: 'initial', x, lipschitz: null, stepSize: parameters.relaxation, memory };

  for (;;) {
    await projector.forward(x, r);
    await pixels.combine(r, [
      [1, projector.measured],
      [-1, r],
    ]);
    await pixels.divide(r, r, rowSums);
    await projector.back(r, g);
    await vectors.divide(g, g, columnSums);
    await vectors.combine(x, [
      [1, x],
      [parameters.relaxation, g],
    ]);
    if (parameters.nonnegativity) await vectors.clamp(x, 0, Number.POSITIVE_INFINITY);
    yield { kind: 'step', step: 'gradient' };
    yield { kind: 'iterate', x, memory };
  }
}

export const sirt: Solver<SirtParameters> = {
  volumes: ['x', 'gradient', 'column_sums'],
  projections: ['row_sums', 'residual'],
  iterate: iterateSirt,
};
