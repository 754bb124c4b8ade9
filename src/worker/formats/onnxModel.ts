/** Model files: imports PyTorch weights of a DRUNet as an ONNX file and describes ONNX files; running them is the denoiser adapter's. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ImportedModel } from '../../shared/workerMessages';
import { drunetModel } from './drunetGraph';
import { readDrunetWeights } from './drunetWeights';
import { describeOnnx, encodeOnnx, type OnnxDescription } from './onnxSchema';
import { openTorchFile } from './torchFile';
import { writeFileWhole } from './wholeFile';

/** Protocol buffers end at 2 GiB. */
const maxModelBytes = 2 ** 31 - 2 ** 20;

/** Reads W.pth and writes M.onnx. Throws UserError naming the first key that does not fit; nothing is written then. */
export async function importModel(weightsPath: string, modelPath: string): Promise<ImportedModel> {
  const file = await openTorchFile(weightsPath);
  try {
    const total = [...file.entries.values()].reduce((sum, tensor) => sum + tensor.elements * 4, 0);
    if (total * 2 > maxModelBytes) {
      throw new UserError(
        `${basename(weightsPath)} has ${Math.round(total / 1048576)} MiB of weights; a model file holds at most 2 GiB.`,
        'unsupported',
      );
    }
    const weights = await readDrunetWeights(file);
    const name = basename(weightsPath).replace(/\.[^.]*$/, '');
    const bytes = encodeOnnx(drunetModel(weights, name));
    await writeFileWhole(modelPath, bytes.length, (target) => target.write(bytes, 0));
    return {
      name,
      form: weights.isDense3d ? 'dense3d' : 'folded2d',
      channels: weights.channels,
      blocks: weights.blocks,
      bytes: bytes.length,
    };
  } finally {
    await file.close();
  }
}

/** What a model file says of itself. Throws UserError where it is no ONNX model. */
export async function describeModel(path: string): Promise<OnnxDescription & { readonly bytes: number }> {
  const { size } = await stat(path);
  if (size > maxModelBytes) throw new UserError(`${basename(path)} is larger than 2 GiB, so it is no single model file.`);
  const description = describeOnnx(await readFile(path));
  if (description === null)
    throw new UserError(`${basename(path)} is no ONNX model, or it is damaged. Import the weights again with "model import".`);
  return { ...description, bytes: size };
}
