/** The weights of a DRUNet as the tensors of its graph, folded to 2D or in 3D, one by one in the graph's order; reading them is drunetWeights'. */
import type { DrunetWeights, Kernel } from './drunetWeights';
import { type OnnxTensor, onnxFloat } from './onnxSchema';

type Role = 'plane' | 'strided';

/** 2D kernels: (out, in, 3, 3), and (coarse, 2 * fine, 2, 2) for the strided stages. */
export function foldedTensors(weights: DrunetWeights): OnnxTensor[] {
  return namedKernels(weights).map(([name, kernel, role]) => {
    const [first = 0, second = 0] = kernel.shape;
    if (role === 'strided') return floats(name, [first, 2 * second, 2, 2], pairedSlices(kernel));
    return floats(name, [first, second, 3, 3], kernel.shape.length === 5 ? middleSlices(kernel) : kernel.values);
  });
}

/** 3D kernels: as they are, and 2D ones inflated. */
export function denseTensors(weights: DrunetWeights): OnnxTensor[] {
  return namedKernels(weights).map(([name, kernel, role]) => {
    const size = role === 'strided' ? 2 : 3;
    const [first = 0, second = 0] = kernel.shape;
    return floats(name, [first, second, size, size, size], kernel.shape.length === 5 ? kernel.values : inflated(kernel, size));
  });
}

function namedKernels(weights: DrunetWeights): [name: string, kernel: Kernel, role: Role][] {
  const list: [string, Kernel, Role][] = [['head.weight', weights.head, 'plane']];
  const residuals = (stage: string, blocks: DrunetWeights['body']): void => {
    blocks.forEach(([first, second], block) => {
      list.push([`${stage}.${block}.first.weight`, first, 'plane'], [`${stage}.${block}.second.weight`, second, 'plane']);
    });
  };
  weights.down.forEach((stage, level) => {
    residuals(`down${level + 1}`, stage.blocks);
    list.push([`down${level + 1}.strided.weight`, stage.strided, 'strided']);
  });
  residuals('body', weights.body);
  for (const level of [2, 1, 0] as const) {
    list.push([`up${level + 1}.strided.weight`, weights.up[level].strided, 'strided']);
    residuals(`up${level + 1}`, weights.up[level].blocks);
  }
  list.push(['tail.weight', weights.tail, 'plane']);
  return list;
}

/** A 2D kernel in 3D: 3x3 into the middle slice, 2x2 repeated over z and halved. */
function inflated(kernel: Kernel, size: 2 | 3): Float32Array {
  const [first = 0, second = 0] = kernel.shape;
  const area = size * size;
  const values = new Float32Array(first * second * size * area);
  for (let pair = 0; pair < first * second; pair++) {
    const plane = kernel.values.subarray(pair * area, (pair + 1) * area);
    if (size === 3) values.set(plane, (pair * 3 + 1) * area);
    else
      for (const slice of [0, 1])
        values.set(
          plane.map((value) => value / 2),
          (pair * 2 + slice) * area,
        );
  }
  return values;
}

/** (a, b, 3, 3, 3) -> (a, b, 3, 3): the middle slice of each kernel. */
function middleSlices(kernel: Kernel): Float32Array {
  const planes = new Float32Array(kernel.values.length / 3);
  for (let pair = 0; pair < planes.length / 9; pair++) planes.set(kernel.values.subarray(pair * 27 + 9, pair * 27 + 18), pair * 9);
  return planes;
}

/** (a, b, [2,] 2, 2) -> (a, 2b, 2, 2): channels of the first slice of a pair before those of the second; a 2D kernel stands for both slices, halved. */
function pairedSlices(kernel: Kernel): Float32Array {
  const [first = 0, second = 0] = kernel.shape;
  const isSolid = kernel.shape.length === 5;
  const folded = new Float32Array(first * 2 * second * 4);
  for (let a = 0; a < first; a++) {
    for (let slice = 0; slice < 2; slice++) {
      for (let b = 0; b < second; b++) {
        const from = isSolid ? ((a * second + b) * 2 + slice) * 4 : (a * second + b) * 4;
        for (let tap = 0; tap < 4; tap++) {
          folded[((a * 2 + slice) * second + b) * 4 + tap] = (kernel.values[from + tap] ?? 0) * (isSolid ? 1 : 0.5);
        }
      }
    }
  }
  return folded;
}

function floats(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  const data = new Uint8Array(values.length * 4);
  const view = new DataView(data.buffer);
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return { name, dims, dataType: onnxFloat, data };
}
