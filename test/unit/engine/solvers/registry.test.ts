// Every solver of a configuration on a small dense problem: the residual falls, the events come in order, and formulas hold where they are known.
import { describe, expect, it } from 'vitest';
import { solverTables } from '../../../../src/engine/plan/parameterTable';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { scheduleAt } from '../../../../src/engine/solvers/pnpFast';
import { chooseSolver } from '../../../../src/engine/solvers/registry';
import type { SolverEvent } from '../../../../src/engine/solvers/solver';
import type { SolverParameters } from '../../../../src/shared/experiment';
import { goOn } from './goOn';
import { type MatrixProblem, matrixPorts, multiply, transpose } from './matrixPorts';

const A = [
  [1, 2, 0, 0.5],
  [0, 1, 3, 1],
  [2, 0, 1, 0],
  [0.3, 0.7, 0.1, 2],
  [1, 1, 1, 1],
];
const truth = [1, 1, 0.4, 0.4];
const problem: MatrixProblem = {
  A,
  y: multiply(A, truth).map((value, i) => value + 0.01 * (i % 2 === 0 ? 1 : -1)),
  denoise: (x, sigma) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return x.map((value) => mean + (value - mean) * (1 - sigma / 10));
  },
  referenceRange: { minimum: 0, maximum: 1 },
  pseudoInverse: [0.8, 1.2, 0.5, 0.2],
};
const names = solverTables.map(({ name }) => name);

function parameters(name: string, text = ''): SolverParameters {
  const yaml = `dataset: [tomography_3d]\nsolver:\n  - ${name}: {max_batch_size: 1${text}}\n`;
  const plain = `dataset: [tomography_3d]\nsolver:\n  - ${name}: {name_prefix: a${text}}\n`;
  const [row] = loadConfig(name.startsWith('PnP') ? yaml : plain, 'a.yml').rows;
  if (!row) throw new Error('no row');
  return row.solver;
}

const residualOf = (x: readonly number[], { y } = problem): number => Math.hypot(...multiply(A, x).map((value, i) => value - y[i]!));

/** The events until `iterations` iterates, the residual and the values at each. */
async function run(chosen: SolverParameters, iterations: number, on: MatrixProblem = problem) {
  const { ports, values } = matrixPorts(on);
  const events: SolverEvent[] = [];
  const iterates: number[][] = [];
  for await (const event of chooseSolver(chosen).iterate(ports, null)) {
    events.push(event);
    if (event.kind === 'step') continue;
    iterates.push(values(event.x.name));
    if (iterates.length > iterations) break;
  }
  return { events, iterates, residuals: iterates.map((x) => residualOf(x, on)) };
}

describe.each(names)('%s', (name) => {
  const zeros = name === 'FDK' ? '' : ', init_method: zeros';

  it('lowers the residual from zero', async () => {
    const { residuals } = await run(parameters(name, zeros), 30);
    expect(residuals.at(-1)).toBeLessThan(0.35 * residuals[0]!);
  });

  it('begins with the start, names its steps, and ends each iteration with an iterate', async () => {
    const { events } = await run(parameters(name), 2);
    expect(events[0]?.kind).toBe('initial');
    expect(events.at(-1)?.kind).toBe('iterate');
    expect(events.filter(({ kind }) => kind === 'step').length).toBeGreaterThan(0);
    expect(events.filter(({ kind }) => kind === 'initial')).toHaveLength(1);
  });

  it('goes on after an interruption with the same bits', async () => {
    if (name === 'FDK') return;
    const { iterate } = chooseSolver(parameters(name));
    const { inOneGo, interrupted } = await goOn(problem, iterate, 4, 2);
    expect(interrupted).toEqual(inOneGo);
  });

  it('uses no volume or projections it did not declare', async () => {
    const { ports } = matrixPorts(problem);
    const chosen = chooseSolver(parameters(name));
    const used = new Set<string>();
    const watched = {
      ...ports,
      volume: (volume: string) => {
        used.add(volume);
        return ports.volume(volume);
      },
      projections: (projections: string) => {
        used.add(projections);
        return ports.projections(projections);
      },
    };
    let events = 0;
    for await (const _ of chosen.iterate(watched, null)) if (++events > 6) break;
    expect([...used].sort()).toEqual([...chosen.volumes, ...chosen.projections].sort());
  });

  it('says so when no ray meets the volume', async () => {
    const empty = { ...problem, A: A.map((row) => row.map(() => 0)) };
    if (name === 'FDK') return expect(run(parameters(name), 1, empty)).resolves.toBeDefined();
    return expect(run(parameters(name), 1, empty)).rejects.toThrow(/No ray of the chosen views/);
  });
});

