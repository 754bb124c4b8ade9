/**
 * Builds the ONNX graph of a DRUNet. Folded form: input "input" (N,2,H,W) with N = batch * depth, slices behind each other; every 3x3 kernel works
 * slice by slice, and the three strided stages pair neighbouring slices by a reshape (N,C,H,W) -> (N/2,2C,H,W). A network with true 3x3x3 kernels
 * becomes ordinary 3D convolutions, input (B,2,D,H,W). The arithmetic is that of the inflated 3D network (design reference, Denoiser). How the
 * weights are laid out is drunetTensors'; which part of a window must be computed is drunetRegions'.
 */
import type { Region, WindowRegions } from '../../engine/tiling/drunetRegions';
import { denseTensors, foldedTensors } from './drunetTensors';
import type { DrunetWeights } from './drunetWeights';
import { type OnnxModel, type OnnxNode, type OnnxTensor, type OnnxValue, onnxInt64 } from './onnxSchema';

/** Depth, height and width must be multiples of this: three stages halve every axis. */
const axisMultiple = 8;

export interface DrunetLayout {
  readonly form: 'folded2d' | 'dense3d';
  readonly channels: readonly number[];
  readonly blocks: number;
}

/** The model file's content; `name` is what lists show. */
export function drunetModel(weights: DrunetWeights, name: string): OnnxModel {
  const layout = { form: weights.isDense3d ? 'dense3d' : 'folded2d', channels: weights.channels, blocks: weights.blocks } as const;
  return modelOf(layout, weights.isDense3d ? denseTensors(weights) : foldedTensors(weights), {
    'tomobench.name': name,
    'tomobench.form': layout.form,
    'tomobench.precision': 'fp32',
    'tomobench.channels': layout.channels.join(','),
    'tomobench.blocks': String(layout.blocks),
    'tomobench.depth_multiple': String(axisMultiple),
  });
}

/** The layout of a model that this program wrote, proved by building its graph again; null for every other model. */
export function layoutOf(model: OnnxModel): DrunetLayout | null {
  const form = model.metadata['tomobench.form'];
  const channels = (model.metadata['tomobench.channels'] ?? '').split(',').map(Number);
  const blocks = Number(model.metadata['tomobench.blocks']);
  if ((form !== 'folded2d' && form !== 'dense3d') || channels.length !== 4 || !(blocks > 0 && blocks <= 64)) return null;
  const layout = { form, channels, blocks } as const;
  const again = modelOf(layout, weightsOf(model), model.metadata);
  const graph = ({ nodes, inputs, outputs }: OnnxModel) => JSON.stringify([nodes, inputs, outputs]);
  const shapes = ({ initializers }: OnnxModel) =>
    JSON.stringify(
      initializers
        .map((tensor) => [tensor.name, tensor.dims, tensor.dataType === onnxInt64 ? [...bytesOf(tensor)] : tensor.dataType])
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    );
  return graph(again) === graph(model) && shapes(again) === shapes(model) ? layout : null;
}

/**
 * The folded network over the part of a window that counts (drunetRegions): input (B*n,2,H,W) with n = regions.input's slices, output
 * (B*m,1,h,w) with the extent of regions.output. Every voxel of the output is computed from the same numbers in the same order as in the whole window.
 */
export function trimmedModel(model: OnnxModel, layout: DrunetLayout, regions: WindowRegions): OnnxModel {
  return modelOf(layout, weightsOf(model), model.metadata, regions);
}

const weightsOf = (model: OnnxModel): OnnxTensor[] => model.initializers.filter((tensor) => tensor.dataType !== onnxInt64);
const bytesOf = ({ data }: OnnxTensor): Uint8Array => (data instanceof Uint8Array ? data : new Uint8Array(0));

