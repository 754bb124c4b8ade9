// The YAML of the users' benchmark: expansion, defaults, every refusal with its line, and hostile text.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig, planConfig } from '../../../../src/engine/plan/planConfig';
import { UserError } from '../../../../src/shared/errors';
import { experimentRowSchema } from '../../../../src/shared/experiment';
import { pnpOf } from '../../../pnpOf';

const dataset = 'dataset: [tomography_3d]\n';
const solver = 'solver: [PnP]\n';
const pnp = (lines: string) => `${dataset}solver:\n  - PnP:\n${lines.replace(/^/gm, '      ')}\n`;
const errors = (text: string) => planConfig(text, 'a.yml').problems.filter((problem) => problem.severity === 'error');
const warnings = (text: string) => planConfig(text, 'a.yml').problems.filter((problem) => problem.severity === 'warning');

describe('the published experiment', () => {
  const text = readFileSync('configs/tomography_3d.yml', 'utf8');

  it('expands to its four rows, which differ in max_batch_size only', () => {
    const { rows, warnings: found } = loadConfig(text, 'tomography_3d.yml');
    expect(rows.map((row) => pnpOf(row).max_batch_size)).toEqual([10, 8, 4, 2]);
    expect(found).toEqual([]);
    expect(rows[3]).toEqual({
      index: 3,
      objective: 'reconstruction_objective',
      dataset: {
        name: 'tomography_3d',
        num_operators: 2,
        num_projections: 50,
        geometry_type: 'conebeam',
        use_dataset_sinogram: true,
        voxel_size: null,
        noise_photons: null,
        seed: 0,
        corrections: null,
      },
      solver: {
        name: 'PnP',
        denoiser: 'drunet',
        init_method: 'pseudo_inverse',
        norm_strategy: 'dynamic',
        step_size: null,
        step_size_scale: 0.99,
        denoiser_sigma: 0.03,
        denoiser_lambda_relaxation: 10,
        distribute_physics: true,
        distribute_denoiser: true,
        patch_size: [8, 256, 256],
        overlap: [2, 16, 16],
        max_batch_size: 2,
        provider: 'auto',
        precision: 'fp32',
        slurm_nodes: 1,
        slurm_ntasks_per_node: 2,
        slurm_gres: 'gpu:2',
        torchrun_nproc_per_node: 1,
        name_prefix: 'pnp',
      },
      max_runs: 40,
      n_repetitions: 1,
    });
  });

  it('gives rows of the shared schema, quickstart too, with the same four batch sizes', () => {
    const quick = loadConfig(readFileSync('configs/quickstart.yml', 'utf8'), 'quickstart.yml');
    expect(quick.rows.map((row) => pnpOf(row).max_batch_size)).toEqual([10, 8, 4, 2]);
    for (const row of quick.rows) expect(experimentRowSchema.parse(row)).toEqual(row);
  });
});

