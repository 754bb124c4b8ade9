/** Starts the network on a provider of ONNX Runtime, in the precision asked for where the provider has it; says aloud where it had to choose otherwise. */
import { existsSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import type { WindowShape } from '../../engine/tiling/drunetRegions';
import { UserError } from '../../shared/errors';
import type { Precision, ProviderChoice } from '../../shared/experiment';
import { type ModelVariant, modelVariant } from '../formats/onnxModel';

export interface SessionOptions {
  readonly modelPath: string;
  /** cpu or cuda:N: the device of the worker. */
  readonly device: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly threads: number;
}

type ProviderName = 'cuda' | 'webgpu' | 'cpu';

/** Where the network runs, decided once for a model. */
export interface StartedProvider {
  readonly name: ProviderName;
  readonly precision: Precision;
  /** Sentences for the run's record where something else was asked for. */
  readonly notes: readonly string[];
}

const readableNames = { cuda: 'CUDA', webgpu: 'WebGPU', cpu: 'the processor' } as const;

/** In order of choice; the processor comes last because it always starts. */
function candidates({ device, provider }: SessionOptions): ProviderName[] {
  if (provider === 'cpu') return ['cpu'];
  if (provider === 'webgpu') return ['webgpu', 'cpu'];
  if (provider === 'cuda' || device.startsWith('cuda')) return ['cuda', 'webgpu', 'cpu'];
  return ['cpu'];
}

/** Opens the model as it is on the first provider that starts. */
export async function startProvider(options: SessionOptions): Promise<{ provider: StartedProvider; session: InferenceSession }> {
  const { modelPath } = options;
  if (!existsSync(modelPath)) {
    throw new UserError(`The model file ${modelPath} does not exist. Name another with "denoiser" or --model.`, 'not_found');
  }
  const failures: string[] = [];
  for (const name of candidates(options)) {
    try {
      const session = await InferenceSession.create(modelPath, sessionOptions(name, options));
      return { provider: started(name, failures, options.precision), session };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (name === 'cpu') {
        throw new UserError(
          `${modelPath} is not a model this program can run. Check it with "tomobench info", or import it again.`,
          'bad_input',
          reason,
        );
      }
      failures.push(`${readableNames[name]} could not start (${firstSentence(reason)})`);
    }
  }
  throw new UserError(`No provider could run ${modelPath}.`, 'unsupported');
}

function started(name: ProviderName, failures: readonly string[], precision: Precision): StartedProvider {
  const notes: string[] = [];
  if (failures.length > 0) notes.push(`The network runs on ${readableNames[name]}: ${failures.join('; ')}.`);
  // ONNX Runtime has no half-precision convolution on x86 processors: it would convert back and forth and gain nothing.
  const isHalf = precision === 'fp16' && name !== 'cpu';
  if (precision === 'fp16' && !isHalf) notes.push('precision: fp16 is not to be had on the processor; the network ran in fp32.');
  return { name, precision: isHalf ? 'fp16' : 'fp32', notes };
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
  options: SessionOptions,
  provider: StartedProvider,
  tiling: WindowShape,
): Promise<VariantSession | null> {
  const variant = await modelVariant(options.modelPath, tiling, provider.precision);
  if (variant === null) return null;
  const session = await InferenceSession.create(variant.bytes, sessionOptions(provider.name, options, variant.folder));
  return { session, variant };
}

function sessionOptions(name: ProviderName, { device, threads }: SessionOptions, weightsFolder?: string): InferenceSession.SessionOptions {
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
