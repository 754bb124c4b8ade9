/** The solver's ports carried out by a group of ranks. Sums over ranks are taken in slice order, so they do not depend on how many ranks there are. */
import type { Ports, Volume } from '../../engine/ports/ports';
import type { Term } from '../../shared/workerMessages';
import type { RankGroup } from './rankGroup';

/** Adds numbers in order. */
export function sumInOrder(parts: readonly Float64Array[]): number {
  let sum = 0;
  for (const part of parts) for (const value of part) sum += value;
  return sum;
}

export function rankPorts(group: RankGroup, referenceRange: Ports['referenceRange']): Ports {
  const project = async (what: 'gradient' | 'adjoint' | 'normal' | 'fdk', input: Volume | null, out: Volume): Promise<void> => {
    await group.all('project', { what, input: input?.name ?? null });
    await group.all('reduce', { target: out.name });
  };
  return {
    projector: {
      gradient: (x, out) => project('gradient', x, out),
      adjoint: (out) => project('adjoint', null, out),
      normal: (x, out) => project('normal', x, out),
      pseudoInverse: (out) => project('fdk', null, out),
    },
    denoiser: {
      denoise: async (input, sigma, out) => {
        await group.all('denoise', { input: input.name, output: out.name, sigma });
      },
    },
    vectors: {
      combine: async (target, terms, offset = 0) => {
        await group.all('combine', {
          target: target.name,
          terms: terms.map(([coefficient, volume]): Term => [coefficient, volume.name]),
          offset,
        });
      },
      clamp: async (target, low, high) => {
        await group.all('clamp', { target: target.name, low, high });
      },
      dot: async (a, b) => sumInOrder((await group.all('dot', { a: a.name, b: b.name })).map((answer) => answer.slices)),
      minMax: async (a) => {
        const answers = await group.all('minMax', { a: a.name });
        return { minimum: Math.min(...answers.map((each) => each.minimum)), maximum: Math.max(...answers.map((each) => each.maximum)) };
      },
      percentiles: async (a, fractions) => (await group.one(0, 'percentiles', { a: a.name, fractions: [...fractions] })).values,
      fillRandom: async (target, seed) => {
        await group.all('fillRandom', { target: target.name, seed });
      },
    },
    referenceRange,
    volume: (name) => ({ name }),
  };
}
