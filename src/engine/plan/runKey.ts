/** The text whose digest identifies a run: same row, data, model and code give the same text, whatever the order of rows or keys. */
import type { ExperimentRow } from '../../shared/experiment';

/** What besides the row decides a result. */
export interface RunIdentity {
  readonly dataHash: string;
  readonly modelHash: string;
  readonly codeVersion: string;
  readonly repetition: number;
}

/** Canonical JSON: keys sorted at every level. The row's position in its grid is left out. */
export function runKeyText(row: ExperimentRow, identity: RunIdentity): string {
  const { index: _position, n_repetitions: _repetitions, ...content } = row;
  return canonicalJson({ ...content, ...identity });
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`).join(',')}}`;
}
