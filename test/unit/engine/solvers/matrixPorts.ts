// Ports over plain arrays and a small dense matrix: a solver's formula can be checked against a direct computation.
import type { Ports, Volume } from '../../../../src/engine/ports/ports';

export interface MatrixProblem {
  /** rows x columns */
  readonly A: readonly (readonly number[])[];
  readonly y: readonly number[];
  readonly denoise: (x: readonly number[], sigma: number) => number[];
  readonly referenceRange: { minimum: number; maximum: number } | null;
  /** Stands for the FDK. */
  readonly pseudoInverse: readonly number[];
}

export const multiply = (A: readonly (readonly number[])[], x: readonly number[]): number[] =>
  A.map((row) => row.reduce((sum, a, column) => sum + a * (x[column] ?? 0), 0));

export const transpose = (A: readonly (readonly number[])[]): number[][] =>
  (A[0] ?? []).map((_, column) => A.map((row) => row[column] ?? 0));

export interface MatrixPorts {
  readonly ports: Ports;
  readonly values: (name: string) => number[];
  /** Fills a volume, as a run that goes on finds it. */
  readonly put: (name: string, values: readonly number[]) => void;
  readonly calls: string[];
}

export function matrixPorts(problem: MatrixProblem): MatrixPorts {
  const columns = problem.A[0]?.length ?? 0;
  const At = transpose(problem.A);
  const volumes = new Map<string, number[]>();
  const calls: string[] = [];
  const get = (volume: Volume): number[] => {
    const values = volumes.get(volume.name) ?? new Array<number>(columns).fill(0);
    volumes.set(volume.name, values);
    return values;
  };
  const set = (volume: Volume, values: readonly number[]): void => {
    volumes.set(volume.name, [...values]);
  };
  const ports: Ports = {
    projector: {
      gradient: async (x, out) => {
        calls.push('gradient');
        const residual = multiply(problem.A, get(x)).map((value, row) => value - (problem.y[row] ?? 0));
        set(out, multiply(At, residual));
      },
      adjoint: async (out) => set(out, multiply(At, problem.y)),
      normal: async (x, out) => set(out, multiply(At, multiply(problem.A, get(x)))),
      pseudoInverse: async (out) => {
        calls.push('pseudoInverse');
        set(out, problem.pseudoInverse);
      },
    },
    denoiser: {
      denoise: async (input, sigma, out) => {
        calls.push('denoise');
        set(out, problem.denoise(get(input), sigma));
      },
    },
    vectors: {
      combine: async (target, terms, offset = 0) =>
        set(
          target,
          Array.from({ length: columns }, (_, i) =>
            terms.reduce((sum, [coefficient, volume]) => sum + coefficient * get(volume)[i]!, offset),
          ),
        ),
      clamp: async (target, low, high) =>
        set(
          target,
          get(target).map((value) => Math.min(Math.max(value, low), high)),
        ),
      dot: async (a, b) => get(a).reduce((sum, value, i) => sum + value * get(b)[i]!, 0),
      minMax: async (a) => ({ minimum: Math.min(...get(a)), maximum: Math.max(...get(a)) }),
      percentiles: async (a, fractions) => {
        const sorted = [...get(a)].sort((p, q) => p - q);
        return fractions.map((fraction) => sorted[Math.round(fraction * (sorted.length - 1))]!);
      },
      fillRandom: async (target) =>
        set(
          target,
          Array.from({ length: columns }, (_, i) => 0.25 + ((i * 7) % 5) / 10),
        ),
    },
    referenceRange: problem.referenceRange,
    volume: (name) => ({ name }),
  };
  return { ports, values: (name) => get({ name }), put: (name, values) => set({ name }, values), calls };
}
