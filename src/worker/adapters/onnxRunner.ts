/** The denoising network in ONNX Runtime: sessions for the model as it is and for what windows of one shape need; choosing and starting a provider is onnxSession's. */
import { env, type InferenceSession, Tensor } from 'onnxruntime-node';
import type { Tiling } from '../../engine/tiling/tiles';
import { UserError } from '../../shared/errors';
import type { Precision } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import type { ModelSummary } from '../../shared/workerMessages';
import {
  type Extent,
  extentOf,
  inputChannels,
  type ModelForm,
  type NetworkOptions,
  type NetworkRunner,
  outOfNetworkMemory,
  type PreparedNetwork,
  voxelsOf,
} from './networkRunner';
import { type OnnxProvider, type StartedProvider, startProvider, startVariant } from './onnxSession';

export const onnxRuntimeVersion: string = env.versions.node ?? env.versions.common;

export class OnnxRunner implements NetworkRunner {
  private constructor(
    private readonly options: NetworkOptions,
    /** The model as it is in the file. */
    private readonly plain: InferenceSession,
    readonly form: ModelForm,
    private readonly started: StartedProvider,
  ) {}

  /** Opens a model file on one provider; answers why that did not start, in a few words, where it is not the last resort. */
  static async open(options: NetworkOptions, provider: OnnxProvider, notes: readonly string[]): Promise<OnnxRunner | string> {
    const opened = await startProvider(options, provider, notes);
    if (typeof opened === 'string') return opened;
    const { session, started } = opened;
    try {
      return new OnnxRunner(options, session, modelForm(session, options.modelPath), started);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  get provider(): string {
    return this.started.name;
  }
  get precision(): Precision {
    return this.started.precision;
  }
  get notes(): readonly string[] {
    return this.started.notes;
  }

  async prepare(tiling: Tiling): Promise<PreparedNetwork> {
    const variant = await startVariant(this.options, this.started, tiling);
    const regions = variant?.variant.regions;
    const whole: Extent = { corner: [0, 0, 0], shape: tiling.networkShape };
    const session = variant?.session ?? this.plain;
    const [input, output] = regions ? [extentOf(regions.input), extentOf(regions.output)] : [whole, whole];
    return {
      input,
      output,
      run: (values, result, size) => this.run(session, { values, extent: input }, { values: result, extent: output }, size),
      release: async () => {
        if (session !== this.plain) await session.release();
      },
    };
  }

  describe(): Pick<ModelSummary, 'inputs' | 'outputs'> {
    const list = (values: InferenceSession['inputMetadata']): ModelSummary['inputs'] =>
      values.flatMap((value) => (value.isTensor ? [{ name: value.name, type: value.type, shape: [...value.shape] }] : []));
    return { inputs: list(this.plain.inputMetadata), outputs: list(this.plain.outputMetadata) };
  }

  async close(): Promise<void> {
    await this.plain.release();
  }

  private async run(session: InferenceSession, input: Windows, output: Windows, size: number): Promise<void> {
    const tensor = ({ values, extent: { shape } }: Windows, channels: number): Tensor => {
      const [depth, height, width] = shape;
      const dims = this.form === 'folded2d' ? [size * depth, channels, height, width] : [size, channels, depth, height, width];
      return new Tensor('float32', values.subarray(0, size * channels * voxelsOf(shape)), dims);
    };
    const [inputName, outputName] = [session.inputNames[0] ?? 'input', session.outputNames[0] ?? 'output'];
    try {
      await session.run({ [inputName]: tensor(input, inputChannels) }, { [outputName]: tensor(output, 1) });
    } catch (error) {
      throw runFailure(error, size, input.extent.shape);
    }
  }
}

/** Windows one after the other, and the part of them that is there. */
interface Windows {
  readonly values: Float32Array;
  readonly extent: Extent;
}

function modelForm(session: InferenceSession, modelPath: string): ModelForm {
  const shape = session.inputMetadata[0]?.isTensor ? session.inputMetadata[0].shape : [];
  if (
    session.inputNames.length !== 1 ||
    session.outputNames.length !== 1 ||
    shape[1] !== inputChannels ||
    (shape.length !== 4 && shape.length !== 5)
  ) {
    throw new UserError(
      `${modelPath} is not a denoiser of this program: it must have one input (image and noise level as 2 channels, 4 or 5 axes) and one output. Import the weights with "tomobench model import".`,
    );
  }
  return shape.length === 4 ? 'folded2d' : 'dense3d';
}

/** ONNX Runtime reports failed allocations in words only. */
function runFailure(error: unknown, size: number, shape: VolumeShape): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  if (/bad.?alloc|failed to allocate|out of memory|allocation failed/i.test(reason)) return outOfNetworkMemory(size, shape, reason);
  if (/dimension|shape/i.test(reason)) {
    return new UserError(
      'The model answered with something other than one float32 image per input image. Use a denoiser with one output channel.',
      'bad_input',
      reason,
    );
  }
  return new UserError(`The network failed on ${size} windows of ${shape.join(' x ')}.`, 'internal', reason);
}
