/** Arguments are read strictly: what is not understood is refused in words. */
import { describe, expect, it } from 'vitest';
import { type ArgumentSpec, parseArguments, parseRowList } from '../../../src/cli/arguments';
import { parseDevices } from '../../../src/cli/devices';
import { solverFromOptions } from '../../../src/cli/setOptions';
import { UserError } from '../../../src/shared/errors';

const spec: ArgumentSpec = {
  verb: 'try',
  positional: { name: 'a file', least: 1, most: 2 },
  options: {
    data: { value: 'FILE', help: '' },
    'max-runs': { value: 'N', help: '' },
    set: { value: 'KEY=VALUE', help: '', repeatable: true },
    json: { value: null, help: '' },
  },
};

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('parseArguments', () => {
  it('reads positionals and options in any order', () => {
    const args = parseArguments(spec, ['--json', 'a.yml', '--data=x y.pt', '--set', 'a=1', 'b.yml', '--set', 'b=-2']);
    expect(args.positional).toEqual(['a.yml', 'b.yml']);
    expect([args.flag('json'), args.text('data'), args.all('set'), args.text('max-runs')]).toEqual([true, 'x y.pt', ['a=1', 'b=-2'], null]);
  });

  it('takes everything behind -- as it is', () => {
    expect(parseArguments(spec, ['--', '--json']).positional).toEqual(['--json']);
  });

  it.each([
    [['a', '--max-run', '3'], 'Did you mean max-runs?'],
    [['a', '-d', 'x'], 'no option -d'],
    [['a', '--data'], '--data needs a value'],
    [['a', '--data', '--json'], '--data needs a value'],
    [['a', '--data='], '--data needs a value'],
    [['a', '--data', 'x', '--data', 'y'], '--data is given twice'],
    [['a', '--json=yes'], '--json takes no value'],
    [[], 'needs a file'],
    [['a', 'b', 'c'], 'what to do with "c"'],
  ])('refuses %j', (argv, words) => {
    expect(refusal(() => parseArguments(spec, argv))).toContain(words);
  });

  it.each(['0', '-1', '1.5', 'ten', '1e3', '99999999999999999999'])('refuses %s as a count', (text) => {
    expect(refusal(() => parseArguments(spec, ['a', `--max-runs=${text}`]).wholeNumber('max-runs', 1))).toContain('a whole number from 1');
  });

  it('reads sizes as one number or three', () => {
    const perAxis = (text: string) => parseArguments(spec, ['a', '--data', text]).perAxis('data', 0);
    expect(perAxis('8')).toEqual([8, 8, 8]);
    expect(perAxis('[8, 256,256]')).toEqual([8, 256, 256]);
    expect(refusal(() => perAxis('8,256'))).toContain('depth,height,width');
  });
});

describe('parseRowList', () => {
  it('sorts and joins lists and ranges', () => {
    expect(parseRowList('3,0-1, 1', 4)).toEqual([0, 1, 3]);
  });
  it.each(['', '1,', 'a', '-1', '2-1', '4', '0-4', '1.5'])('refuses "%s" of four rows', (text) => {
    expect(refusal(() => parseRowList(text, 4))).toContain('--rows');
  });
});

describe('parseDevices', () => {
  const gpus = { cuda: [0, 1].map((index) => ({ index, name: 'GPU', totalMiB: 1 })), cudaReason: null };
  const none = { cuda: [], cudaReason: 'no driver' };
  it('gives one device a rank', () => {
    expect(parseDevices('auto', none)).toBeNull();
    expect(parseDevices(null, gpus)).toBeNull();
    expect(parseDevices('cpu:3', none)).toEqual(['cpu', 'cpu', 'cpu']);
    expect(parseDevices('cuda:0,cuda:1,cpu', gpus)).toEqual(['cuda:0', 'cuda:1', 'cpu']);
  });
  it.each(['', 'gpu', 'cpu:0', 'cpu:-1', 'cuda:2', 'cpu:9999', 'cpu;cpu'])('refuses "%s"', (text) => {
    expect(refusal(() => parseDevices(text, gpus))).toContain('--devices');
  });
  it('says why there is no GPU', () => {
    expect(refusal(() => parseDevices('cuda:0', none))).toContain('no driver');
  });
});

describe('solverFromOptions', () => {
  it('reads values as the configuration does and keeps the other defaults', () => {
    const { solver, iterations } = solverFromOptions(
      'pnp',
      ['patch_size=[8,16,16]', 'denoiser_sigma=0.1', 'step_size=null', 'max_iter=7'],
      {},
    );
    expect(iterations).toBe(7);
    expect(solver).toMatchObject({ patch_size: [8, 16, 16], denoiser_sigma: 0.1, step_size: null, step_size_scale: 0.99, overlap: 32 });
  });
  it.each([
    ['denoiser_sigm=1', 'Did you mean denoiser_sigma?'],
    ['denoiser_sigma=-1', 'it must be'],
    ['denoiser_sigma={a: 1}', 'it must be'],
    ['max_iter=0', 'a whole number from 1'],
    ['=3', 'key=value'],
    ['sigma', 'key=value'],
  ])('refuses %s', (setting, words) => {
    expect(refusal(() => solverFromOptions('pnp', [setting], {}))).toContain(words);
  });
});