function modelOf(
  layout: DrunetLayout,
  weights: readonly OnnxTensor[],
  metadata: OnnxModel['metadata'],
  regions?: WindowRegions,
): OnnxModel {
  const builder = layout.form === 'dense3d' ? new DenseBuilder(layout) : new FoldedBuilder(layout, regions);
  builder.build();
  return {
    name: 'drunet',
    nodes: builder.nodes,
    initializers: [...weights, ...builder.shapes],
    inputs: [builder.value('input', 2)],
    outputs: [builder.value('output', 1)],
    metadata,
  };
}

abstract class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  /** Tensors that are no weights: shapes and bounds. */
  readonly shapes: OnnxTensor[] = [];

  constructor(protected readonly layout: DrunetLayout) {}

  abstract value(name: string, channels: number): OnnxValue;
  protected abstract convolve(x: string, name: string, output?: string): string;
  /** From `level` (0 is the finest) to the next coarser one. */
  protected abstract down(x: string, level: number, name: string): string;
  /** To `level` from the next coarser one. */
  protected abstract up(x: string, level: number, name: string): string;
  /** The part of an encoder's result at `level` that the decoder's result is added to. */
  protected abstract skip(x: string, level: number): string;

  build(): void {
    const skips = [this.convolve('input', 'head')];
    for (const level of [0, 1, 2]) {
      const x = this.residuals(skips[level] ?? '', `down${level + 1}`);
      skips.push(this.down(x, level, `down${level + 1}.strided`));
    }
    let x = this.residuals(skips[3] ?? '', 'body');
    for (const level of [2, 1, 0]) {
      const sum = this.add(x, this.skip(skips[level + 1] ?? '', level + 1), `up${level + 1}.skip`);
      x = this.residuals(this.up(sum, level, `up${level + 1}.strided`), `up${level + 1}`);
    }
    this.convolve(this.add(x, this.skip(skips[0] ?? '', 0), 'tail.skip'), 'tail', 'output');
  }

  /** x + conv3(relu(conv3(x))), one after the other. */
  private residuals(input: string, stage: string): string {
    let x = input;
    for (let block = 0; block < this.layout.blocks; block++) {
      const name = `${stage}.${block}`;
      const inner = this.node('Relu', [this.convolve(x, `${name}.first`)], `${name}.relu`);
      x = this.add(x, this.convolve(inner, `${name}.second`), `${name}.sum`);
    }
    return x;
  }

  private add(a: string, b: string, name: string): string {
    return this.node('Add', [a, b], name);
  }

  protected node(opType: string, input: readonly string[], name: string, ints: OnnxNode['ints'] = {}, output = name): string {
    this.nodes.push({ name, opType, input, output: [output], ints });
    return output;
  }

  /** A reshape; -1 follows from the rest, 0 keeps the axis as it is. */
  protected reshape(x: string, shape: readonly number[], name: string): string {
    return this.node('Reshape', [x, this.integers(`${name}.shape`, shape)], name);
  }

  protected integers(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(values.length * 8);
    const view = new DataView(bytes.buffer);
    values.forEach((value, index) => {
      view.setBigInt64(index * 8, BigInt(value), true);
    });
    this.shapes.push({ name, dims: [values.length], dataType: onnxInt64, data: bytes });
    return name;
  }
}

class FoldedBuilder extends GraphBuilder {
  constructor(
    layout: DrunetLayout,
    private readonly regions: WindowRegions | undefined,
  ) {
    super(layout);
  }

  value(name: string, channels: number): OnnxValue {
    return { name, shape: ['slices', channels, 'height', 'width'] };
  }

  protected convolve(x: string, name: string, output = name): string {
    return this.node('Conv', [x, `${name}.weight`], name, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, output);
  }

