// The plug-and-play solver against the reference's formula computed directly, for every init_method and norm_strategy.
import { describe, expect, it } from 'vitest';
import { pnp } from '../../../../src/engine/solvers/pnp';
import type { SolverEvent } from '../../../../src/engine/solvers/solver';
import type { PnpParameters } from '../../../../src/shared/experiment';
import { goOn } from './goOn';
import { type MatrixProblem, matrixPorts, multiply, transpose } from './matrixPorts';

const A = [
  [1, 2, 0, 0.5],
  [0, 1, 3, 1],
  [2, 0, 1, 0],
  [0.3, 0.7, 0.1, 2],
  [1, 1, 1, 1],
];
const y = [1, 4, 2.5, 1.2, 3.1];
const problem: MatrixProblem = {
  A,
  y,
  // Shrinks towards the mean, more so with sigma: linear, and different for every sigma.
  denoise: (x, sigma) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return x.map((value) => mean + (value - mean) * (1 - sigma));
  },
  referenceRange: { minimum: -0.5, maximum: 1.5 },
  pseudoInverse: [0.4, 0.2, 1.1, 0.3],
};
const parameters: PnpParameters = {
  name: 'PnP',
  denoiser: 'drunet',
  init_method: 'pseudo_inverse',
  norm_strategy: 'dynamic',
  step_size: null,
  step_size_scale: 0.99,
  denoiser_sigma: 0.2,
  denoiser_lambda_relaxation: 10,
  distribute_physics: false,
  distribute_denoiser: false,
  patch_size: 8,
  overlap: 2,
  max_batch_size: 1,
  provider: 'auto',
  precision: 'fp32',
  slurm_nodes: 1,
  slurm_ntasks_per_node: 1,
  slurm_gres: 'gpu:1',
  torchrun_nproc_per_node: 1,
  name_prefix: 'pnp',
};

/** Largest eigenvalue of A^T A by many plain power iterations. */
function squaredNorm(): number {
  let v = [1, 1, 1, 1];
  let norm = 0;
  for (let i = 0; i < 500; i++) {
    v = multiply(transpose(A), multiply(A, v));
    norm = Math.hypot(...v);
    v = v.map((value) => value / norm);
  }
  return norm;
}

async function take(events: AsyncGenerator<SolverEvent, void, void>, iterations: number): Promise<SolverEvent[]> {
  const taken: SolverEvent[] = [];
  let done = 0;
  for await (const event of events) {
    taken.push(event);
    if (event.kind === 'iterate' && ++done === iterations) break;
  }
  return taken;
}

/** The formula of the design reference, literally. */
function direct(p: PnpParameters, eta: number, iterations: number, range = problem.referenceRange): number[] {
  const At = transpose(A);
  let x = p.init_method === 'zeros' ? [0, 0, 0, 0] : p.init_method === 'adjoint' ? multiply(At, y) : [...problem.pseudoInverse];
  const sorted = [...problem.pseudoInverse].sort((a, b) => a - b);
  const [m, M] =
    p.norm_strategy === 'initial'
      ? [Math.min(...x), Math.max(...x)]
      : range
        ? [range.minimum, range.maximum]
        : [sorted[0]!, sorted.at(-1)!];
  const s = Math.max(M - m, 1e-10);
  const lam = p.denoiser_lambda_relaxation;
  const a = lam === null ? 1 : (eta * lam) / (1 + eta * lam);
  for (let i = 0; i < iterations; i++) {
    const g = multiply(
      At,
      multiply(A, x).map((value, row) => value - y[row]!),
    );
    x = x.map((value, k) => value - eta * g[k]!);
    if (p.norm_strategy === 'clip') {
      const d = problem.denoise(x, p.denoiser_sigma);
      x = x.map((value, k) => Math.min(Math.max((1 - a) * value + a * d[k]!, m), M));
    } else {
      const u = x.map((value) => (value - m) / s);
      const d = problem.denoise(u, p.denoiser_sigma);
      x = u.map((value, k) => ((1 - a) * value + a * d[k]!) * s + m);
    }
  }
  return x;
}

describe('pnp', () => {
  const cases: Partial<PnpParameters>[] = [
    {},
    { init_method: 'zeros' },
    { init_method: 'adjoint' },
    { init_method: 'adjoint', norm_strategy: 'initial' },
    { norm_strategy: 'clip' },
    { norm_strategy: 'clip', init_method: 'zeros', denoiser_lambda_relaxation: null },
    { denoiser_lambda_relaxation: null },
    { step_size: 0.01, denoiser_sigma: 0.5 },
  ];
  it.each(cases)('is the formula with %o', async (change) => {
    const p = { ...parameters, ...change };
    const { ports, values } = matrixPorts(problem);
    const events = await take(pnp.iterate(ports, p, null), 5);
    const initial = events[0];
    expect(initial?.kind).toBe('initial');
    const eta = p.step_size ?? p.step_size_scale / squaredNorm();
    if (initial?.kind === 'initial') {
      expect(initial.stepSize! / eta).toBeCloseTo(1, 3);
      const expected = direct(p, initial.stepSize!, 5);
      values('x').forEach((value, index) => {
        expect(value).toBeCloseTo(expected[index]!, 10);
      });
    }
  });

  it('takes the range of the FDK where there is no reference, and computes that FDK even when it does not start from it', async () => {
    const { ports, values, calls } = matrixPorts({ ...problem, referenceRange: null });
    const p = { ...parameters, init_method: 'zeros' as const, step_size: 0.02 };
    await take(pnp.iterate(ports, p, null), 3);
    const expected = direct(p, 0.02, 3, null);
    values('x').forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 10);
    });
    expect(calls.filter((call) => call === 'pseudoInverse')).toHaveLength(1);
  });

  it('yields the end of each step and of each iteration, in that order', async () => {
    const { ports } = matrixPorts(problem);
    const events = await take(pnp.iterate(ports, parameters, null), 2);
    const kinds = events.map((event) => (event.kind === 'step' ? event.step : event.kind));
    expect(kinds).toEqual(['initial', 'gradient', 'denoise', 'iterate', 'gradient', 'denoise', 'iterate']);
  });

  it.each([
    {},
    { norm_strategy: 'initial' as const, init_method: 'adjoint' as const },
    { step_size: 0.01, norm_strategy: 'clip' as const },
  ])('goes on after an interruption with the same bits and without a second set-up (%o)', async (change) => {
    const p = { ...parameters, ...change };
    const { inOneGo, interrupted, secondCalls } = await goOn(problem, (ports, from) => pnp.iterate(ports, p, from), 6, 2);
    expect(interrupted).toEqual(inOneGo);
    expect(secondCalls.filter((call) => call === 'pseudoInverse')).toEqual([]);
  });

  it('refuses to go on from a state of another version that lacks what it needs', async () => {
    const { ports } = matrixPorts(problem);
    const from = { iteration: 3, numbers: { eta: 0.1, m: 0 } };
    await expect(take(pnp.iterate(ports, parameters, from), 1)).rejects.toThrow(/iteration 3 lacks "M"/);
  });

  it('says so when no ray meets the volume', async () => {
    const { ports } = matrixPorts({ ...problem, A: A.map((row) => row.map(() => 0)) });
    await expect(take(pnp.iterate(ports, parameters, null), 1)).rejects.toThrow(/No ray of the chosen views/);
  });
});
