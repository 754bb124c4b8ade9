/** PnP-fast: plug-and-play by half-quadratic splitting, with far fewer calls of the denoiser than the reference's proximal gradient. */
import type { PnpFastParameters } from '../../shared/experiment';
import type { Ports, Volume } from '../ports/ports';
import { keptNumber, type ResumePoint, type Solver, type SolverEvent, type SolverMemory } from './solver';
import { dynamicRange, initialise, positiveSquaredNorm, scaleOf } from './start';

/**
 *     L = ||A||^2;  K = schedule_iterations;  n iterations are done
 *     loop  sigma = sigma_start (denoiser_sigma / sigma_start)^(n/(K-1)) while n < K, then denoiser_sigma
 *           v = argmin ||A v - y||^2 + alpha ||v - x||^2,  alpha = data_coupling L (denoiser_sigma / sigma)^2,
 *               by data_iterations steps of conjugate gradients from x                  step "gradient"
 *           z = D((v - m)/s, sigma) s + m                                              step "denoise"
 *           x = x + theta (z - x),  theta = 1 while n < K, then 1/(n - K + 2)^2;  nonnegativity: x = max(0, x)
 *
 * Source: DPIR, Zhang, Li, Zuo, Zhang, Van Gool and Timofte 2021, "Plug-and-play image restoration with deep denoiser prior", IEEE TPAMI: splitting,
 * falling sigma, alpha as (1 / sigma)^2. There the data step is solved exactly; here A has no cheap inverse, and a few steps from x put right
 * what the data say most clearly. An iterate is what was denoised last, as there. A network promises no contraction, so after the schedule the
 * steps are averaged with weights theta (Mann 1953, "Mean value methods in iteration") that add up to less than one full step: whatever the network
 * does, a long run converges, close to where the schedule ended. Starts from the FDK. m and s as `norm_strategy: dynamic` of PnP. Memory besides the scan: six volumes. Runs until its
 * consumer stops asking.
 */
async function* iteratePnpFast(
  ports: Ports,
  parameters: PnpFastParameters,
  from: ResumePoint | null,
): AsyncGenerator<SolverEvent, void, void> {
  const { denoiser, vectors } = ports;
  const x = ports.volume('x');
  const z = ports.volume('denoised');
  const work: ConjugateVolumes = { r: ports.volume('residual'), p: ports.volume('direction'), w: ports.volume('projected_direction') };
  const u = ports.volume('normalised');

  let lipschitz: number;
  let m: number;
  let M: number;
  if (from) [lipschitz, m, M] = [keptNumber(from, 'lipschitz'), keptNumber(from, 'm'), keptNumber(from, 'M')];
  else {
    lipschitz = await positiveSquaredNorm(ports, [x, z, u]);
    await initialise(ports, parameters.init_method, x);
    ({ m, M } = await dynamicRange(ports, { method: parameters.init_method, x0: x }, u));
  }
  const s = scaleOf({ m, M });
  const memory: SolverMemory = { numbers: { lipschitz, m, M }, volumes: {} };
  yield { kind: 'initial', x, lipschitz, stepSize: null, memory };

  for (let n = from?.iteration ?? 0; ; n++) {
    const { sigma, theta } = scheduleAt(n, parameters);
    const alpha = parameters.data_coupling * lipschitz * (parameters.denoiser_sigma / sigma) ** 2;
    await vectors.combine(z, [[1, x]]);
    await dataStep(ports, z, alpha, parameters.data_iterations, work);
    yield { kind: 'step', step: 'gradient' };

    await vectors.combine(u, [[1 / s, z]], -m / s);
    await denoiser.denoise(u, sigma, z);
    await vectors.combine(
      x,
      [
        [1 - theta, x],
        [theta * s, z],
      ],
      theta * m,
    );
    if (parameters.nonnegativity) await vectors.clamp(x, 0, Number.POSITIVE_INFINITY);
    yield { kind: 'step', step: 'denoise' };
    yield { kind: 'iterate', x, memory };
  }
}

/** sigma and theta after `n` iterations. */
export function scheduleAt(
  n: number,
  {
    denoiser_sigma,
    sigma_start,
    schedule_iterations: K,
  }: Pick<PnpFastParameters, 'denoiser_sigma' | 'sigma_start' | 'schedule_iterations'>,
): { sigma: number; theta: number } {
  const start = Math.max(sigma_start, denoiser_sigma);
  const share = K > 1 ? Math.min(1, n / (K - 1)) : 1;
  const sigma = denoiser_sigma === 0 || share === 1 ? denoiser_sigma : start * (denoiser_sigma / start) ** share;
  return { sigma, theta: n < K ? 1 : 1 / (n - K + 2) ** 2 };
}

interface ConjugateVolumes {
  readonly r: Volume;
  readonly p: Volume;
  readonly w: Volume;
}

/** v = `steps` steps of conjugate gradients on (A^T A + alpha) v = A^T y + alpha z from v = z; v takes the place of z. */
async function dataStep(
  { projector, vectors }: Ports,
  v: Volume,
  alpha: number,
  steps: number,
  { r, p, w }: ConjugateVolumes,
): Promise<void> {
  // At v = z the coupling has no say in the residual.
  await projector.gradient(v, r);
  await vectors.combine(r, [[-1, r]]);
  await vectors.combine(p, [[1, r]]);
  let c = await vectors.dot(r, r);
  for (let step = 0; step < steps; step++) {
    await projector.normal(p, w);
    await vectors.combine(w, [
      [1, w],
      [alpha, p],
    ]);
    const pw = await vectors.dot(p, w);
    if (!(pw > 0)) return;
    await vectors.combine(v, [
      [1, v],
      [c / pw, p],
    ]);
    if (step === steps - 1) return;
    await vectors.combine(r, [
      [1, r],
      [-c / pw, w],
    ]);
    const next = await vectors.dot(r, r);
    await vectors.combine(p, [
      [1, r],
      [next / c, p],
    ]);
    c = next;
  }
}

export const pnpFast: Solver<PnpFastParameters> = {
  volumes: ['x', 'denoised', 'normalised', 'residual', 'direction', 'projected_direction'],
  projections: [],
  iterate: iteratePnpFast,
};
