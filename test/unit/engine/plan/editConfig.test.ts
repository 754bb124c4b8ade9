// Edits of the grid: only the characters of the value change, and what the text then says is what was asked for.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addRow, deleteRow, duplicateRow, rowsSharingCell, setCell } from '../../../../src/engine/plan/editConfig';
import { joinBracketedLines } from '../../../../src/engine/plan/flowLayout';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { pnpOf } from '../../../pnpOf';

const published = readFileSync('configs/tomography_3d.yml', 'utf8');
const rowsOf = (text: string) => loadConfig(text, 'a.yml').rows;
const changedLines = (before: string, after: string) => {
  const lines = before.split('\n');
  return after.split('\n').filter((line, index) => line !== lines[index]);
};

describe('setCell', () => {
  it('changes one cell of a zipped row and nothing else', () => {
    const after = setCell(published, 2, 'denoiser_sigma', 0.07);
    expect(changedLines(published, after)).toEqual(['        ["gpu:2", 2, true, true, [8,256,256], [2,16,16],  4, 0.07, 10.0],']);
    expect(rowsOf(after).map((row) => pnpOf(row).denoiser_sigma)).toEqual([0.03, 0.03, 0.07, 0.03]);
    expect(rowsSharingCell(published, 2, 'denoiser_sigma')).toEqual([2]);
  });

  it('changes a swept element for all rows that use it, and a scalar for all', () => {
    const text =
      'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      denoiser_sigma: [0.1, 0.2] # two\n      overlap: 4\n      max_batch_size: [1, 2]\n';
    expect(rowsSharingCell(text, 2, 'denoiser_sigma')).toEqual([2, 3]);
    const after = setCell(text, 2, 'denoiser_sigma', 0.5);
    expect(after).toContain('denoiser_sigma: [0.1, 0.5] # two');
    expect(rowsSharingCell(text, 0, 'overlap')).toEqual([0, 1, 2, 3]);
    expect(setCell(text, 0, 'overlap', 6)).toBe(text.replace('overlap: 4', 'overlap: 6'));
  });

  it('replaces a size per axis as one value, and wraps it under a plain key', () => {
    expect(rowsOf(setCell(published, 1, 'patch_size', [16, 96, 96])).map((row) => pnpOf(row).patch_size)).toEqual([
      [8, 256, 256],
      [16, 96, 96],
      [8, 256, 256],
      [8, 256, 256],
    ]);
    const text = 'dataset: tomography_3d\nsolver:\n  - PnP:\n      patch_size: 64\n';
    expect(setCell(text, 0, 'patch_size', [8, 16, 32])).toContain('patch_size: [[8, 16, 32]]\n');
  });

  it.each([
    ['a block', published, 'step_size', 0.25],
    ['a dataset', published, 'voxel_size', 0.5],
    ['a bare name', 'dataset: [tomography_3d]\nsolver:\n  - PnP\n', 'overlap', [1, 2, 3]],
    ['a bare name in brackets', 'dataset: [tomography_3d]\nsolver: [PnP]\n', 'overlap', 3],
    ['a name without parameters', 'dataset: [tomography_3d]\nsolver:\n  - PnP:\nmax-runs: 3\n', 'denoiser', 'a model.onnx'],
    ['a block in brackets', 'dataset: [tomography_3d]\nsolver: [{PnP: {overlap: 3}}]\n', 'denoiser', 'true'],
    ['an empty value', 'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      step_size:\n      overlap: 3\n', 'step_size', 2],
  ] as const)('adds a key to %s', (_name, text, key, value) => {
    const after = setCell(text, 0, key, value);
    const row = rowsOf(after)[0];
    expect({ ...row?.dataset, ...row?.solver }).toMatchObject({ [key]: value });
    expect(rowsOf(after)).toHaveLength(rowsOf(text).length);
    for (const line of text.split('\n').filter((line) => line.includes('#'))) expect(after).toContain(line);
  });

  it('refuses what is not allowed, unknown keys, rows that do not exist and shared places', () => {
    expect(() => setCell(published, 0, 'max_batch_size', -1)).toThrow('max_batch_size cannot be -1; it must be a whole number from 0');
    expect(() => setCell(published, 0, 'colour', 'red')).toThrow('colour is no parameter of tomography_3d or PnP');
    expect(() => setCell(published, 4, 'overlap', 1)).toThrow('Row 4 does not exist');
    const aliased = 'dataset: [tomography_3d]\nsolver:\n  - PnP: {denoiser_sigma: &s [0.1, 0.2]}\n  - PnP: {denoiser_sigma: *s}\n';
    expect(() => setCell(aliased, 2, 'denoiser_sigma', 0.3)).toThrow('alias');
    expect(() => setCell('dataset: [', 0, 'overlap', 1)).toThrow('not valid YAML');
  });

  it('keeps Windows line ends and a byte order mark', () => {
    const text = `\uFEFF${published.replaceAll('\n', '\r\n')}`;
    const after = setCell(text, 3, 'denoiser_sigma', 0.5);
    expect(after).toBe(text.replace(/ 2, 0\.03, 10\.0\],\r\n {6}\]/, ' 2, 0.5, 10.0],\r\n      ]'));
    expect(after).not.toBe(text);
  });
});

