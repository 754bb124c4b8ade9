/** The denoising network on tiles of a volume: fills its input, runs it, writes the kept parts back. Which tiles is the caller's, what runs the network is openNetwork's. */
import { batchTiles, type Tile, type Tiling } from '../../engine/tiling/tiles';
import type { NativeAddon, NativeArray, TileLayout } from '../../native/binding';
import type { VolumeShape } from '../../shared/geometry';
import type { ModelSummary } from '../../shared/workerMessages';
import { inputChannels, type NetworkOptions, type NetworkRunner, type PreparedNetwork, voxelsOf } from './networkRunner';
import { openNetwork } from './openNetwork';

/** The network prepared for windows of one shape. */
interface Prepared {
  readonly key: string;
  readonly network: PreparedNetwork;
  /** Two of each where there are several batches: one is copied while the network works on the other. */
  readonly inputs: readonly InputBuffer[];
  readonly outputs: readonly Float32Array[];
  readonly batchSize: number;
}

interface InputBuffer {
  readonly values: Float32Array;
  /** Tiles whose noise-level channel holds `sigma`. */
  filled: number;
  sigma: number;
}

interface Batch {
  readonly starts: Int32Array;
  readonly regions: Int32Array;
  readonly size: number;
}

/** Seconds of the last call: everything, and the network alone. */
export interface DenoiseTimes {
  readonly seconds: number;
  readonly networkSeconds: number;
}

export class Denoiser {
  private prepared: Prepared | null = null;

  private constructor(
    private readonly runner: NetworkRunner,
    private readonly threads: number,
    private readonly native: NativeAddon,
  ) {}

  /** Opens a model file on the first provider that starts; `notes` says where that is not the one asked for. */
  static async open(options: NetworkOptions, native: NativeAddon): Promise<Denoiser> {
    return new Denoiser(await openNetwork(options, native), options.threads, native);
  }

  get provider(): string {
    return this.runner.provider;
  }
  get precision(): 'fp32' | 'fp16' {
    return this.runner.precision;
  }
  get notes(): readonly string[] {
    return this.runner.notes;
  }

  /**
   * output = D(input, sigma) on the kept parts of `tiles`, at most `maxBatchSize` (0: all) at a time. The next batch is gathered and the last one
   * scattered while the network runs. `betweenBatches` is awaited after each batch with the number of tiles done: the place to read messages and to stop.
   */
  async denoise(
    input: NativeArray,
    output: NativeArray,
    sigma: number,
    tiling: Tiling,
    tiles: readonly Tile[],
    maxBatchSize: number,
    betweenBatches: (tilesDone: number) => Promise<void>,
  ): Promise<DenoiseTimes> {
    const start = performance.now();
    const batches = batchTiles(tiles, maxBatchSize);
    const prepared = await this.prepare(tiling, batches[0]?.length ?? 0, Math.min(2, batches.length));
    const { threads } = this;
    const packed = batches.map((batch) => packBatch(batch, prepared));
    const [readLayout, writeLayout] = [this.inputLayout(tiling, prepared), outputLayout(tiling, prepared)];
    const gather = (index: number): Promise<void> | null => {
      const batch = packed[index];
      if (!batch) return null;
      const values = this.filledInput(prepared, index, batch.size, sigma);
      return this.native.gatherTiles(input, readLayout, batch.starts, 0, 1, values, 0, { threads });
    };
    let gathering = gather(0);
    let scattering: Promise<void> | null = null;
    let networkMs = 0;
    let done = 0;
    try {
      for (const [index, batch] of packed.entries()) {
        await gathering;
        gathering = gather(index + 1);
        const began = performance.now();
        const result = await this.runNetwork(prepared, index, batch.size);
        networkMs += performance.now() - began;
        await scattering;
        scattering = this.native.scatterTiles(result, 0, writeLayout, batch.regions, 1, 0, output, { threads });
        done += batch.size;
        if (index + 1 === packed.length) await scattering;
        await betweenBatches(done);
      }
    } finally {
      // Copies that are still under way use arrays that the caller may close next.
      await Promise.allSettled([gathering, scattering]);
    }
    return { seconds: (performance.now() - start) / 1000, networkSeconds: networkMs / 1000 };
  }

  /** Runs the network once on a batch of `batchSize` windows of zeros, so that later runs are not its first. `batches`: how many will follow each other. */
  async warmUp(batchSize: number, tiling: Tiling, sigma: number, batches = 1): Promise<void> {
    const prepared = await this.prepare(tiling, batchSize, Math.min(2, batches));
    this.filledInput(prepared, 0, batchSize, sigma);
    await this.runNetwork(prepared, 0, batchSize);
  }

