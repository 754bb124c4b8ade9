/** Verbs of the contract that this version does not carry out: they say so instead of being unknown. */
import { UserError } from '../../shared/errors';
import type { Verb } from '../verb';

function notYet(name: string, summary: string, options: readonly string[], instead: string): Verb {
  return {
    name,
    summary: `${summary} (not in this version)`,
    positional: { name: 'arguments', least: 0, most: 1000 },
    options: Object.fromEntries(options.map((option) => [option, { value: 'VALUE', help: 'not in this version' }])),
    execute: async () => {
      throw new UserError(`"${name}" is not in this version yet. ${instead}`, 'unsupported');
    },
  };
}

export const simulate = notYet(
  'simulate',
  'makes a phantom with its projections',
  ['size', 'views', 'out', 'noise', 'seed'],
  'use_dataset_sinogram: false in a configuration simulates the projections of a reference volume.',
);
