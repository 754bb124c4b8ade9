/**
 * Builds the ONNX graph of a DRUNet. Folded form: input "input" (N,2,H,W) with N = batch * depth, slices behind each other; every 3x3 kernel works
 * slice by slice, and the three strided stages pair neighbouring slices by a reshape (N,C,H,W) -> (N/2,2C,H,W). A network with true 3x3x3 kernels
 * becomes ordinary 3D convolutions, input (B,2,D,H,W). The arithmetic is that of the inflated 3D network (design reference, Denoiser).
 */
import type { DrunetWeights, Kernel, ResidualBlock } from './drunetWeights';
import { type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValue, onnxFloat, onnxInt64 } from './onnxSchema';

/** Depth, height and width must be multiples of this: three stages halve every axis. */
const axisMultiple = 8;

/** The model file's content; `name` is what lists show. */
export function drunetModel(weights: DrunetWeights, name: string): OnnxModel {
  const builder = weights.isDense3d ? new DenseBuilder() : new FoldedBuilder();
  builder.build(weights);
  return {
    name: 'drunet',
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: [builder.value('input', 2)],
    outputs: [builder.value('output', 1)],
    metadata: {
      'tomobench.name': name,
      'tomobench.form': weights.isDense3d ? 'dense3d' : 'folded2d',
      'tomobench.precision': 'fp32',
      'tomobench.channels': weights.channels.join(','),
      'tomobench.blocks': String(weights.blocks),
      'tomobench.depth_multiple': String(axisMultiple),
    },
  };
}

abstract class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];

  abstract value(name: string, channels: number): OnnxValue;
  protected abstract convolve(x: string, kernel: Kernel, name: string, output?: string): string;
  protected abstract down(x: string, kernel: Kernel, name: string): string;
  protected abstract up(x: string, kernel: Kernel, name: string): string;

  build(weights: DrunetWeights): void {
    const skips = [this.convolve('input', weights.head, 'head')];
    weights.down.forEach((stage, level) => {
      const x = this.residuals(skips[level] ?? '', stage.blocks, `down${level + 1}`);
      skips.push(this.down(x, stage.strided, `down${level + 1}.strided`));
    });
    let x = this.residuals(skips[3] ?? '', weights.body, 'body');
    for (const level of [2, 1, 0] as const) {
      const stage = weights.up[level];
      x = this.up(this.add(x, skips[level + 1] ?? '', `up${level + 1}.skip`), stage.strided, `up${level + 1}.strided`);
      x = this.residuals(x, stage.blocks, `up${level + 1}`);
    }
    this.convolve(this.add(x, skips[0] ?? '', 'tail.skip'), weights.tail, 'tail', 'output');
  }

  /** x + conv3(relu(conv3(x))), one after the other. */
  private residuals(input: string, blocks: readonly ResidualBlock[], stage: string): string {
    return blocks.reduce((x, [first, second], index) => {
      const name = `${stage}.${index}`;
      const inner = this.node('Relu', [this.convolve(x, first, `${name}.first`)], `${name}.relu`);
      return this.add(x, this.convolve(inner, second, `${name}.second`), `${name}.sum`);
    }, input);
  }

  private add(a: string, b: string, name: string): string {
    return this.node('Add', [a, b], name);
  }

  protected node(opType: string, input: readonly string[], name: string, ints: OnnxNode['ints'] = {}, output = name): string {
    this.nodes.push({ name, opType, input, output: [output], ints });
    return output;
  }

  protected floats(name: string, dims: readonly number[], values: Float32Array): string {
    this.initializers.push({ name, dims, dataType: onnxFloat, rawData: littleEndianFloats(values) });
    return name;
  }

  /** A reshape; -1 follows from the rest, 0 keeps the axis as it is. */
  protected reshape(x: string, shape: readonly number[], name: string): string {
    const bytes = new Uint8Array(shape.length * 8);
    const view = new DataView(bytes.buffer);
    shape.forEach((size, index) => {
      view.setBigInt64(index * 8, BigInt(size), true);
    });
    this.initializers.push({ name: `${name}.shape`, dims: [shape.length], dataType: onnxInt64, rawData: bytes });
    return this.node('Reshape', [x, `${name}.shape`], name);
  }
}

class FoldedBuilder extends GraphBuilder {
  value(name: string, channels: number): OnnxValue {
    return { name, shape: ['slices', channels, 'height', 'width'] };
  }

  protected convolve(x: string, kernel: Kernel, name: string, output = name): string {
    const [outputs = 0, inputs = 0] = kernel.shape;
    const weight = this.floats(`${name}.weight`, [outputs, inputs, 3, 3], kernel.shape.length === 5 ? middleSlices(kernel) : kernel.values);
    return this.node('Conv', [x, weight], name, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, output);
  }

  protected down(x: string, kernel: Kernel, name: string): string {
    const [outputs = 0, inputs = 0] = kernel.shape;
    const weight = this.floats(`${name}.weight`, [outputs, 2 * inputs, 2, 2], pairedSlices(kernel));
    const pairs = this.reshape(x, [-1, 2 * inputs, 0, 0], `${name}.pairs`);
    return this.node('Conv', [pairs, weight], name, { kernel_shape: [2, 2], strides: [2, 2] });
  }

  protected up(x: string, kernel: Kernel, name: string): string {
    const [inputs = 0, outputs = 0] = kernel.shape;
    const weight = this.floats(`${name}.weight`, [inputs, 2 * outputs, 2, 2], pairedSlices(kernel));
    const pairs = this.node('ConvTranspose', [x, weight], name, { kernel_shape: [2, 2], strides: [2, 2] });
    return this.reshape(pairs, [-1, outputs, 0, 0], `${name}.slices`);
  }
}

class DenseBuilder extends GraphBuilder {
  value(name: string, channels: number): OnnxValue {
    return { name, shape: ['batch', channels, 'depth', 'height', 'width'] };
  }

  protected convolve(x: string, kernel: Kernel, name: string, output = name): string {
    const weight = this.dense(kernel, 3, `${name}.weight`);
    return this.node('Conv', [x, weight], name, { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] }, output);
  }

  protected down(x: string, kernel: Kernel, name: string): string {
    return this.node('Conv', [x, this.dense(kernel, 2, `${name}.weight`)], name, { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
  }

  protected up(x: string, kernel: Kernel, name: string): string {
    return this.node('ConvTranspose', [x, this.dense(kernel, 2, `${name}.weight`)], name, { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
  }

  /** A kernel as it is in 3D; a 2D one inflated: 3x3 into the middle slice, 2x2 repeated over z and halved. */
  private dense(kernel: Kernel, size: 2 | 3, name: string): string {
    const [first = 0, second = 0] = kernel.shape;
    const dims = [first, second, size, size, size];
    if (kernel.shape.length === 5) return this.floats(name, dims, kernel.values);
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
    return this.floats(name, dims, values);
  }
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

function littleEndianFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return bytes;
}
