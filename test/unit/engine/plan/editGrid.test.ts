// Edits of many cells: what the text then says is what was asked for, and comments, order and layout of everything else stay.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addRunRow, giveRowsOwn, pasteRows, setCells, sweepKey } from '../../../../src/engine/plan/editGrid';
import { loadConfig } from '../../../../src/engine/plan/planConfig';
import { pnpOf } from '../../../pnpOf';

const published = readFileSync('configs/tomography_3d.yml', 'utf8');
const rowsOf = (text: string) => loadConfig(text, 'a.yml').rows;
const batches = (text: string) => rowsOf(text).map((row) => pnpOf(row).max_batch_size);
const sigmas = (text: string) => rowsOf(text).map((row) => pnpOf(row).denoiser_sigma);
const comments = (text: string) => text.split('\n').flatMap((line) => /#.*/.exec(line) ?? []);

describe('setCells', () => {
  it('fills a column down without touching anything else', () => {
    const after = setCells(
      published,
      [1, 2, 3].map((rowIndex) => ({ rowIndex, key: 'max_batch_size', value: 10 })),
    );
    expect(batches(after)).toEqual([10, 10, 10, 10]);
    expect(comments(after)).toEqual(comments(published));
    expect(after.split('\n')).toHaveLength(published.split('\n').length);
  });

  it('gives rows a value of their own where they shared one', () => {
    const after = setCells(published, [
      { rowIndex: 0, key: 'norm_strategy', value: 'clip' },
      { rowIndex: 2, key: 'norm_strategy', value: 'initial' },
    ]);
    expect(rowsOf(after).map((row) => pnpOf(row).norm_strategy)).toEqual(['clip', 'dynamic', 'initial', 'dynamic']);
    expect(comments(after)).toEqual(comments(published));
  });

  it('changes nothing where one of the values is not allowed', () => {
    const edits = [
      { rowIndex: 0, key: 'max_batch_size', value: 3 },
      { rowIndex: 1, key: 'max_batch_size', value: -3 },
    ];
    expect(() => setCells(published, edits)).toThrow('max_batch_size cannot be -3');
    expect(() => setCells(published, [{ rowIndex: 9, key: 'overlap', value: 3 }])).toThrow('Row 10 does not exist');
  });
});

describe('pasteRows', () => {
  it('writes a block and adds the rows that are missing', () => {
    const after = pasteRows(
      published,
      3,
      ['max_batch_size', 'denoiser_sigma'],
      [
        [1, 0.1],
        [6, undefined],
        [5, 0.3],
      ],
    );
    expect(batches(after)).toEqual([10, 8, 4, 1, 6, 5]);
    expect(sigmas(after)).toEqual([0.03, 0.03, 0.03, 0.1, 0.03, 0.3]);
    expect(comments(after)).toEqual(comments(published));
  });

  it('says why rows cannot be added to a product of lists', () => {
    const text = 'dataset: [tomography_3d]\nsolver:\n  - PnP:\n      overlap: [1, 2]\n';
    expect(() => pasteRows(text, 1, ['overlap'], [[3], [4]])).toThrow('swept lists');
    expect(rowsOf(pasteRows(text, 0, ['overlap'], [[3], [4]])).map((row) => pnpOf(row).overlap)).toEqual([3, 4]);
  });
});

describe('new parameters', () => {
  it('moves a scalar into the rows and keeps the comment of its line', () => {
    const text = published.replace('denoiser: drunet', 'denoiser: drunet # the shipped one');
    const after = giveRowsOwn(text, 0, 'denoiser');
    expect(after).toContain('denoiser_lambda_relaxation, denoiser: [');
    expect(after).toContain(' 2, 0.03, 10.0, drunet],');
    expect(after).toContain('\n      # the shipped one\n');
    expect(rowsOf(after)).toEqual(rowsOf(text));
    expect(() => giveRowsOwn(after, 0, 'denoiser')).toThrow('already');
  });

  it('sweeps a parameter over values', () => {
    const after = sweepKey(published, 0, 'norm_strategy', ['dynamic', 'clip']);
    expect(rowsOf(after)).toHaveLength(8);
    const sized = sweepKey('dataset: [tomography_3d]\nsolver: [PnP]\n', 0, 'patch_size', [
      [8, 64, 64],
      [16, 32, 32],
    ]);
    expect(rowsOf(sized).map((row) => pnpOf(row).patch_size)).toEqual([
      [8, 64, 64],
      [16, 32, 32],
    ]);
    expect(() => sweepKey(published, 0, 'max_batch_size', [1])).toThrow('Each row has its own');
    expect(() => sweepKey(published, 0, 'norm_strategy', ['none'])).toThrow('it must be dynamic');
  });
});

describe('addRunRow', () => {
  it('adds a row beside those of its solver', () => {
    const [first] = rowsOf(published);
    if (first === undefined) throw new Error('no row');
    const row = { ...first, solver: { ...pnpOf(first), max_batch_size: 7, norm_strategy: 'clip' as const } };
    const after = addRunRow(published, row);
    expect(batches(after)).toEqual([10, 8, 4, 2, 7]);
    expect(rowsOf(after).map((one) => pnpOf(one).norm_strategy)).toEqual(['dynamic', 'dynamic', 'dynamic', 'dynamic', 'clip']);
  });

  it('adds a solver of its own, and says when the data differ', () => {
    const baselines = readFileSync('configs/baselines.yml', 'utf8');
    const sirt = rowsOf(baselines).find(({ solver }) => solver.name === 'SIRT');
    if (sirt === undefined) throw new Error('no SIRT');
    const after = addRunRow(published, sirt);
    expect(rowsOf(after).map(({ solver }) => solver)).toEqual([...rowsOf(published).map(({ solver }) => solver), sirt.solver]);
    expect(() => addRunRow(published, { ...sirt, dataset: { ...sirt.dataset, num_projections: 7 } })).toThrow('num_projections 7');
  });
});
