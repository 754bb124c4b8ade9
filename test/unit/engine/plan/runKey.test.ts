// A run's key depends on what changes its result and on nothing else.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { runKeyText } from '../../../../src/engine/plan/runKey';
import { pnpOf } from '../../../pnpOf';

const text = readFileSync('configs/tomography_3d.yml', 'utf8');
const rowOf = (yaml: string, index = 0) => {
  const row = loadConfig(yaml, 'a.yml').rows[index];
  if (row === undefined) throw new Error('no such row');
  return row;
};
const circumstances = { dataHash: 'd', modelHash: 'm', codeVersion: '1', repetition: 0 };

describe('runKeyText', () => {
  it('does not depend on position, order of keys or planned repetitions', () => {
    const key = runKeyText(rowOf(text, 2), circumstances);
    const lines = text.split('\n');
    const [first, second] = [
      lines.findIndex((line) => line.includes('num_operators')),
      lines.findIndex((line) => line.includes('num_projections')),
    ];
    [lines[first], lines[second]] = [lines[second] ?? '', lines[first] ?? ''];
    const shuffled = lines
      .filter((line) => !line.includes(' 10, 0.03'))
      .join('\n')
      .replace('n-repetitions: 1', 'n-repetitions: 3');
    expect(runKeyText(rowOf(shuffled, 1), circumstances)).toBe(key);
    const reordered = Object.fromEntries(Object.entries(rowOf(text, 2)).reverse()) as unknown as ReturnType<typeof rowOf>;
    expect(runKeyText(reordered, circumstances)).toBe(key);
  });

  it('changes with everything that changes the result', () => {
    const row = rowOf(text);
    const keys = [
      runKeyText(row, circumstances),
      runKeyText(rowOf(text, 1), circumstances),
      runKeyText({ ...row, max_runs: 41 }, circumstances),
      runKeyText({ ...row, dataset: { ...row.dataset, seed: 1 } }, circumstances),
      runKeyText({ ...row, solver: { ...pnpOf(row), patch_size: [8, 256, 255] } }, circumstances),
      ...(['dataHash', 'modelHash', 'codeVersion'] as const).map((name) => runKeyText(row, { ...circumstances, [name]: 'x' })),
      runKeyText(row, { ...circumstances, repetition: 1 }),
      runKeyText(row, { ...circumstances, modelHash: null }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
