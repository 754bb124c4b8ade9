/**
 * Model files: imports PyTorch weights of a DRUNet as an ONNX file, describes ONNX files, and prepares variants of them (a window's necessary part, half
 * precision); running them is the denoiser adapter's. Weights of more than 2 GB lie beside the model, in MODEL.onnx.data.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type WindowRegions, type WindowShape, windowRegions } from '../../engine/tiling/drunetRegions';
import { UserError } from '../../shared/errors';
import type { ImportedModel, ModelSummary } from '../../shared/workerMessages';
import { drunetModel, layoutOf, trimmedModel } from './drunetGraph';
import { readDrunetWeights } from './drunetWeights';
import { halfPrecisionModel } from './halfPrecision';
import { decodeOnnx, describeOnnx, encodeOnnx, type OnnxDescription, type OnnxModel, type OnnxTensor } from './onnxSchema';
import { openTorchFile } from './torchFile';
import { writeFileWhole } from './wholeFile';

/** Protocol buffers end at 2 GiB. */
const maxModelBytes = 2 ** 31 - 2 ** 20;
/** Weights this small stay in the model file, so that they are checked with it. */
const smallTensorBytes = 1024;
/** The digest of the file of weights: the model file's own hash then covers both. */
const dataDigestKey = 'tomobench.data_sha256';

/**
 * Reads W.pth and writes M.onnx, and M.onnx.data for the weights where they are more than `inlineLimit` bytes. Throws UserError naming the first key
 * that does not fit; nothing is written then.
 */
export async function importModel(weightsPath: string, modelPath: string, inlineLimit = maxModelBytes): Promise<ImportedModel> {
  const file = await openTorchFile(weightsPath);
  try {
    const weights = await readDrunetWeights(file);
    const name = basename(weightsPath).replace(/\.[^.]*$/, '');
    let model = drunetModel(weights, name);
    if (weightBytes(model) > inlineLimit) model = await writeDataBeside(model, modelPath);
    const encoded = encodeOnnx(model);
    await writeFileWhole(modelPath, encoded.length, (target) => target.write(encoded, 0));
    return {
      name,
      form: weights.isDense3d ? 'dense3d' : 'folded2d',
      channels: weights.channels,
      blocks: weights.blocks,
      bytes: encoded.length + checkedDataBytes(model, modelPath),
    };
  } finally {
    await file.close();
  }
}

function weightBytes(model: OnnxModel): number {
  return model.initializers.reduce((sum, { data }) => sum + data.length, 0);
}

/** Writes the large tensors to MODEL.onnx.data, one after the other, and answers the model that refers to them. */
async function writeDataBeside(model: OnnxModel, modelPath: string): Promise<OnnxModel> {
  const location = `${basename(modelPath)}.data`;
  const large = model.initializers.filter(({ data }) => data.length > smallTensorBytes);
  const total = large.reduce((sum, { data }) => sum + data.length, 0);
  const digest = createHash('sha256');
  const offsets = new Map<string, number>();
  await writeFileWhole(join(dirname(modelPath), location), total, async (target) => {
    let offset = 0;
    for (const { name, data } of large) {
      if (!(data instanceof Uint8Array)) continue;
      await target.write(data, offset);
      digest.update(data);
      offsets.set(name, offset);
      offset += data.length;
    }
  });
  const initializers = model.initializers.map((tensor): OnnxTensor => {
    const offset = offsets.get(tensor.name);
    return offset === undefined ? tensor : { ...tensor, data: { location, offset, length: tensor.data.length } };
  });
  return { ...model, initializers, metadata: { ...model.metadata, [dataDigestKey]: digest.digest('hex') } };
}

/** What a model file says of itself. Throws UserError where it is no ONNX model, or where its weights are missing. */
export async function describeModel(path: string): Promise<OnnxDescription & { readonly bytes: number }> {
  const bytes = await readModelFile(path);
  const description = describeOnnx(bytes);
  if (description === null)
    throw new UserError(`${basename(path)} is no ONNX model, or it is damaged. Import the weights again with "model import".`);
  const model = decodeOnnx(bytes);
  return { ...description, bytes: bytes.length + (model === null ? 0 : checkedDataBytes(model, path)) };
}

async function readModelFile(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > maxModelBytes) throw new UserError(`${basename(path)} is larger than 2 GiB, so it is no single model file.`);
  return readFile(path);
}

