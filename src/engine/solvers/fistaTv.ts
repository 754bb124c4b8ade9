/** FISTA-TV: accelerated proximal gradient with total variation. */
import type { FistaTvParameters } from '../../shared/experiment';
import type { Ports } from '../ports/ports';
import { keptNumber, type ResumePoint, type Solver, type SolverEvent, type SolverMemory } from './solver';
import { dynamicRange, initialise, positiveSquaredNorm, scaleOf } from './start';
import { TotalVariation, totalVariationVolumes } from './totalVariation';

/**
 *     min ||A x - y||^2 / 2 + lam TV(x),   lam = tv_weight L s,   L = ||A||^2,   eta = step_size_scale / L,   x >= 0 where asked
 *     loop  g = A^T (A v - y)                              step "gradient"
 *           x' = prox of eta lam TV at v - eta g            step "denoise"
 *           v = x' + (t - 1)/t' (x' - x);  x = x';  t' = (1 + sqrt(1 + 4 t^2)) / 2
 *
 * s is the intensity range (reference, else FDK), so tv_weight is a pure number: each proximal step removes differences of about tv_weight times
 * the range. Source: Beck and Teboulle 2009, "A fast iterative shrinkage-thresholding algorithm for linear inverse problems", SIAM J. Imaging
 * Sci. 2(1); no search for the step, L is known. Where <v - x', x' - x> > 0 the momentum points uphill and starts anew (O'Donoghue and
 * Candes 2015, gradient scheme). Memory besides the scan: ten volumes, six of them the dual of the proximal step. Runs until its consumer stops asking.
 */
async function* iterateFistaTv(
  ports: Ports,
  parameters: FistaTvParameters,
  from: ResumePoint | null,
): AsyncGenerator<SolverEvent, void, void> {
  const { projector, vectors } = ports;
  let x = ports.volume('x');
  let next = ports.volume('next');
  const v = ports.volume('extrapolated');
  const g = ports.volume('gradient');
  const totalVariation = new TotalVariation(ports);

  let lipschitz: number;
  let s: number;
  let t = 1;
  if (from) [lipschitz, s, t] = [keptNumber(from, 'lipschitz'), keptNumber(from, 's'), keptNumber(from, 't')];
  else {
    lipschitz = await positiveSquaredNorm(ports, [x, next, g]);
    await initialise(ports, parameters.init_method, x);
    s = scaleOf(await dynamicRange(ports, { method: parameters.init_method, x0: x }, g));
    await vectors.combine(v, [[1, x]]);
    await totalVariation.reset();
  }
  const eta = parameters.step_size_scale / lipschitz;
  const settings = {
    weight: eta * parameters.tv_weight * lipschitz * s,
    iterations: parameters.tv_iterations,
    low: parameters.nonnegativity ? 0 : Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  };
  const memory = (): SolverMemory => ({ numbers: { lipschitz, s, t }, volumes: { extrapolated: v, ...totalVariation.memory } });
  yield { kind: 'initial', x, lipschitz, stepSize: eta, memory: memory() };

  for (;;) {
    await projector.gradient(v, g);
    await vectors.combine(g, [
      [1, v],
      [-eta, g],
    ]);
    yield { kind: 'step', step: 'gradient' };

    await totalVariation.proximal(g, next, settings);
    // v - x' goes into v and x' - x into g, both free by now.
    await vectors.combine(v, [
      [1, v],
      [-1, next],
    ]);
    await vectors.combine(g, [
      [1, next],
      [-1, x],
    ]);
    const uphill = (await vectors.dot(v, g)) > 0;
    const t1 = uphill ? 1 : (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    await vectors.combine(v, [
      [1, next],
      [uphill ? 0 : (t - 1) / t1, g],
    ]);
    t = t1;
    [x, next] = [next, x];
    yield { kind: 'step', step: 'denoise' };
    yield { kind: 'iterate', x, memory: memory() };
  }
}

export const fistaTv: Solver<FistaTvParameters> = {
  volumes: ['x', 'next', 'extrapolated', 'gradient', ...totalVariationVolumes],
  projections: [],
  iterate: iterateFistaTv,
};
