/** Plug-and-play proximal gradient with a denoiser, exactly as the reference experiment runs it. */
import type { PnpParameters } from '../../shared/experiment';
import type { Ports, Volume } from '../ports/ports';
import { keptNumber, type ResumePoint, type Solver, type SolverEvent, type SolverMemory } from './solver';
import { dynamicRange, initialise, positiveSquaredNorm, scaleOf } from './start';

/**
 *     L = ||A||^2,  eta = step_size ?? step_size_scale / L,  a = eta*lam / (1 + eta*lam)
 *     g = sum_i A_i^T (A_i x - y_i)          step "gradient"
 *     x = x - eta g
 *     u = (x - m)/s ;  d = D(u, sigma)       step "denoise"
 *     u = (1-a) u + a d                      (lam null: u = d)
 *     x = u s + m                            (clip: D works on x itself, then x is clamped to [m, M])
 *
 * Runs until its consumer stops asking.
 */
async function* iteratePnp(ports: Ports, parameters: PnpParameters, from: ResumePoint | null): AsyncGenerator<SolverEvent, void, void> {
  const { projector, denoiser, vectors } = ports;
  const x = ports.volume('x');
  const g = ports.volume('gradient');
  const u = ports.volume('normalised');
  const d = ports.volume('denoised');

  const { lipschitz, eta, m, M } = from ? recall(from) : await setUp(ports, parameters, x, [u, g]);
  const s = scaleOf({ m, M });
  const lam = parameters.denoiser_lambda_relaxation;
  const a = lam === null ? 1 : (eta * lam) / (1 + eta * lam);
  const sigma = parameters.denoiser_sigma;
  const memory: SolverMemory = { numbers: { eta, m, M, ...(lipschitz === null ? {} : { lipschitz }) }, volumes: {} };
  yield { kind: 'initial', x, lipschitz, stepSize: eta, memory };

  for (;;) {
    await projector.gradient(x, g);
    await vectors.combine(x, [
      [1, x],
      [-eta, g],
    ]);
    yield { kind: 'step', step: 'gradient' };

    if (parameters.norm_strategy === 'clip') {
      await denoiser.denoise(x, sigma, d);
      await vectors.combine(x, [
        [1 - a, x],
        [a, d],
      ]);
      await vectors.clamp(x, m, M);
    } else {
      await vectors.combine(u, [[1 / s, x]], -m / s);
      await denoiser.denoise(u, sigma, d);
      await vectors.combine(
        x,
        [
          [(1 - a) * s, u],
          [a * s, d],
        ],
        m,
      );
    }
    yield { kind: 'step', step: 'denoise' };
    yield { kind: 'iterate', x, memory };
  }
}

/** What is found once, before the first iterate, and holds for the whole run. */
interface PnpConstants {
  /** ||A||^2, mm^2; null where the step size is given. */
  readonly lipschitz: number | null;
  readonly eta: number;
  readonly m: number;
  readonly M: number;
}

/** Leaves x0 in `x`. */
async function setUp(ports: Ports, parameters: PnpParameters, x: Volume, scratch: readonly [Volume, Volume]): Promise<PnpConstants> {
  const lipschitz = parameters.step_size === null ? await positiveSquaredNorm(ports, [x, ...scratch]) : null;
  const eta = parameters.step_size ?? parameters.step_size_scale / (lipschitz ?? 1);
  await initialise(ports, parameters.init_method, x);
  return { lipschitz, eta, ...(await intensityRange(ports, parameters, x, scratch[0])) };
}

function recall(from: ResumePoint): PnpConstants {
  const [eta, m, M] = [keptNumber(from, 'eta'), keptNumber(from, 'm'), keptNumber(from, 'M')];
  return { lipschitz: from.numbers.lipschitz ?? null, eta, m, M };
}

/** m and M of the reference formula; `scratch` takes the FDK where that is needed only for its range. */
async function intensityRange(ports: Ports, parameters: PnpParameters, x0: Volume, scratch: Volume): Promise<{ m: number; M: number }> {
  if (parameters.norm_strategy !== 'initial') return dynamicRange(ports, { method: parameters.init_method, x0 }, scratch);
  const { minimum, maximum } = await ports.vectors.minMax(x0);
  return { m: minimum, M: maximum };
}

export const pnp: Solver<PnpParameters> = { volumes: ['x', 'gradient', 'normalised', 'denoised'], projections: [], iterate: iteratePnp };
