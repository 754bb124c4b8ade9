/** Reads a DRUNet's weights out of a PyTorch state_dict and finds its layout from the shapes; anything that does not fit is named by its key. */
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import type { TorchFile, TorchTensor } from './torchFile';

export interface Kernel {
  /** (out, in, [depth,] rows, columns); (in, out, ...) for the strided stages upwards. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type ResidualBlock = readonly [first: Kernel, second: Kernel];
export interface Stage {
  readonly blocks: readonly ResidualBlock[];
  /** The strided convolution: after the blocks downwards, before them upwards. */
  readonly strided: Kernel;
}
export interface DrunetWeights {
  readonly channels: readonly [number, number, number, number];
  readonly blocks: number;
  readonly head: Kernel;
  readonly down: readonly [Stage, Stage, Stage];
  readonly body: readonly ResidualBlock[];
  /** up[0] is the last stage of the network (the finest), beside down[0]. */
  readonly up: readonly [Stage, Stage, Stage];
  readonly tail: Kernel;
  /** True where a 3x3x3 kernel really uses neighbouring slices: such a network cannot be computed slice by slice. */
  readonly isDense3d: boolean;
}

const maxBlocks = 64;
const maxChannels = 4096;

/** Throws UserError naming the first key that is missing, left over or of the wrong shape. */
export async function readDrunetWeights(file: TorchFile): Promise<DrunetWeights> {
  return new WeightReader(file).read();
}

class WeightReader {
  private readonly name: string;
  private readonly prefix: string;
  private readonly used = new Set<string>();

  constructor(private readonly file: TorchFile) {
    this.name = basename(file.path);
    const head = [...file.entries.keys()].find((key) => key.endsWith('m_head.weight'));
    if (head === undefined) {
      const found = [...file.entries.keys()].slice(0, 5).join(', ') || 'no tensors';
      throw new UserError(`${this.name} is not a DRUNet: the key m_head.weight is missing (found: ${found}).`);
    }
    this.prefix = head.slice(0, head.length - 'm_head.weight'.length);
  }

  async read(): Promise<DrunetWeights> {
    const blocks = this.countBlocks();
    const first = this.channelsOf('m_head.weight', 0);
    const channels: [number, number, number, number] = [first, 0, 0, 0];
    const head = await this.plane('m_head.weight', first, 2, 'image and noise level');
    const down: Stage[] = [];
    for (const level of [1, 2, 3] as const) {
      const width = channels[level - 1] ?? 0;
      channels[level] = this.channelsOf(`m_down${level}.${blocks}.weight`, 0);
      const residuals = await this.residuals(`m_down${level}`, 0, blocks, width);
      down.push({ blocks: residuals, strided: await this.strided(`m_down${level}.${blocks}.weight`, channels[level], width) });
    }
    const body = await this.residuals('m_body', 0, blocks, channels[3]);
    const up: Stage[] = [];
    for (const level of [1, 2, 3] as const) {
      const width = channels[level - 1] ?? 0;
      const strided = await this.strided(`m_up${level}.0.weight`, channels[level], width);
      up.push({ blocks: await this.residuals(`m_up${level}`, 1, blocks, width), strided });
    }
    const tail = await this.plane('m_tail.weight', 1, first, 'one grey image');
    this.refuseLeftovers();
    const [down1, down2, down3] = down;
    const [up1, up2, up3] = up;
    if (!down1 || !down2 || !down3 || !up1 || !up2 || !up3) throw new UserError('A stage of the network is missing.', 'internal');
    const planes = [head, tail, ...[...down, ...up, { blocks: body }].flatMap((stage) => stage.blocks.flat())];
    return { channels, blocks, head, down: [down1, down2, down3], body, up: [up1, up2, up3], tail, isDense3d: planes.some(usesNeighbours) };
  }

  private countBlocks(): number {
    let blocks = 0;
    while (blocks <= maxBlocks && this.file.entries.has(`${this.prefix}m_body.${blocks}.res.0.weight`)) blocks++;
    if (blocks === 0 || blocks > maxBlocks) this.missing('m_body.0.res.0.weight');
    return blocks;
  }

  private channelsOf(key: string, axis: number): number {
    const size = this.tensor(key).shape[axis] ?? 0;
    if (size < 1 || size > maxChannels) this.wrong(key, `${size} channels`);
    return size;
  }

  private async residuals(stage: string, first: number, count: number, width: number): Promise<ResidualBlock[]> {
    const blocks: ResidualBlock[] = [];
    for (let block = first; block < first + count; block++) {
      const kernels = [`${stage}.${block}.res.0.weight`, `${stage}.${block}.res.2.weight`] as const;
      blocks.push([await this.plane(kernels[0], width, width), await this.plane(kernels[1], width, width)]);
    }
    return blocks;
  }

  /** A 3x3 or 3x3x3 kernel. */
  private plane(key: string, outputs: number, inputs: number, meaning = ''): Promise<Kernel> {
    return this.kernel(key, outputs, inputs, 3, meaning);
  }

  /** A 2x2 or 2x2x2 kernel; upwards the coarse channels come first too, because it is stored transposed. */
  private strided(key: string, coarse: number, fine: number): Promise<Kernel> {
    return this.kernel(key, coarse, fine, 2, '');
  }

  private async kernel(key: string, outputs: number, inputs: number, size: number, meaning: string): Promise<Kernel> {
    const tensor = this.tensor(key);
    const [first, second, ...window] = tensor.shape;
    const fits =
      first === outputs && second === inputs && (window.length === 2 || window.length === 3) && window.every((edge) => edge === size);
    if (!fits) {
      const edges = `${size}, ${size}`;
      const why = meaning === '' ? '' : ` (${meaning})`;
      this.wrong(
        key,
        `shape (${tensor.shape.join(', ')}) where (${outputs}, ${inputs}, ${edges})${why} or its form with three ${size} is expected`,
      );
    }
    const values = new Float32Array(tensor.elements);
    await tensor.read(values, 0, tensor.elements);
    if (values.some((value) => !Number.isFinite(value))) this.wrong(key, 'values that are not finite numbers');
    return { shape: tensor.shape, values };
  }

  private tensor(key: string): TorchTensor {
    const tensor = this.file.entries.get(this.prefix + key);
    if (tensor === undefined) return this.missing(key);
    this.used.add(this.prefix + key);
    return tensor;
  }

  private refuseLeftovers(): void {
    const extra = [...this.file.entries.keys()].find((key) => key.startsWith(`${this.prefix}m_`) && !this.used.has(key));
    if (extra === undefined) return;
    throw new UserError(
      `${this.name} is not a DRUNet as this program knows it: the key ${extra} is one too many. Only networks without biases, with the same number of blocks in each stage, are imported.`,
    );
  }

  private missing(key: string): never {
    throw new UserError(`${this.name} is not a DRUNet as this program knows it: the key ${this.prefix}${key} is missing.`);
  }

  private wrong(key: string, found: string): never {
    throw new UserError(`${this.name} is not a DRUNet as this program knows it: ${this.prefix}${key} has ${found}.`);
  }
}

/** A 3x3x3 kernel with anything but zeros beside its middle slice. */
function usesNeighbours(kernel: Kernel): boolean {
  if (kernel.shape.length !== 5) return false;
  return kernel.values.some((value, index) => value !== 0 && Math.floor(index / 9) % 3 !== 1);
}
