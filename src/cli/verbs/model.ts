/** `model`: lists the shipped networks, checks whether a model file works, and imports PyTorch weights; the work on files is a device worker's. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { suggestion } from '../../engine/plan/nearestName';
import { hashFile } from '../../main/queue/hashFile';
import { UserError } from '../../shared/errors';
import { commonOptions } from '../arguments';
import { requireFile } from '../inputs';
import { bytesText } from '../output';
import { textTable } from '../textTable';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const model: Verb = {
  name: 'model',
  summary: 'list: the shipped networks; check FILE.onnx: whether it works; import W.pth --out M.onnx: PyTorch weights to a model',
  positional: { name: 'list, check FILE.onnx, or import W.pth', least: 1, most: 2 },
  options: { out: commonOptions.out, json: commonOptions.json },
  execute,
};

const actions = ['list', 'check', 'import'];

interface ShippedModel {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly form: string;
}

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args } = context;
  const [action = '', file] = args.positional;
  switch (action) {
    case 'list':
      return list(context);
    case 'check':
      if (file === undefined) throw new UserError('"model check" needs a model file (.onnx).');
      return check(resolve(file), context);
    case 'import':
      if (file === undefined || args.text('out') === null) {
        throw new UserError('"model import" needs the weights and a place for the model: model import W.pth --out M.onnx');
      }
      return importWeights(resolve(file), resolve(args.text('out') ?? ''), context);
    default:
      throw new UserError(`"model" has no action "${action}".${suggestion(action, actions)}`);
  }
}

async function list({ output, session }: VerbContext): Promise<ExitCode> {
  const folder = session.folders.models;
  const models = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as readonly ShippedModel[];
  output.document({ folder, models });
  output.print(
    textTable(
      [
        { title: 'name', align: 'left' },
        { title: 'form', align: 'left' },
        { title: 'size', align: 'right' },
        { title: 'file', align: 'left' },
      ],
      models.map(({ name, form, bytes, file }) => [name, form, bytesText(bytes), join(folder, file)]),
    ),
  );
  return 0;
}

/** Runs the model once on a small window. */
async function check(path: string, { output, session }: VerbContext): Promise<ExitCode> {
  await requireFile(path, 'The model file');
  const summary = await session.device().call('describeModel', { path });
  output.document({ path, ok: true, sha256: await hashFile(path), ...summary });
  output.print(`${path} works: ${summary.form}, runs on ${summary.provider}`);
  return 0;
}

/** Makes the model file and proves that it works. */
async function importWeights(weights: string, out: string, { output, session }: VerbContext): Promise<ExitCode> {
  await requireFile(weights, 'The file of weights');
  const device = session.device();
  const imported = await device.call('importModel', { weights, out });
  const summary = await device.call('describeModel', { path: out });
  output.document({ path: out, sha256: await hashFile(out), ...summary, ...imported });
  output.print(
    `${out}: ${imported.form}, channels ${imported.channels.join(', ')}, ${imported.blocks} blocks, ${bytesText(imported.bytes)}, runs on ${summary.provider}`,
  );
  return 0;
}
