/** Starts the network on a provider of ONNX Runtime, in the precision asked for where the provider has it; which providers are tried is openNetwork's. */
import { InferenceSession } from 'onnxruntime-node';
import type { WindowShape } from '../../engine/tiling/drunetRegions';
import { UserError } from '../../shared/errors';
import type { Precision } from '../../shared/experiment';
import { type ModelVariant, modelVariant } from '../formats/onnxModel';
import type { NetworkOptions } from './networkRunner';

/** cpu always starts. */
export type OnnxProvider = 'cuda' | 'webgpu' | 'cpu';

/** Where the network runs, decided once for a model. */
export interface StartedProvider {
  readonly name: OnnxProvider;
  readonly precision: Precision;
  readonly notes: readonly string[];
}

/** Opens the model as it is on this provider; answers why it did not start, in a few words, where another may. */
export async function startProvider(
  options: NetworkOptions,
  name: OnnxProvider,
  notes: readonly string[],
): Promise<{ started: StartedProvider; session: InferenceSession } | string> {
  const { modelPath, precision } = options;
  try {
    const session = await InferenceSession.create(modelPath, sessionOptions(name, options));
    return { started: { name, precision: name === 'cpu' ? 'fp32' : precision, notes }, session };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (name === 'cpu') {
      throw new UserError(
        `${modelPath} is not a model this program can run. Check it with "tomobench info", or import it again.`,
        'bad_input',
        reason,
      );
    }
    return firstSentence(reason);
  }
}

/** ONNX Runtime puts its own source line first and a newline after what matters. */
function firstSentence(reason: string): string {
  const line = reason.split('\n').find((part) => part.trim() !== '') ?? reason;
  return line
    .replace(/^\/\S+ .*? was false\. /, '')
    .trim()
    .slice(0, 200)
    .replace(/[.\s]+$/, '');
}

export interface VariantSession {
  readonly session: InferenceSession;
  readonly variant: ModelVariant;
}

/** A session for windows of one shape in the provider's precision; null where the model as it is serves best. */
export async function startVariant(
  options: NetworkOptions,
  provider: StartedProvider,
  tiling: WindowShape,
): Promise<VariantSession | null> {
  const variant = await modelVariant(options.modelPath, tiling, provider.precision);
  if (variant === null) return null;
  const session = await InferenceSession.create(variant.bytes, sessionOptions(provider.name, options, variant.folder));
  return { session, variant };
}

function sessionOptions(name: OnnxProvider, { device, threads }: NetworkOptions, weightsFolder?: string): InferenceSession.SessionOptions {
  const index = Number(device.split(':')[1] ?? 0);
  return {
    executionProviders: [name === 'cuda' ? { name, deviceId: index } : name],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that wait in a loop stay on (the default): without it small windows take a quarter longer on two threads; a worker with one core has none.
    ...(weightsFolder === undefined ? {} : { extra: { session: { model_external_initializers_file_folder_path: weightsFolder } } }),
  };
}