describe('rows', () => {
  it('duplicates a zipped row with its layout', () => {
    const after = duplicateRow(published, 1);
    expect(rowsOf(after).map((row) => pnpOf(row).max_batch_size)).toEqual([10, 8, 8, 4, 2]);
    expect(after.split('\n')).toHaveLength(published.split('\n').length + 1);
    expect(rowsOf(addRow(published)).map((row) => pnpOf(row).max_batch_size)).toEqual([10, 8, 4, 2, 2]);
  });

  it('deletes any row but the last one', () => {
    let text = published;
    for (const [row, left] of [
      [1, [10, 4, 2]],
      [2, [10, 4]],
      [0, [4]],
    ] as const) {
      text = deleteRow(text, row);
      expect(rowsOf(text).map((candidate) => pnpOf(candidate).max_batch_size)).toEqual(left);
    }
    expect(() => deleteRow(text, 0)).toThrow('the only row');
    expect(text).toContain('# iterations at most');
  });

  it('works for rows on one line and for block lists', () => {
    const line = 'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      overlap, max_batch_size: [[1, 2], [3, 4], [5, 6]]\n';
    const block =
      'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      overlap, max_batch_size:\n        - [1, 2] # first\n        - - 3\n          - 4\n        - [5, 6]';
    for (const text of [line, block]) {
      const overlaps = (changed: string) => rowsOf(changed).map((row) => pnpOf(row).overlap);
      expect(overlaps(duplicateRow(text, 1))).toEqual([1, 3, 3, 5]);
      expect(overlaps(addRow(text))).toEqual([1, 3, 5, 5]);
      expect(overlaps(deleteRow(text, 0))).toEqual([3, 5]);
      expect(overlaps(deleteRow(text, 2))).toEqual([1, 3]);
    }
    expect(overlapsAfterMiddle(line)).toEqual([1, 5]);
  });

  const overlapsAfterMiddle = (text: string) => rowsOf(deleteRow(text, 1)).map((row) => pnpOf(row).overlap);

  it('says when a grid has no rows of its own', () => {
    expect(() => duplicateRow('dataset: [tomography_3d]\nsolver: [{PnP: {overlap: [1, 2]}}]\n', 0)).toThrow('swept lists');
  });
});

describe('joinBracketedLines', () => {
  it('keeps every offset and everything outside brackets', () => {
    const text = "a: b[1 # not a list\nc: [1, \"x\n]\", # ] comment\n\t2,\n{d: 'it''s',\n}, e's]\nf: \"[\n\" # [\ng: - [\n";
    const joined = joinBracketedLines(text);
    expect(joined).toHaveLength(text.length);
    expect(joined).toBe("a: b[1 # not a list\nc: [1, \"x\n]\",              2, {d: 'it''s', }, e's]\nf: \"[\n\" # [\ng: - [ ");
  });

  it('makes the layouts readable that YAML 1.1 readers take', () => {
    const text = 'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      overlap, max_batch_size: [ # rows\n  [1, 2], # one\n[3,\n4],\n]\n';
    expect(rowsOf(text).map((row) => pnpOf(row).overlap)).toEqual([1, 3]);
  });
});
