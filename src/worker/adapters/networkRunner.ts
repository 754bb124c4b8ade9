/** What runs the denoising network on windows of one shape: the interface that the denoiser knows; ONNX Runtime and the program's own code stand behind it. */
import type { WindowRegions } from '../../engine/tiling/drunetRegions';
import type { Tiling } from '../../engine/tiling/tiles';
import { UserError } from '../../shared/errors';
import type { Precision, ProviderChoice } from '../../shared/experiment';
import type { VolumeShape } from '../../shared/geometry';
import type { ModelSummary } from '../../shared/workerMessages';

/** folded2d: (batch*depth, 2, H, W), exact for inflated 2D networks; dense3d: (batch, 2, D, H, W). */
export type ModelForm = 'folded2d' | 'dense3d';

export interface NetworkOptions {
  readonly modelPath: string;
  /** cpu or cuda:N: the device of the worker. */
  readonly device: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly threads: number;
}

/** The part of a window that the network reads or answers, with its corner in the window. */
export interface Extent {
  readonly corner: VolumeShape;
  readonly shape: VolumeShape;
}

/** The network made ready for windows of one shape. */
export interface PreparedNetwork {
  readonly input: Extent;
  readonly output: Extent;
  /** Runs the first `size` windows of `values` (image and noise level) and writes their answers to `result`. Throws UserError. */
  run(values: Float32Array, result: Float32Array, size: number): Promise<void>;
  release(): Promise<void>;
}

export interface NetworkRunner {
  readonly form: ModelForm;
  /** cuda, webgpu, cpu (ONNX Runtime's) or native (the program's own code on the processor). */
  readonly provider: string;
  readonly precision: Precision;
  /** Sentences for the run's record where something else was asked for. */
  readonly notes: readonly string[];
  prepare(tiling: Tiling): Promise<PreparedNetwork>;
  /** What the model takes and gives, as the file says it. */
  describe(): Pick<ModelSummary, 'inputs' | 'outputs'>;
  close(): Promise<void>;
}

export const inputChannels = 2;

export function voxelsOf(shape: VolumeShape): number {
  return shape[0] * shape[1] * shape[2];
}

export function extentOf({ start, end }: WindowRegions['input']): Extent {
  return { corner: start, shape: [end[0] - start[0], end[1] - start[1], end[2] - start[2]] };
}

/** `reason`: what the runtime said, with the size of the allocation where it tells it. */
export function outOfNetworkMemory(size: number, shape: VolumeShape, reason: string): UserError {
  return new UserError(
    `Not enough memory to denoise ${size} windows of ${shape.join(' x ')} at once. Use a smaller max_batch_size or patch_size.`,
    'out_of_memory',
    reason,
  );
}