  /** What the model takes and gives, as the file says it. */
  describe(): Pick<ModelSummary, 'form' | 'inputs' | 'outputs'> {
    return { form: this.runner.form, ...this.runner.describe() };
  }

  async close(): Promise<void> {
    await this.forget();
    await this.runner.close();
  }

  private async forget(): Promise<void> {
    const network = this.prepared?.network;
    this.prepared = null;
    await network?.release();
  }

  /** Network and memory for windows of this shape, at least `batchSize` at a time in `buffers` buffers. */
  private async prepare(tiling: Tiling, batchSize: number, buffers: number): Promise<Prepared> {
    const key = JSON.stringify([tiling.window, tiling.halo, tiling.patch, tiling.networkShape]);
    const before = this.prepared?.key === key ? this.prepared : null;
    if (before && before.batchSize >= batchSize && before.inputs.length >= buffers) return before;
    if (!before) await this.forget();
    const network = before?.network ?? (await this.runner.prepare(tiling));
    const size = Math.max(batchSize, before?.batchSize ?? 0);
    const count = Math.max(buffers, before?.inputs.length ?? 0);
    const fresh = <T>(make: () => T): T[] => Array.from({ length: count }, make);
    this.prepared = {
      key,
      network,
      inputs: fresh(() => ({
        values: new Float32Array(size * inputChannels * voxelsOf(network.input.shape)),
        filled: 0,
        sigma: Number.NaN,
      })),
      outputs: fresh(() => new Float32Array(size * voxelsOf(network.output.shape))),
      batchSize: size,
    };
    return this.prepared;
  }

  private inputLayout(tiling: Tiling, { network: { input } }: Prepared): TileLayout {
    const [depth, height, width] = input.shape;
    return {
      volumeShape: tiling.shape,
      // Slices that are not read belong to no window of the copy.
      window: [Math.min(depth, tiling.window[0]), tiling.window[1], tiling.window[2]],
      halo: tiling.halo,
      networkShape: input.shape,
      tileStride: inputChannels * depth * height * width,
      sliceStride: (this.runner.form === 'folded2d' ? inputChannels : 1) * height * width,
    };
  }

  /** The input of batch `index`, its noise-level channel written where it is not there already. */
  private filledInput({ network: { input }, inputs }: Prepared, index: number, size: number, sigma: number): Float32Array {
    const buffer = inputs[index % inputs.length];
    if (!buffer) throw new RangeError('prepare comes first');
    const from = buffer.sigma === sigma ? buffer.filled : 0;
    const [depth, height, width] = input.shape;
    const plane = height * width;
    const { values } = buffer;
    for (let tile = from; tile < size; tile++) {
      const base = tile * inputChannels * depth * plane;
      if (this.runner.form === 'dense3d') values.fill(sigma, base + depth * plane, base + 2 * depth * plane);
      else for (let z = 0; z < depth; z++) values.fill(sigma, base + (2 * z + 1) * plane, base + (2 * z + 2) * plane);
    }
    buffer.filled = buffer.sigma === sigma ? Math.max(buffer.filled, size) : size;
    buffer.sigma = sigma;
    return values;
  }

  /** The network on the first `size` windows of input `index`; answers memory that is valid until the next run but one. */
  private async runNetwork({ network, inputs, outputs }: Prepared, index: number, size: number): Promise<Float32Array> {
    const values = inputs[index % inputs.length]?.values ?? new Float32Array(0);
    const result = (outputs[index % outputs.length] ?? new Float32Array(0)).subarray(0, size * voxelsOf(network.output.shape));
    await network.run(values, result, size);
    return result;
  }
}

function outputLayout(tiling: Tiling, { network: { output } }: Prepared): TileLayout {
  const [depth, height, width] = output.shape;
  return {
    volumeShape: tiling.shape,
    window: output.shape,
    halo: [0, 0, 0],
    networkShape: output.shape,
    tileStride: depth * height * width,
    sliceStride: height * width,
  };
}

/** The arrays of numbers that gather and scatter take. */
function packBatch(tiles: readonly Tile[], { network: { input, output } }: Prepared): Batch {
  const starts = new Int32Array(tiles.length * 3);
  const regions = new Int32Array(tiles.length * 9);
  const moved = (from: VolumeShape, by: VolumeShape, sign: 1 | -1): number[] => from.map((at, axis) => at + sign * (by[axis] ?? 0));
  tiles.forEach((tile, index) => {
    starts.set(moved(tile.start, input.corner, 1), index * 3);
    regions.set(moved(tile.keepStart, output.corner, -1), index * 9);
    regions.set(tile.keepSize, index * 9 + 3);
    regions.set(tile.destination, index * 9 + 6);
  });
  return { starts, regions, size: tiles.length };
}