describe('SIRT', () => {
  it('is the formula, with zero weights for rays and voxels that meet nothing', async () => {
    const on = { ...problem, A: [...A.map((row) => [...row, 0]), [0, 0, 0, 0, 0]], y: [...problem.y, 7], pseudoInverse: [1, 1, 1, 1, 1] };
    const { iterates } = await run(parameters('SIRT', ', relaxation: 1.5, nonnegativity: false'), 4, on);
    const R = on.A.map((row) => row.reduce((a, b) => a + b, 0)).map((sum) => (sum > 0 ? 1 / sum : 0));
    const C = transpose(on.A)
      .map((row) => row.reduce((a, b) => a + b, 0))
      .map((sum) => (sum > 0 ? 1 / sum : 0));
    let x = [0, 0, 0, 0, 0];
    for (let k = 0; k < 4; k++) {
      const r = multiply(on.A, x).map((value, i) => R[i]! * (on.y[i]! - value));
      x = multiply(transpose(on.A), r).map((value, j) => x[j]! + 1.5 * C[j]! * value);
    }
    iterates.at(-1)?.forEach((value, j) => {
      expect(value).toBeCloseTo(x[j]!, 12);
    });
    expect(iterates.at(-1)?.[4]).toBe(0);
  });

  it('falls at every iteration in its own norm, and stays positive when asked', async () => {
    const { iterates } = await run(parameters('SIRT', ', nonnegativity: false'), 20);
    const weighted = iterates.map((x) => {
      const sums = A.map((row) => row.reduce((a, b) => a + b, 0));
      return multiply(A, x).reduce((sum, value, i) => sum + (value - problem.y[i]!) ** 2 / sums[i]!, 0);
    });
    weighted.slice(1).forEach((value, k) => {
      expect(value).toBeLessThanOrEqual(weighted[k]!);
    });
    const negative = { ...problem, y: problem.y.map((value, i) => (i === 2 ? -value : value)) };
    const kept = await run(parameters('SIRT'), 20, negative);
    expect(Math.min(...kept.iterates.flat())).toBe(0);
  });
});

describe('CGLS', () => {
  it('falls at every iteration and ends by itself at the least-squares solution, after as many steps as unknowns', async () => {
    const { residuals, iterates, events } = await run(parameters('CGLS'), 50);
    residuals.slice(1).forEach((value, k) => {
      expect(value).toBeLessThanOrEqual(residuals[k]! * (1 + 1e-12));
    });
    expect(iterates.length).toBeLessThanOrEqual(1 + 5);
    expect(events.at(-1)).toMatchObject({ kind: 'iterate', last: true });
    const gradient = multiply(
      transpose(A),
      multiply(A, iterates.at(-1)!).map((value, i) => value - problem.y[i]!),
    );
    expect(Math.hypot(...gradient)).toBeLessThan(1e-5);
  });

  it('ends at once where nothing was measured', async () => {
    const { events, iterates } = await run(parameters('CGLS'), 50, { ...problem, y: problem.y.map(() => 0) });
    expect(events.at(-1)).toMatchObject({ last: true });
    expect(iterates.flat().every((value) => value === 0)).toBe(true);
  });
});

describe('FISTA-TV', () => {
  it('reaches the minimum of its objective', async () => {
    const { iterates, events } = await run(parameters('FISTA-TV', ', tv_weight: 0.002, tv_iterations: 40, nonnegativity: false'), 400);
    const initial = events[0];
    if (initial?.kind !== 'initial') throw new Error('no start');
    const lam = 0.002 * initial.lipschitz!;
    const objective = (x: readonly number[]): number =>
      residualOf(x) ** 2 / 2 + lam * x.slice(1).reduce((sum, value, i) => sum + Math.abs(value - x[i]!), 0);
    const x = iterates.at(-1)!;
    const least = objective(x);
    expect(least).toBeLessThan(objective(truth));
    // No small move makes it smaller: the objective is convex, so this is the minimum.
    for (let j = 0; j < 4; j++) {
      for (const move of [-1e-3, 1e-3]) expect(objective(x.map((value, i) => (i === j ? value + move : value)))).toBeGreaterThan(least);
      for (const move of [-1e-3, 1e-3]) expect(objective(x.map((value, i) => (i >= j ? value + move : value)))).toBeGreaterThan(least);
    }
  });
});

describe('PnP-fast', () => {
  it('falls from sigma_start to denoiser_sigma, then takes steps that add up to less than one', () => {
    const settings = { denoiser_sigma: 0.05, sigma_start: 0.2, schedule_iterations: 3 };
    const schedule = Array.from({ length: 10_000 }, (_, n) => scheduleAt(n, settings));
    expect(schedule.slice(0, 4).map(({ sigma }) => sigma)).toEqual([0.2, expect.closeTo(0.1, 12), 0.05, 0.05]);
    expect(schedule.slice(0, 3).every(({ theta }) => theta === 1)).toBe(true);
    expect(schedule.slice(3).reduce((sum, { theta }) => sum + theta, 0)).toBeLessThan(0.65);
    expect(scheduleAt(0, { ...settings, schedule_iterations: 1 }).sigma).toBe(0.05);
    expect(scheduleAt(0, { ...settings, denoiser_sigma: 0 }).sigma).toBe(0);
    expect(scheduleAt(0, { ...settings, sigma_start: 0 }).sigma).toBe(0.05);
  });

  it('solves its data step: without denoising the fixed point is the least-squares solution', async () => {
    const still = { ...problem, denoise: (x: readonly number[]) => [...x] };
    const { iterates } = await run(
      parameters('PnP-fast', ', data_iterations: 6, data_coupling: 0.001, schedule_iterations: 60'),
      60,
      still,
    );
    const gradient = multiply(
      transpose(A),
      multiply(A, iterates.at(-1)!).map((value, i) => value - problem.y[i]!),
    );
    expect(Math.hypot(...gradient)).toBeLessThan(1e-6);
  });

  it('stays where it is over 200 iterations with a denoiser that expands', async () => {
    const wild = { ...problem, denoise: (x: readonly number[]) => x.map((value) => 1.3 * value + 0.05) };
    const { iterates } = await run(parameters('PnP-fast'), 200, wild);
    const [scheduled, last] = [iterates[6]!, iterates.at(-1)!];
    expect(Math.max(...last.map((value, i) => Math.abs(value - scheduled[i]!)))).toBeLessThan(1);
  });
});
