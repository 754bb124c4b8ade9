/** The networks that are timed, each as the weights PyTorch reads and as the model this program runs: the same numbers in both. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importModel } from '../../src/worker/formats/onnxModel';
import { decodeOnnx, type OnnxTensor } from '../../src/worker/formats/onnxSchema';
import { type TensorToWrite, writeTorchFile } from '../../src/worker/formats/torchWriter';

export interface NetworkFiles {
  readonly weightsPath: string;
  readonly modelPath: string;
}

/** A DRUNet with random weights from a seed, of a size that keeps activations near those of the input. */
export async function randomNetwork(folder: string, channels: readonly number[], blocks: number): Promise<NetworkFiles> {
  const files = { weightsPath: join(folder, 'random.pth'), modelPath: join(folder, 'random.onnx') };
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const tensors = shapesOf(channels, blocks).map(({ key, shape }) => {
    const [first = 1, second = 1, ...window] = shape;
    const isUp = key.startsWith('m_up') && key.endsWith('.0.weight');
    const reach = (isUp ? first / 4 : second) * window.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => uniform() / Math.sqrt(reach));
    return { key, shape, values };
  });
  await writeTorchFile(files.weightsPath, tensors.map(tensorOf), {});
  await importModel(files.weightsPath, files.modelPath);
  return files;
}

/** The published names and 2D shapes. */
function shapesOf(channels: readonly number[], blocks: number): { key: string; shape: readonly number[] }[] {
  const width = (level: number): number => channels[level] ?? 0;
  const list: { key: string; shape: readonly number[] }[] = [{ key: 'm_head.weight', shape: [width(0), 2, 3, 3] }];
  const residuals = (stage: string, first: number, size: number): void => {
    for (let block = first; block < first + blocks; block++) {
      for (const part of [0, 2]) list.push({ key: `${stage}.${block}.res.${part}.weight`, shape: [size, size, 3, 3] });
    }
  };
  for (const level of [0, 1, 2]) {
    residuals(`m_down${level + 1}`, 0, width(level));
    list.push({ key: `m_down${level + 1}.${blocks}.weight`, shape: [width(level + 1), width(level), 2, 2] });
  }
  residuals('m_body', 0, width(3));
  for (const level of [2, 1, 0]) {
    list.push({ key: `m_up${level + 1}.0.weight`, shape: [width(level + 1), width(level), 2, 2] });
    residuals(`m_up${level + 1}`, 1, width(level));
  }
  list.push({ key: 'm_tail.weight', shape: [1, width(0), 3, 3] });
  return list;
}

/** Writes the weights of a model of this program as a state_dict: 3x3 kernels as they are, strided ones unfolded to 2x2x2. */
export async function networkOfModel(folder: string, modelPath: string): Promise<NetworkFiles> {
  const model = decodeOnnx(await readFile(modelPath));
  if (model === null) throw new Error(`${modelPath} is not a model of this program.`);
  const blocks = Number(model.metadata['tomobench.blocks']);
  const weightsPath = join(folder, 'model.pth');
  const tensors = model.initializers.filter(({ name }) => name.endsWith('.weight')).map((tensor) => unfolded(tensor, blocks));
  await writeTorchFile(weightsPath, tensors.map(tensorOf), {});
  return { weightsPath, modelPath };
}

function unfolded({ name, dims, data }: OnnxTensor, blocks: number): { key: string; shape: readonly number[]; values: Float32Array } {
  if (!(data instanceof Uint8Array)) throw new Error(`The weights of ${name} are not in the model file.`);
  const values = new Float32Array(new Uint8Array(data).buffer);
  const [stage = '', part = '', which] = name.split('.');
  const isUp = stage.startsWith('up');
  if (part === 'strided') {
    const [first = 0, folded = 0] = dims;
    const second = folded / 2;
    const solid = new Float32Array(values.length);
    for (let a = 0; a < first; a++) {
      for (let slice = 0; slice < 2; slice++) {
        for (let b = 0; b < second; b++) {
          const from = ((a * 2 + slice) * second + b) * 4;
          solid.set(values.subarray(from, from + 4), ((a * second + b) * 2 + slice) * 4);
        }
      }
    }
    return { key: `m_${stage}.${isUp ? 0 : blocks}.weight`, shape: [first, second, 2, 2, 2], values: solid };
  }
  if (part === 'weight') return { key: `m_${stage}.weight`, shape: dims, values };
  return { key: `m_${stage}.${Number(part) + (isUp ? 1 : 0)}.res.${which === 'first' ? 0 : 2}.weight`, shape: dims, values };
}

function tensorOf({ key, shape, values }: { key: string; shape: readonly number[]; values: Float32Array }): TensorToWrite {
  return { key, shape, type: 'float32', write: (put) => put(values) };
}
