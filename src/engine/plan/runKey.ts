/** What makes two runs the same run, as one text; hashing it is left to the caller, because this code knows no platform. */
import type { ExperimentRow } from '../../shared/experiment';

export interface RunCircumstances {
  /** SHA-256 of the data; null while unknown. */
  readonly dataHash: string | null;
  /** SHA-256 of the model file; null for solvers without a network. */
  readonly modelHash: string | null;
  readonly codeVersion: string;
  readonly repetition: number;
}

/**
 * Canonical JSON of everything a result depends on: keys sorted, so that neither the order of the file nor that of the grid matters. The
 * position in the grid, the number of repetitions planned and the PSNR to reach are left out: none changes the result of one run.
 */
export function runKeyText(row: ExperimentRow, circumstances: RunCircumstances): string {
  const { index: _index, n_repetitions: _repetitions, target_psnr: _target, ...content } = row;
  return canonicalJson({ ...content, ...circumstances });
}

/** JSON with the keys of every object sorted by code unit. Numbers as JavaScript prints them, which is one way for each float64. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
