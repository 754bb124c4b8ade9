/** Chooses what runs the network: the first provider of the worker's list that starts; every other choice than the one asked for is said aloud. */
import { existsSync } from 'node:fs';
import type { NativeAddon } from '../../native/binding';
import { UserError } from '../../shared/errors';
import { NativeRunner } from './nativeRunner';
import type { NetworkOptions, NetworkRunner } from './networkRunner';
import { OnnxRunner } from './onnxRunner';
import type { OnnxProvider } from './onnxSession';

type ProviderName = OnnxProvider | 'native';

const readableNames = { cuda: 'CUDA', webgpu: 'WebGPU', native: 'the processor', cpu: 'the processor' } as const;

/** In order of choice. ONNX Runtime's processor comes last because it always starts; it is asked for by name to be compared with. */
function candidates({ device, provider }: NetworkOptions): ProviderName[] {
  if (provider === 'cpu') return ['cpu'];
  if (provider === 'webgpu') return ['webgpu', 'native', 'cpu'];
  if (provider === 'cuda' || (provider === 'auto' && device.startsWith('cuda'))) return ['cuda', 'webgpu', 'native', 'cpu'];
  return ['native', 'cpu'];
}

export async function openNetwork(options: NetworkOptions, native: NativeAddon): Promise<NetworkRunner> {
  const { modelPath, provider, precision } = options;
  if (!existsSync(modelPath)) {
    throw new UserError(`The model file ${modelPath} does not exist. Name another with "denoiser" or --model.`, 'not_found');
  }
  const failures: string[] = [];
  for (const name of candidates(options)) {
    const notes: string[] = [];
    if (failures.length > 0) notes.push(`The network runs on ${readableNames[name]}: ${failures.join('; ')}.`);
    // ONNX Runtime has no half-precision convolution on x86 processors, and neither has the own code: it would convert back and forth and gain nothing.
    if (precision === 'fp16' && (name === 'native' || name === 'cpu')) {
      notes.push('precision: fp16 is not to be had on the processor; the network ran in fp32.');
    }
    const opened = name === 'native' ? await NativeRunner.open(options, native, notes) : await OnnxRunner.open(options, name, notes);
    if (typeof opened !== 'string') return opened;
    // Not every model can be run by the own code; that is worth a sentence only where somebody asked for it.
    if (name !== 'native') failures.push(`${readableNames[name]} could not start (${opened})`);
    else if (provider === 'native') failures.push(`native cannot run it, but ONNX Runtime can (${opened})`);
  }
  throw new UserError(`No provider could run ${modelPath}.`, 'unsupported');
}