  protected down(x: string, level: number, name: string): string {
    const channels = this.layout.channels[level] ?? 0;
    const encoder = this.regions?.levels[level]?.encoder;
    let slices = x;
    if (encoder && encoder.slices !== encoder.pairedSlices) {
      // The slices behind the window's end are copies of its last one: computed once, repeated here.
      const { slices: unique, pairedSlices, height, width } = encoder;
      const split = this.reshape(x, [-1, unique, channels, height, width], `${name}.window`);
      const repeated = Array.from({ length: pairedSlices }, (_, slice) => Math.min(slice, unique - 1));
      slices = this.node('Gather', [split, this.integers(`${name}.repeated.slices`, repeated)], `${name}.repeated`, { axis: 1 });
      return this.strided('Conv', this.reshape(slices, [-1, 2 * channels, height, width], `${name}.pairs`), name);
    }
    return this.strided('Conv', this.reshape(slices, [-1, 2 * channels, 0, 0], `${name}.pairs`), name);
  }

  protected up(x: string, level: number, name: string): string {
    const channels = this.layout.channels[level] ?? 0;
    const slices = this.reshape(this.strided('ConvTranspose', x, name), [-1, channels, 0, 0], `${name}.slices`);
    const levels = this.regions?.levels;
    const [coarse, fine] = [levels?.[level + 1]?.decoder, levels?.[level]?.decoder];
    if (!coarse || !fine) return slices;
    const doubled = (region: Region): Region => ({
      start: [region.start[0] * 2, region.start[1] * 2, region.start[2] * 2],
      end: [region.end[0] * 2, region.end[1] * 2, region.end[2] * 2],
    });
    return this.crop(slices, channels, doubled(coarse), fine, `${name}.needed`);
  }

  protected skip(x: string, level: number): string {
    const regions = this.regions?.levels[level];
    if (!regions) return x;
    const { slices, height, width, firstSlice } = regions.encoder;
    const whole: Region = { start: [firstSlice, 0, 0], end: [firstSlice + slices, height, width] };
    return this.crop(x, this.layout.channels[level] ?? 0, whole, regions.decoder, `skip${level + 1}`);
  }

  private strided(opType: string, x: string, name: string): string {
    return this.node(opType, [x, `${name}.weight`], name, { kernel_shape: [2, 2], strides: [2, 2] });
  }

  /** `part` of a tensor (B*slices, channels, rows, columns) that holds `whole`. */
  private crop(x: string, channels: number, whole: Region, part: Region, name: string): string {
    const size = (axis: 0 | 1 | 2): number => whole.end[axis] - whole.start[axis];
    const axes = ([0, 1, 2] as const).filter((axis) => part.start[axis] !== whole.start[axis] || part.end[axis] !== whole.end[axis]);
    if (axes.length === 0) return x;
    const split = this.reshape(x, [-1, size(0), channels, size(1), size(2)], `${name}.window`);
    const bounds = [
      this.integers(
        `${name}.starts`,
        axes.map((axis) => part.start[axis] - whole.start[axis]),
      ),
      this.integers(
        `${name}.ends`,
        axes.map((axis) => part.end[axis] - whole.start[axis]),
      ),
      this.integers(
        `${name}.axes`,
        axes.map((axis) => [1, 3, 4][axis] ?? 1),
      ),
    ];
    const cut = this.node('Slice', [split, ...bounds], `${name}.cut`);
    return this.reshape(cut, [-1, channels, part.end[1] - part.start[1], part.end[2] - part.start[2]], name);
  }
}

class DenseBuilder extends GraphBuilder {
  value(name: string, channels: number): OnnxValue {
    return { name, shape: ['batch', channels, 'depth', 'height', 'width'] };
  }

  protected convolve(x: string, name: string, output = name): string {
    return this.node('Conv', [x, `${name}.weight`], name, { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] }, output);
  }

  protected down(x: string, _level: number, name: string): string {
    return this.node('Conv', [x, `${name}.weight`], name, { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
  }

  protected up(x: string, _level: number, name: string): string {
    return this.node('ConvTranspose', [x, `${name}.weight`], name, { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
  }

  protected skip(x: string): string {
    return x;
  }
}