describe('the grid', () => {
  it('multiplies plain lists, the last key fastest, with zipped rows as one factor', () => {
    const { rows } = loadConfig(
      pnp('denoiser_sigma: [0.1, 0.2]\nmax_batch_size, name_prefix: [[1, a], [2, b]]\nstep_size_scale: [0.5, 0.9]'),
      'a.yml',
    );
    expect(
      rows.map((row) => [pnpOf(row).denoiser_sigma, pnpOf(row).max_batch_size, row.solver.name_prefix, pnpOf(row).step_size_scale]),
    ).toEqual([
      [0.1, 1, 'a', 0.5],
      [0.1, 1, 'a', 0.9],
      [0.1, 2, 'b', 0.5],
      [0.1, 2, 'b', 0.9],
      [0.2, 1, 'a', 0.5],
      [0.2, 1, 'a', 0.9],
      [0.2, 2, 'b', 0.5],
      [0.2, 2, 'b', 0.9],
    ]);
    expect(rows.map((row) => row.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('takes several solvers and datasets, bare names and any case', () => {
    const text =
      'dataset:\n  - tomography_3d: {num_operators: [1, 2]}\nsolver:\n  - pnp: {max_batch_size: 3}\n  - PnP: {max_batch_size: [4, 5]}\n';
    const { rows } = loadConfig(text, 'a.yml');
    expect(rows.map((row) => [row.dataset.num_operators, pnpOf(row).max_batch_size])).toEqual([
      [1, 3],
      [1, 4],
      [1, 5],
      [2, 3],
      [2, 4],
      [2, 5],
    ]);
  });

  it('sweeps a plain list of three sizes as the users tool does, with a warning; a wrapped one is one value', () => {
    expect(loadConfig(pnp('patch_size: [8, 256, 256]'), 'a.yml').rows.map((row) => pnpOf(row).patch_size)).toEqual([8, 256, 256]);
    expect(warnings(pnp('patch_size: [8, 256, 256]')).map((problem) => problem.message)).toContainEqual(
      expect.stringContaining('[[8, 256, 256]]'),
    );
    expect(loadConfig(pnp('patch_size: [[8, 256, 256]]'), 'a.yml').rows.map((row) => pnpOf(row).patch_size)).toEqual([[8, 256, 256]]);
  });

  it('uses defaults where nothing is said, max_batch_size 0 with a warning', () => {
    const { rows, warnings: found } = loadConfig(dataset + solver, 'a.yml');
    expect(rows[0]).toMatchObject({ max_runs: 100, n_repetitions: 1, objective: 'reconstruction_objective' });
    expect(rows[0]?.solver).toMatchObject({ patch_size: 128, overlap: 32, denoiser_sigma: 0.05, init_method: 'pseudo_inverse' });
    expect(found).toEqual([expect.objectContaining({ key: 'max_batch_size', row: 0, severity: 'warning' })]);
  });

  it('reads aliases, merge keys and the boolean words of YAML 1.1', () => {
    const text = `${dataset}solver:\n  - PnP: &base\n      distribute_physics: yes\n      denoiser_sigma: &s [0.1, 0.2]\n  - PnP: {<<: *base, denoiser_sigma: 0.3, step_size: ~}\n`;
    const { rows } = loadConfig(text, 'a.yml');
    expect(rows.map((row) => [row.solver.distribute_physics, pnpOf(row).denoiser_sigma])).toEqual([
      [true, 0.1],
      [true, 0.2],
      [true, 0.3],
    ]);
  });

  it('accepts what only the users tool knows, aloud', () => {
    const text = `timeout: 100\n${pnp('profiler_steps: 3\nmax_batch_size: 1')}plot: false\n`;
    expect(loadConfig(text, 'a.yml').rows).toHaveLength(1);
    expect(warnings(text).map((problem) => [problem.key, problem.line])).toEqual([
      ['timeout', 1],
      ['profiler_steps', 5],
      ['plot', 7],
    ]);
  });

  it('warns of idle ranks and shared devices once for all rows', () => {
    const found = warnings(pnp('slurm_ntasks_per_node: 4\ndistribute_physics: true\nslurm_gres: "gpu:2"\nmax_batch_size: [1, 2, 3]'));
    expect(found.map((problem) => problem.message)).toEqual([
      expect.stringContaining('3 idle in the gradient step. (and 2 more rows)'),
      expect.stringContaining('4 ranks of a node share 2 devices'),
    ]);
    expect(found[1]).toMatchObject({ line: 6, row: 0 });
  });
});

describe('refusals name key, line and what to do', () => {
  const cases: [name: string, text: string, line: number | null, message: string][] = [
    ['unknown solver key', pnp('denoiser_sigm: 3'), 4, 'unknown key "denoiser_sigm". Did you mean denoiser_sigma?'],
    ['swapped letters', pnp('step_size_scael: 3'), 4, 'Did you mean step_size_scale?'],
    ['shortened key', pnp('lambda_relaxation: 3'), 4, 'Did you mean denoiser_lambda_relaxation?'],
    ['unknown general key', `${dataset}${solver}max_run: 3\n`, 3, 'Did you mean max-runs?'],
    [
      'unknown solver',
      `${dataset}solver: [FISTAA]\n`,
      2,
      'unknown solver "FISTAA". Known names: PnP, PnP-fast, FDK, SIRT, CGLS, FISTA-TV.',
    ],
    ['unknown dataset', `dataset: [tomography_2d]\n${solver}`, 1, 'Did you mean tomography_3d?'],
    ['missing solver', dataset, 1, 'the key solver is missing'],
    ['empty list', pnp('denoiser_sigma: []'), 4, 'empty list'],
    ['wrong type', pnp('denoiser_sigma: abc'), 4, 'denoiser_sigma is "abc"; it must be a number from 0'],
    ['negative', pnp('max_batch_size: [1, -2]'), 4, 'max_batch_size is -2'],
    ['fraction', pnp('slurm_nodes: 1.5'), 4, 'it must be a whole number from 1'],
    ['not a number', pnp('denoiser_sigma: .nan'), 4, 'denoiser_sigma is NaN'],
    ['two axes', pnp('patch_size: [[8, 8]]'), 4, '[depth, height, width]'],
    ['patch of nothing', pnp('patch_size: 0'), 4, 'patch_size is 0'],
    [
      'ragged row',
      pnp('overlap, max_batch_size: [\n [1, 2],\n [3],\n]'),
      6,
      'row 2 of "overlap, max_batch_size" has 1 value, but the key has 2 names',
    ],
    ['row that is no list', pnp('overlap, max_batch_size: [[1, 2], 7]'), 4, 'row 2'],
    ['bad cell of a row', pnp('overlap, max_batch_size: [\n [1, 2],\n [3, x],\n]'), 6, 'row 2: max_batch_size is "x"'],
    ['unknown name in a zipped key', pnp('overlap, max_batch: [[1, 2]]'), 4, 'Did you mean max_batch_size?'],
    ['key twice by zipping', pnp('overlap: 3\noverlap, max_batch_size: [[1, 2]]'), 5, 'overlap is given twice (also on line 4)'],
    ['same key twice', pnp('overlap: 3\noverlap: 4'), 5, 'stands twice'],
    ['max-runs of zero', `${dataset}${solver}max-runs: 0\n`, 3, 'max-runs is 0'],
    [
      'more operators than views',
      `dataset: [{tomography_3d: {num_operators: 9, num_projections: 4}}]\n${pnp('max_batch_size: 1').slice(dataset.length)}`,
      1,
      'more than the 4 views',
    ],
    ['broken YAML', 'dataset: [a\nsolver: b', 2, 'not valid YAML'],
    ['tab', 'dataset:\n\t- a', 2, 'not valid YAML'],
    ['code', `${dataset}solver: !!python/object/apply:os.system ["true"]\n`, 2, 'the tag !!python/object/apply:os.system is not allowed'],
    ['several documents', '---\na: 1\n---\nb: 2\n', null, 'several YAML documents'],
    ['empty file', '# nothing\n', null, 'the configuration is empty'],
    ['a list', '- a\n', 1, 'a map with the keys dataset and solver'],
    ['alias to nothing', 'dataset: *x\n', 1, 'has no anchor &x'],
    ['alias to itself', 'dataset: &x [*x]\n', 1, 'refers to itself'],
  ];
  it.each(cases)('%s', (_name, text, line, message) => {
    const [first] = errors(text);
    expect(first?.message).toContain(message);
    expect(first?.line).toBe(line);
    expect(planConfig(text, 'a.yml').rows).toEqual([]);
    expect(() => loadConfig(text, 'a.yml')).toThrow(UserError);
    if (line !== null) expect(() => loadConfig(text, 'a.yml')).toThrow(`a.yml, line ${line}: `);
  });
});

describe('limits', () => {
  it('refuses 200,000 rows without building them', () => {
    const values = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join(', ');
    const text = pnp(`max_batch_size: [${values(500)}]\nslurm_nodes: [${values(400)}]`);
    expect(errors(text)[0]?.message).toContain('the grid has 200,000 rows; at most 100,000 can be run');
    // A product that no memory could hold: it is only counted.
    const vast = pnp(
      `max_batch_size: [${values(5000)}]\nslurm_nodes: [${values(5000)}]\noverlap: [${values(5000)}]\ndenoiser_sigma: [${values(5000)}]`,
    );
    expect(errors(vast)[0]?.message).toContain('625,000,000,000,000 rows');
  });

  it('refuses alias bombs, deep nesting and long texts', () => {
    const levels = Array.from({ length: 25 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`);
    expect(errors(`a0: &a0 [x]\n${levels.join('\n')}\n`)[0]?.message).toContain('aliases (*name) expand to more than');
    const merges = Array.from(
      { length: 25 },
      (_, level) => `a${level + 1}: &a${level + 1} {<<: [${Array(10).fill(`*a${level}`).join(', ')}]}`,
    );
    expect(errors(`a0: &a0 {x: 1}\n${merges.join('\n')}\n`)[0]?.message).toContain('aliases (*name) expand to more than');
    expect(errors('['.repeat(100_000))[0]?.message).toContain('deeper than 32 levels');
    expect(errors(`a: ${'x'.repeat(1_100_000)}`)[0]?.message).toContain('at most 1 MiB');
  });

  it('never throws, whatever the text', () => {
    const base = readFileSync('configs/tomography_3d.yml', 'utf8');
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ': ',
      '- ',
      '\n',
      ' ',
      '&a',
      '*a',
      '<<: ',
      '"',
      "'",
      '#',
      ',',
      '~',
      '!!x',
      '|',
      '>',
      '\t',
      '%',
      'PnP',
      '\u0000',
      '1e999',
    );
    const edit = fc.tuple(fc.nat(base.length), fc.nat(30), piece);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = base;
        for (const [at, cut, inserted] of edits) text = text.slice(0, at) + inserted + text.slice(at + cut);
        for (const row of planConfig(text, 'a.yml').rows) experimentRowSchema.parse(row);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('expands a grid of 100,000 rows', () => {
    const rows = Array.from({ length: 400 }, (_, index) => index + 1).join(', ');
    const text = pnp(`slurm_nodes: [${rows}]\nmax_batch_size: [${rows.split(', ').slice(0, 250).join(', ')}]`);
    const plan = planConfig(text, 'a.yml');
    expect(plan.rows).toHaveLength(100_000);
    expect(plan.problems.length).toBeLessThan(1000);
  });
});
