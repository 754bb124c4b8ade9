/** The solver's ports carried out by a group of ranks. Sums over ranks are taken in slice order, so they do not depend on how many ranks there are. */
import type { ArithmeticPort, Ports, Projections, VectorField, Volume } from '../../engine/ports/ports';
import type { FieldNames, Term, VectorKind } from '../../shared/workerMessages';
import type { RankGroup } from './rankGroup';

/** Adds numbers in order. */
export function sumInOrder(parts: readonly Float64Array[]): number {
  let sum = 0;
  for (const part of parts) for (const value of part) sum += value;
  return sum;
}

/** The parts of all operators in operator order, whichever rank answered them; those of volumes, which have no operator, in rank order. */
export function inOperatorOrder(answers: readonly { parts: readonly Float64Array[]; operators: readonly number[] }[]): Float64Array[] {
  const all = answers.flatMap(({ parts, operators }) => parts.map((part, index) => ({ part, operator: operators[index] ?? 0 })));
  return all.sort((a, b) => a.operator - b.operator).map(({ part }) => part);
}

/** Without `hasNetwork` denoising copies. */
export function rankPorts(group: RankGroup, referenceRange: Ports['referenceRange'], hasNetwork: boolean): Ports {
  const project = async (what: 'gradient' | 'adjoint' | 'normal' | 'fdk' | 'back', input: string | null, out: Volume): Promise<void> => {
    await group.all('project', { what, input });
    await group.all('reduce', { target: out.name });
  };
  const volumes = arithmetic(group, 'volume', ({ name }: Volume) => name);
  return {
    projector: {
      measured: { pixels: 'measured' },
      gradient: (x, out) => project('gradient', x.name, out),
      adjoint: (out) => project('adjoint', null, out),
      normal: (x, out) => project('normal', x.name, out),
      pseudoInverse: (out) => project('fdk', null, out),
      forward: async (x, out) => {
        await group.all('forward', { input: x.name, target: out.pixels });
      },
      back: (p, out) => project('back', p.pixels, out),
    },
    denoiser: {
      denoise: async (input, sigma, out) => {
        if (hasNetwork) await group.all('denoise', { input: input.name, output: out.name, sigma });
        else await volumes.combine(out, [[1, input]]);
      },
    },
    vectors: {
      ...volumes,
      clamp: async (target, low, high) => {
        await group.all('clamp', { target: target.name, low, high });
      },
      minMax: async (a) => {
        const answers = await group.all('minMax', { a: a.name });
        return { minimum: Math.min(...answers.map((each) => each.minimum)), maximum: Math.max(...answers.map((each) => each.maximum)) };
      },
      percentiles: async (a, fractions) => (await group.one(0, 'percentiles', { a: a.name, fractions: [...fractions] })).values,
      fillRandom: async (target, seed) => {
        await group.all('fillRandom', { target: target.name, seed });
      },
      totalVariationImage: async (image, input, field, weight, low, high) => {
        await group.all('totalVariationImage', { image: image.name, input: input.name, field: namesOf(field), weight, low, high });
      },
      totalVariationStep: async (image, dual, point, step, inertia) => {
        await group.all('totalVariationStep', { image: image.name, dual: namesOf(dual), point: namesOf(point), step, inertia });
      },
    },
    pixels: arithmetic(group, 'projections', ({ pixels }: Projections) => pixels),
    referenceRange,
    volume: (name) => ({ name }),
    projections: (name) => ({ pixels: name }),
  };
}

function namesOf([z, y, x]: VectorField): FieldNames {
  return [z.name, y.name, x.name];
}

function arithmetic<V>(group: RankGroup, kind: VectorKind, nameOf: (vector: V) => string): ArithmeticPort<V> {
  return {
    combine: async (target, terms, offset = 0) => {
      await group.all('combine', {
        kind,
        target: nameOf(target),
        terms: terms.map(([coefficient, vector]): Term => [coefficient, nameOf(vector)]),
        offset,
      });
    },
    divide: async (target, a, b) => {
      await group.all('divide', { kind, target: nameOf(target), a: nameOf(a), b: nameOf(b) });
    },
    dot: async (a, b) => sumInOrder(inOperatorOrder(await group.all('dot', { kind, a: nameOf(a), b: nameOf(b) }))),
  };
}