/** Bytes of the weights that lie beside the model; UserError where they are not all there. */
function checkedDataBytes(model: OnnxModel, path: string): number {
  let bytes = 0;
  for (const { data } of model.initializers) {
    if (data instanceof Uint8Array) continue;
    const beside = dataPath(path, data.location);
    const size = statSync(beside, { throwIfNoEntry: false })?.size;
    if (size === undefined || size < data.offset + data.length) {
      const what = size === undefined ? 'is missing' : 'is too short';
      throw new UserError(
        `${basename(path)} needs its weights in ${data.location} in the same folder, which ${what}. Copy both files, or import the weights again.`,
      );
    }
    bytes += data.length;
  }
  return bytes;
}

/** A model may name only files of its own folder. */
function dataPath(modelPath: string, location: string): string {
  if (location !== basename(location) || location === '..') {
    throw new UserError(`${basename(modelPath)} names weights outside its folder (${location}). Import the weights again.`);
  }
  return join(dirname(modelPath), location);
}

export interface ModelVariant {
  /** Give `bytes` to ONNX Runtime with `folder` as the place of its weights. */
  readonly bytes: Uint8Array;
  readonly folder: string;
  /** What it reads and answers; null: the whole window. */
  readonly regions: WindowRegions | null;
}

/**
 * The model of `path` for windows of one shape and in one precision. Null where the file as it is serves best: nothing to leave out, or a model that
 * this program did not write, whose structure it does not know.
 */
export async function modelVariant(path: string, tiling: WindowShape | null, precision: 'fp32' | 'fp16'): Promise<ModelVariant | null> {
  const bytes = await readModelFile(path);
  let model = decodeOnnx(bytes);
  const layout = model && layoutOf(model);
  if (model === null || layout === null) return null;
  const regions = tiling === null || layout.form === 'dense3d' ? null : windowRegions(tiling, layout.blocks);
  const isTrimmed = regions !== null && regions.work < 1;
  if (!isTrimmed && precision === 'fp32') return null;
  checkedDataBytes(model, path);
  model = withWeightsInFile(model, bytes, basename(path));
  if (isTrimmed) model = trimmedModel(model, layout, regions);
  if (precision === 'fp16') model = halfPrecisionModel(model, (tensor) => readWeights(tensor, path));
  return { bytes: encodeOnnx(model), folder: dirname(path), regions: isTrimmed ? regions : null };
}

/** A folded network of ours taken apart: all weights in the order of drunetTensors, one after the other. */
export interface FoldedWeights {
  readonly channels: readonly number[];
  readonly blocks: number;
  readonly weights: Float32Array;
  readonly inputs: ModelSummary['inputs'];
  readonly outputs: ModelSummary['outputs'];
}

/** null for every other model. Throws UserError where weights are missing. */
export async function foldedWeights(path: string): Promise<FoldedWeights | null> {
  const model = decodeOnnx(await readModelFile(path));
  const layout = model && layoutOf(model);
  if (model === null || layout === null || layout.form === 'dense3d') return null;
  checkedDataBytes(model, path);
  const tensors = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  // The graph's order, which is that of the layers.
  const ordered = model.nodes
    .filter(({ opType }) => opType === 'Conv' || opType === 'ConvTranspose')
    .flatMap(({ input }) => tensors.get(input[1] ?? '') ?? []);
  const bytes = new Uint8Array(ordered.reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  for (const tensor of ordered) {
    bytes.set(readWeights(tensor, path), offset);
    offset += tensor.data.length;
  }
  const list = (values: OnnxModel['inputs']): ModelSummary['inputs'] =>
    values.map(({ name, shape }) => ({ name, type: 'float32', shape: [...shape] }));
  return { ...layout, weights: new Float32Array(bytes.buffer), inputs: list(model.inputs), outputs: list(model.outputs) };
}

/** Residual blocks a stage of a folded network of ours, by which windowRegions knows what it computes; null where whole windows are computed. */
export async function foldedBlocks(path: string): Promise<number | null> {
  const model = decodeOnnx(await readModelFile(path));
  const layout = model && layoutOf(model);
  return layout === null || layout.form === 'dense3d' ? null : layout.blocks;
}

/** The same model, its weights referred to where they already lie on disk instead of being copied. */
function withWeightsInFile(model: OnnxModel, bytes: Buffer, location: string): OnnxModel {
  const initializers = model.initializers.map((tensor): OnnxTensor => {
    const { data } = tensor;
    if (!(data instanceof Uint8Array) || data.length <= smallTensorBytes || data.buffer !== bytes.buffer) return tensor;
    return { ...tensor, data: { location, offset: data.byteOffset - bytes.byteOffset, length: data.length } };
  });
  return { ...model, initializers };
}

function readWeights({ data }: OnnxTensor, modelPath: string): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.length);
  const file = openSync(dataPath(modelPath, data.location), 'r');
  try {
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30), data.offset + done);
      if (read === 0) throw new UserError(`${data.location} is too short for its model. Import the weights again.`);
      done += read;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
