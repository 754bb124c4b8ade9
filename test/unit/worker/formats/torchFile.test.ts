// The torch.save reader against what PyTorch wrote and read, and against damaged and hostile files.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../../src/shared/errors';
import { openTorchFile, type TorchTensor } from '../../../../src/worker/formats/torchFile';
import { sparseTorchFile, torchArchive } from './torchArchive';

const folder = mkdtempSync(join(tmpdir(), 'torch-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixtures = 'test/fixtures/torch';
const expected = JSON.parse(readFileSync(`${fixtures}/expected.json`, 'utf8')) as Record<
  string,
  Record<string, [number[], (number | 'inf')[]]>
>;

async function readAll(tensor: TorchTensor): Promise<number[]> {
  const target = new Float64Array(tensor.elements);
  await tensor.read(target, 0, tensor.elements);
  return [...target];
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Opens and reads everything; answers the sentence of the UserError, or null. Anything else that is thrown is a defect. */
async function sentence(path: string): Promise<string | null> {
  try {
    const file = await openTorchFile(path);
    try {
      for (const tensor of file.entries.values()) if (tensor.elements < 1e6) await readAll(tensor);
    } finally {
      await file.close();
    }
    return null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

describe.each(['', '_legacy'])('what torch wrote%s', (suffix) => {
  it.each(['types', 'strides'])('%s', async (name) => {
    const file = await openTorchFile(`${fixtures}/${name}${suffix}.pt`);
    for (const [key, [shape, values]] of Object.entries(expected[name] ?? {})) {
      const tensor = file.entries.get(key);
      expect(tensor?.shape, key).toEqual(shape);
      const read = tensor ? await readAll(tensor) : [];
      expect(
        read.map((value) => (value === Number.POSITIVE_INFINITY ? 'inf' : value)),
        key,
      ).toEqual(values);
    }
    expect(file.entries.size).toBe(Object.keys(expected[name] ?? {}).length);
    await file.close();
  });

  it('reads any range of any layout', async () => {
    const file = await openTorchFile(`${fixtures}/strides${suffix}.pt`);
    for (const tensor of file.entries.values()) {
      const all = await readAll(tensor);
      for (let start = 0; start < tensor.elements; start++) {
        const target = new Float32Array(tensor.elements - start);
        const count = Math.ceil(target.length / 2);
        await tensor.read(target, start, count);
        expect([...target.subarray(0, count)]).toEqual(all.slice(start, start + count));
      }
    }
    const slices = new Float32Array(8);
    await file.entries.get('row_swapped')?.readSlices(1, 1, slices);
    expect([...slices]).toEqual((expected.strides?.row_swapped?.[1] ?? []).slice(8, 16));
    await file.close();
  });
});

describe('content', () => {
  it('lists nested dictionaries, lists and scalars; what cannot be read is named', async () => {
    const file = await openTorchFile(`${fixtures}/nested.pt`);
    expect([...file.entries.keys()]).toEqual(['state_dict.weight', 'state_dict.bias', 'own.weight', 'own.bias', 'complex']);
    expect(Object.fromEntries(file.scalars)).toEqual({
      epoch: 3,
      name: 'ü',
      big: 2 ** 80,
      rate: 0.25,
      'list.0': 1,
      'list.1.0': true,
      'list.1.1': null,
    });
    expect(file.problems).toEqual(['device is of a kind that is not read (torch.device).']);
    await expect(file.entries.get('complex')?.read(new Float32Array(2), 0, 2)).rejects.toThrow(
      'complex holds numbers of type ComplexFloatStorage',
    );
    await file.close();
  });

  it('takes a bare tensor, and a folder or an empty file for what they are', async () => {
    const file = await openTorchFile(`${fixtures}/bare.pt`);
    expect(file.entries.get('tensor')?.shape).toEqual([2, 3, 4]);
    await file.close();
    expect(await sentence(folder)).toContain('is not a file');
    expect(await sentence(write('empty.pt', new Uint8Array(0)))).toContain('has only 0 bytes');
    expect(await sentence(write('text.pt', Buffer.from('Hello, this is no tensor.')))).toContain('was not written by torch.save');
    await expect(openTorchFile(join(folder, 'none.pt'))).rejects.toThrow('ENOENT');
  });

  it('opens a file of 4.2 GB at once and reads single views from its end', async () => {
    const path = join(folder, 'large.pt');
    sparseTorchFile(path, [4300, 512, 512]);
    expect(statSync(path).size).toBeGreaterThan(4.2e9);
    const file = await openTorchFile(path);
    const view = new Float32Array(512 * 512).fill(7);
    await file.entries.get('sinogram')?.readSlices(4299, 1, view);
    expect([view[0], view.at(-1)]).toEqual([0, 42]);
    await file.close();
    rmSync(path);
  });
});

describe('broken and hostile files', () => {
  const sample = readFileSync('resources/samples/walnut-tiny.pt');

  it('says that a file cut off anywhere was cut off', async () => {
    for (let length = 1; length < sample.length; length += 1024) {
      expect(await sentence(write('cut.pt', sample.subarray(0, length))), `${length} bytes`).toMatch(/ends before|no data|is damaged/);
    }
    const legacy = readFileSync(`${fixtures}/types_legacy.pt`);
    for (let length = 1; length < legacy.length; length += 13)
      expect(await sentence(write('cut.pt', legacy.subarray(0, length)))).not.toBeNull();
  });

  it.each([
    ['posix.system', 'cposix\nsystem\n(X\x04\x00\x00\x00trueR.'],
    ['os.system', 'cos\nsystem\nX\x04\x00\x00\x00true\x85R.'],
    ['builtins.eval', 'c__builtin__\neval\nX\x01\x00\x00\x001\x85R.'],
    ['subprocess.Popen', 'csubprocess\nPopen\n)R.'],
  ])('refuses to know %s', async (name, code) => {
    const message = await sentence(write('bad.pt', torchArchive(Buffer.from(`\x80\x02${code}`, 'latin1'), {})));
    expect(message).toContain(`it refers to the Python name "${name}"`);
  });

  const tensor = (offset: string, size: string, stride: string, numel = 'K\x04') =>
    `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu${numel}tQ${offset}${size}${stride}\x89Ntr.`.replace(
      'tr.',
      'tR.',
    );
  it.each([
    ['beyond its storage', tensor('K\x01', 'K\x04\x85', 'K\x01\x85'), 'reaches beyond its storage'],
    ['negative size', tensor('K\x00', 'J\xff\xff\xff\xff\x85', 'K\x01\x85'), 'no whole number'],
    ['negative stride', tensor('K\x00', 'K\x02\x85', 'J\xff\xff\xff\xff\x85'), 'no whole number'],
    ['sizes without strides', tensor('K\x00', 'K\x02\x85', ')'), 'no whole number'],
    ['astronomic by repetition', tensor('K\x00', 'J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86', 'K\x00K\x00\x86'), 'too large'],
    ['storage larger than its record', tensor('K\x00', 'K\x05\x85', 'K\x01\x85', 'K\x05'), 'has 16 bytes where 20 are expected'],
    ['recursive list', '\x80\x02]q\x00h\x00a.', null],
    ['list that doubles', `\x80\x02]q\x00${Array.from({ length: 200 }, () => '(h\x00h\x00h\x00h\x00e').join('')}.`, 'holds more than'],
    ['memo never stored', '\x80\x02h\x05.', 'recalls a value'],
    ['empty stack', '\x80\x02.', 'takes a value that is not there'],
    ['mark never opened', '\x80\x02t.', 'closes a group'],
    ['protocol 4', '\x80\x04N.', 'pickle protocol is 4'],
    ['unknown instruction', '\x80\x02i.', 'instruction 0x69'],
    ['no end', '\x80\x02N', 'ends too early'],
    ['string longer than the file', '\x80\x02X\xff\xff\x00\x00abc', 'ends too early'],
    ['string longer than any', '\x80\x02X\xff\xff\xff\xffabc', 'longer than 1 MiB'],
    ['calls a number', '\x80\x02K\x01)R.', 'something that is no function'],
    ['deep marks', `\x80\x02${'('.repeat(1_500_000)}.`, 'nested too deeply'],
    ['dictionary with odd items', '\x80\x02}(K\x01u.', 'no dictionary'],
  ])('%s', async (_name, code, message) => {
    const found = await sentence(write('bad.pt', torchArchive(Buffer.from(code, 'latin1'), { '0': Buffer.alloc(16) })));
    if (message === null) expect(found).toBeNull();
    else expect(found).toContain(message);
  });

  it('refuses members named twice, missing storages, compressed storages and other archives', async () => {
    const pickle = Buffer.from(tensor('K\x00', 'K\x04\x85', 'K\x01\x85'), 'latin1');
    const member = { '0': Buffer.alloc(16) };
    expect(await sentence(write('good.pt', torchArchive(pickle, member)))).toBeNull();
    expect(await sentence(write('twice.pt', torchArchive(pickle, member, { repeat: 'data/0' })))).toContain(
      '"archive/data/0" is there twice',
    );
    expect(await sentence(write('missing.pt', torchArchive(pickle, {})))).toContain('storage 0 is missing');
    expect(await sentence(write('packed.pt', torchArchive(pickle, member, { deflate: true })))).toContain('packed again with compression');
    expect(await sentence(write('script.pt', torchArchive(pickle, member, { extra: { 'constants.pkl': Buffer.from('x') } })))).toContain(
      'TorchScript',
    );
    expect(await sentence(write('other.pt', torchArchive(null, { '0': Buffer.alloc(3) })))).toContain('without a data.pkl');
    expect(await sentence(write('big.pt', torchArchive(pickle, member, { extra: { byteorder: Buffer.from('big') } })))).toBeNull();
  });

  it('swaps bytes where the file says big endian', async () => {
    const bytes = Buffer.alloc(16);
    [1.5, -2, 3, 4].forEach((value, index) => {
      bytes.writeFloatBE(value, index * 4);
    });
    const pickle = Buffer.from(tensor('K\x00', 'K\x04\x85', 'K\x01\x85'), 'latin1');
    const file = await openTorchFile(write('big.pt', torchArchive(pickle, { '0': bytes }, { extra: { byteorder: Buffer.from('big') } })));
    expect(await readAll(file.entries.get('tensor') as TorchTensor)).toEqual([1.5, -2, 3, 4]);
    await file.close();
  });

  it('answers with a sentence or the data, never otherwise, for files changed at random', async () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (const name of ['types.pt', 'types_legacy.pt', 'nested.pt', 'strides.pt']) {
      const original = readFileSync(`${fixtures}/${name}`);
      for (let trial = 0; trial < 250; trial++) {
        const bytes = Buffer.from(original);
        for (let change = random(6); change >= 0; change--) bytes[random(bytes.length)] = random(4) === 0 ? 255 : random(256);
        await sentence(write('fuzz.pt', bytes));
      }
    }
  }, 60_000);

  it('reads a file with bytes appended behind its end', async () => {
    const path = write('tail.pt', sample);
    appendFileSync(path, Buffer.alloc(100));
    expect(await sentence(path)).toBeNull();
  });
});

describe('PyTorch itself', () => {
  const python = (() => {
    try {
      execFileSync('/usr/bin/python3', ['-c', 'import torch'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  it.runIf(python)('agrees that the archives made for these tests are its own', () => {
    const pickle = Buffer.from(
      '\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.',
      'latin1',
    );
    const path = write('own.pt', torchArchive(pickle, { '0': Buffer.from(Float32Array.of(1, 2, 3, 4).buffer) }));
    const printed = execFileSync('/usr/bin/python3', ['-c', `import torch; print(torch.load(${JSON.stringify(path)}).tolist())`], {
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('[1.0, 2.0, 3.0, 4.0]');
  });
  if (!python) console.log('Not run: the comparison with PyTorch (python3-torch is not installed).');
});

it.runIf(process.platform === 'linux')('leaves no file open, whatever happened', async () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const before = openFiles();
  await sentence(write('closed.pt', Buffer.from('PK nothing')));
  await sentence(`${fixtures}/types.pt`);
  expect(openFiles()).toBe(before);
});
