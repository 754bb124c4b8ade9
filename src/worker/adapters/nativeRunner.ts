/** The denoising network in the program's own code on the processor (native/include/tomo/drunet.hpp), for folded DRUNets that this program wrote. */
import { windowRegions } from '../../engine/tiling/drunetRegions';
import type { Tiling } from '../../engine/tiling/tiles';
import type { LevelBox, NativeAddon, NativeNetwork, NetworkLevel } from '../../native/binding';
import { UserError } from '../../shared/errors';
import type { Precision } from '../../shared/experiment';
import type { ModelSummary } from '../../shared/workerMessages';
import { type FoldedWeights, foldedWeights } from '../formats/onnxModel';
import { extentOf, type NetworkOptions, type NetworkRunner, outOfNetworkMemory, type PreparedNetwork } from './networkRunner';

/** The native code works on blocks of so many channels. */
const channelBlock = 16;

export class NativeRunner implements NetworkRunner {
  readonly form = 'folded2d';
  readonly provider = 'native';
  readonly precision: Precision = 'fp32';

  private constructor(
    private readonly network: NativeNetwork,
    private readonly layout: Pick<FoldedWeights, 'blocks' | 'inputs' | 'outputs'>,
    private readonly threads: number,
    readonly notes: readonly string[],
  ) {}

  /** Answers why the model cannot be run here, as part of a sentence, where it cannot. Throws UserError for files that are no models. */
  static async open({ modelPath, threads }: NetworkOptions, native: NativeAddon, notes: readonly string[]): Promise<NativeRunner | string> {
    const model = await foldedWeights(modelPath);
    if (model === null) return 'the model is no folded DRUNet that this program wrote';
    const { channels, blocks, weights, inputs, outputs } = model;
    if (channels.some((count) => count % channelBlock !== 0)) return `its channels are no multiples of ${channelBlock}`;
    return new NativeRunner(native.createNetwork(channels, blocks, weights), { blocks, inputs, outputs }, threads, notes);
  }

  async prepare(tiling: Tiling): Promise<PreparedNetwork> {
    const { network, threads } = this;
    const { input, output, levels } = windowRegions(tiling, this.layout.blocks);
    const boxes = levels.map(({ encoder, decoder }): NetworkLevel => {
      const { firstSlice, slices, pairedSlices, height, width } = encoder;
      const whole: LevelBox = { start: [firstSlice, 0, 0], end: [firstSlice + slices, height, width] };
      return { encoder: whole, pairedSlices, decoder };
    });
    return {
      input: extentOf(input),
      output: extentOf(output),
      run: async (values, result, size) => {
        try {
          await network.run(values, result, size, boxes, { threads });
        } catch (error) {
          if (error instanceof UserError && error.code === 'out_of_memory')
            throw outOfNetworkMemory(size, tiling.networkShape, error.message);
          throw error;
        }
      },
      release: async () => {},
    };
  }

  describe(): Pick<ModelSummary, 'inputs' | 'outputs'> {
    return { inputs: this.layout.inputs, outputs: this.layout.outputs };
  }

  async close(): Promise<void> {
    this.network.close();
  }
}
