// Ports over plain arrays and a small dense matrix: a solver's formula can be checked against a direct computation.
import type { ArithmeticPort, Ports, Projections, VectorField, Volume } from '../../../../src/engine/ports/ports';

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

/** Named arrays of one length, zero at first. */
class Arrays {
  private readonly values = new Map<string, number[]>();
  constructor(readonly length: number) {}
  get(name: string): number[] {
    return this.values.get(name) ?? new Array<number>(this.length).fill(0);
  }
  set(name: string, values: readonly number[]): void {
    this.values.set(name, [...values]);
  }
}

function arithmetic<V>(arrays: Arrays, nameOf: (vector: V) => string): ArithmeticPort<V> {
  const get = (vector: V): number[] => arrays.get(nameOf(vector));
  return {
    combine: async (target, terms, offset = 0) =>
      arrays.set(
        nameOf(target),
        Array.from({ length: arrays.length }, (_, i) => terms.reduce((sum, [c, vector]) => sum + c * get(vector)[i]!, offset)),
      ),
    divide: async (target, a, b) =>
      arrays.set(
        nameOf(target),
        get(a).map((value, i) => (get(b)[i]! > 0 ? value / get(b)[i]! : 0)),
      ),
    dot: async (a, b) => get(a).reduce((sum, value, i) => sum + value * get(b)[i]!, 0),
  };
}

/** Total variation is that of a line of voxels: the volume is (1,1,columns). */
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
  const volumes = new Arrays(columns);
  const pixels = new Arrays(problem.A.length);
  pixels.set('measured', problem.y);
  const calls: string[] = [];
  const get = (volume: Volume): number[] => volumes.get(volume.name);
  const set = (volume: Volume, values: readonly number[]): void => volumes.set(volume.name, values);
  const ports: Ports = {
    projector: {
      measured: { pixels: 'measured' },
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
      forward: async (x, out) => pixels.set(out.pixels, multiply(problem.A, get(x))),
      back: async (p, out) => set(out, multiply(At, pixels.get(p.pixels))),
    },
    denoiser: {
      denoise: async (input, sigma, out) => {
        calls.push('denoise');
        set(out, problem.denoise(get(input), sigma));
      },
    },
    vectors: {
      ...arithmetic(volumes, ({ name }: Volume) => name),
      clamp: async (target, low, high) =>
        set(
          target,
          get(target).map((value) => Math.min(Math.max(value, low), high)),
        ),
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
      totalVariationImage: async (image, input, [, , x]: VectorField, weight, low, high) => {
        const field = get(x);
        set(
          image,
          get(input).map((value, i) => Math.min(Math.max(value + weight * (field[i]! - (field[i - 1] ?? 0)), low), high)),
        );
      },
      totalVariationStep: async (image, dual, point, step, inertia) => {
        const u = get(image);
        const q = get(point[2]).map((value, i) => {
          const moved = i + 1 < columns ? value + step * (u[i + 1]! - u[i]!) : 0;
          return moved / Math.max(1, Math.abs(moved));
        });
        const before = get(dual[2]);
        set(
          point[2],
          q.map((value, i) => value + inertia * (value - before[i]!)),
        );
        set(dual[2], q);
      },
    },
    pixels: arithmetic(pixels, ({ pixels: name }: Projections) => name),
    referenceRange: problem.referenceRange,
    volume: (name) => ({ name }),
    projections: (name) => ({ pixels: name }),
  };
  return { ports, values: (name) => volumes.get(name), put: (name, values) => volumes.set(name, values), calls };
}
