/** The denoising network through ONNX Runtime: loads a model, fills its input with tiles, writes the kept parts back. Which tiles is the caller's. */
import { existsSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { batchTiles, type Tile, type Tiling } from '../../engine/tiling/tiles';
import type { NativeAddon, NativeArray, TileLayout } from '../../native/binding';
import { UserError } from '../../shared/errors';
import type { ModelSummary } from '../../shared/workerMessages';

/** folded2d: (batch*depth, 2, H, W), exact for inflated 2D networks; dense3d: (batch, 2, D, H, W). */
type ModelForm = 'folded2d' | 'dense3d';

export interface DenoiserOptions {
  readonly modelPath: string;
  /** cpu or cuda:N: where the network should run. */
  readonly device: string;
  readonly threads: number;
}

interface Batch {
  readonly starts: Int32Array;
  readonly regions: Int32Array;
  readonly size: number;
}

const CHANNELS = 2;

export const onnxRuntimeVersion: string = env.versions.node ?? env.versions.common;

export class OnnxDenoiser {
  private input: Float32Array = new Float32Array(0);
  /** What the noise-level channel of `input` holds now. */
  private filled = { size: 0, sigma: Number.NaN, networkShape: '' };

  private constructor(
    private readonly session: InferenceSession,
    private readonly form: ModelForm,
    readonly provider: string,
    readonly notes: readonly string[],
    private readonly native: NativeAddon,
    private readonly threads: number,
  ) {}

  /** Opens a model file; a provider that cannot start is left for the next one, and `notes` says so. */
  static async open(options: DenoiserOptions, native: NativeAddon): Promise<OnnxDenoiser> {
    const { modelPath } = options;
    if (!existsSync(modelPath)) {
      throw new UserError(`The model file ${modelPath} does not exist. Name another with "denoiser" or --model.`, 'not_found');
    }
    const notes: string[] = [];
    const [kind, index] = options.device.split(':');
    const wanted: InferenceSession.ExecutionProviderConfig[] =
      kind === 'cuda' ? [{ name: 'cuda', deviceId: Number(index ?? 0) }, 'cpu'] : ['cpu'];
    for (const provider of wanted) {
      const name = typeof provider === 'string' ? provider : provider.name;
      try {
        const session = await InferenceSession.create(modelPath, {
          executionProviders: [provider],
          intraOpNumThreads: options.threads,
          interOpNumThreads: 1,
          executionMode: 'sequential',
          graphOptimizationLevel: 'all',
          logSeverityLevel: 3,
        });
        return new OnnxDenoiser(session, modelForm(session, modelPath), name, notes, native, options.threads);
      } catch (error) {
        if (error instanceof UserError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        if (provider === wanted.at(-1)) {
          throw new UserError(
            `${modelPath} is not a model this program can run. Check it with "tomobench info", or import it again.`,
            'bad_input',
            reason,
          );
        }
        notes.push(`The network could not start on ${name} and runs on the processor instead (${reason.split('\n')[0]}).`);
      }
    }
    throw new UserError(`No provider could run ${modelPath}.`, 'unsupported');
  }

  /**
   * output = D(input, sigma) on the kept parts of `tiles`, at most `maxBatchSize` (0: all) at a time.
   * `betweenBatches` is awaited after each batch with the number of tiles done: the place to read messages and to stop.
   */
  async denoise(
    input: NativeArray,
    output: NativeArray,
    sigma: number,
    tiling: Tiling,
    tiles: readonly Tile[],
    maxBatchSize: number,
    betweenBatches: (tilesDone: number) => Promise<void>,
  ): Promise<void> {
    const layout = this.layout(tiling);
    let done = 0;
    for (const batch of batchTiles(tiles, maxBatchSize).map(packBatch)) {
      this.prepareInput(batch.size, layout, sigma);
      await this.native.gatherTiles(input, layout, batch.starts, 0, 1, this.input, 0, { threads: this.threads });
      const result = await this.runNetwork(batch.size, layout);
      await this.native.scatterTiles(result, 0, this.outputLayout(layout), batch.regions, 1, 0, output, { threads: this.threads });
      done += batch.size;
      await betweenBatches(done);
    }
  }

  /** Runs the network once on a batch of `batchSize` windows of zeros, so that later runs are not its first. */
  async warmUp(batchSize: number, tiling: Tiling, sigma: number): Promise<void> {
    const layout = this.layout(tiling);
    this.prepareInput(batchSize, layout, sigma);
    await this.runNetwork(batchSize, layout);
  }

  /** What the model takes and gives, as the file says it. */
  describe(): Pick<ModelSummary, 'form' | 'inputs' | 'outputs'> {
    const list = (values: InferenceSession['inputMetadata']): ModelSummary['inputs'] =>
      values.flatMap((value) => (value.isTensor ? [{ name: value.name, type: value.type, shape: [...value.shape] }] : []));
    return { form: this.form, inputs: list(this.session.inputMetadata), outputs: list(this.session.outputMetadata) };
  }

  async close(): Promise<void> {
    await this.session.release();
    this.input = new Float32Array(0);
  }

  private layout(tiling: Tiling): TileLayout {
    const [depth, height, width] = tiling.networkShape;
    return {
      volumeShape: tiling.shape,
      window: tiling.window,
      halo: tiling.halo,
      networkShape: tiling.networkShape,
      tileStride: CHANNELS * depth * height * width,
      sliceStride: (this.form === 'folded2d' ? CHANNELS : 1) * height * width,
    };
  }

  private outputLayout(layout: TileLayout): TileLayout {
    const [depth, height, width] = layout.networkShape;
    return { ...layout, tileStride: depth * height * width, sliceStride: height * width };
  }

  /** Makes room for `size` tiles and writes the noise-level channel where it is not there already. */
  private prepareInput(size: number, layout: TileLayout, sigma: number): void {
    const networkShape = layout.networkShape.join('x');
    const length = size * layout.tileStride;
    if (this.input.length < length || this.filled.networkShape !== networkShape) {
      this.input = new Float32Array(length);
      this.filled = { size: 0, sigma, networkShape };
    }
    const from = this.filled.sigma === sigma ? this.filled.size : 0;
    const [depth, height, width] = layout.networkShape;
    const plane = height * width;
    for (let tile = from; tile < size; tile++) {
      const base = tile * layout.tileStride;
      if (this.form === 'dense3d') this.input.fill(sigma, base + depth * plane, base + 2 * depth * plane);
      else for (let z = 0; z < depth; z++) this.input.fill(sigma, base + (2 * z + 1) * plane, base + (2 * z + 2) * plane);
    }
    this.filled = { size: this.filled.sigma === sigma ? Math.max(this.filled.size, size) : size, sigma, networkShape };
  }

  private async runNetwork(size: number, layout: TileLayout): Promise<Float32Array> {
    const [depth, height, width] = layout.networkShape;
    const dimensions = this.form === 'folded2d' ? [size * depth, CHANNELS, height, width] : [size, CHANNELS, depth, height, width];
    const inputName = this.session.inputNames[0] ?? 'input';
    const tensor = new Tensor('float32', this.input.subarray(0, size * layout.tileStride), dimensions);
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run({ [inputName]: tensor });
    } catch (error) {
      throw runFailure(error, size, layout);
    }
    const output = outputs[this.session.outputNames[0] ?? 'output'];
    const data = output?.data;
    if (!(data instanceof Float32Array) || data.length !== size * depth * height * width) {
      throw new UserError(
        'The model answered with something other than one float32 image per input image. Use a denoiser with one output channel.',
      );
    }
    return data;
  }
}

/** The arrays of numbers that gather and scatter take. */
function packBatch(tiles: readonly Tile[]): Batch {
  const starts = new Int32Array(tiles.length * 3);
  const regions = new Int32Array(tiles.length * 9);
  tiles.forEach((tile, index) => {
    starts.set(tile.start, index * 3);
    regions.set(tile.keepStart, index * 9);
    regions.set(tile.keepSize, index * 9 + 3);
    regions.set(tile.destination, index * 9 + 6);
  });
  return { starts, regions, size: tiles.length };
}

function modelForm(session: InferenceSession, modelPath: string): ModelForm {
  const shape = session.inputMetadata[0]?.isTensor ? session.inputMetadata[0].shape : [];
  if (
    session.inputNames.length !== 1 ||
    session.outputNames.length !== 1 ||
    shape[1] !== CHANNELS ||
    (shape.length !== 4 && shape.length !== 5)
  ) {
    throw new UserError(
      `${modelPath} is not a denoiser of this program: it must have one input (image and noise level as 2 channels, 4 or 5 axes) and one output. Import the weights with "tomobench model import".`,
    );
  }
  return shape.length === 4 ? 'folded2d' : 'dense3d';
}

/** ONNX Runtime reports failed allocations in words only. */
function runFailure(error: unknown, size: number, layout: TileLayout): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/bad.?alloc|failed to allocate|out of memory|allocation failed/i.test(reason)) {
    return new UserError(
      `Not enough memory to denoise ${size} windows of ${layout.networkShape.join(' x ')} at once. Use a smaller max_batch_size or patch_size.`,
      'out_of_memory',
      reason,
    );
  }
  return new UserError(`The network failed on ${size} windows of ${layout.networkShape.join(' x ')}.`, 'internal', reason);
}
