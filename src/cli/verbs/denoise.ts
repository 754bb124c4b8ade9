/** `denoise`: the denoising network alone on a volume file, timed without loading and warm-up. */
import { resolve } from 'node:path';
import { findModelFile, modelArgument } from '../../main/queue/modelFile';
import { UserError } from '../../shared/errors';
import { precisionSchema, providerChoiceSchema } from '../../shared/experiment';
import { volumeFormatOf } from '../../shared/volumeFormats';
import type { DenoiseJob } from '../../shared/workerMessages';
import { commonOptions } from '../arguments';
import { parseDevices } from '../devices';
import { outputVolume } from '../files';
import { requireFile } from '../inputs';
import { oneDevice } from '../projection';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const denoise: Verb = {
  name: 'denoise',
  summary: 'the denoiser alone, on a volume in [0,1]',
  positional: { name: 'nothing but options', least: 0, most: 0 },
  options: {
    volume: { value: 'FILE', help: 'volume to denoise (.npy), values in [0,1]' },
    sigma: { value: 'S', help: 'noise level, in the unit of the volume' },
    model: commonOptions.model,
    patch: { value: 'D,H,W', help: 'useful voxels of a window; without it the whole volume is one window' },
    overlap: { value: 'D,H,W', help: 'halo around a patch on each side; default 0' },
    batch: { value: 'N', help: 'windows at a time; default 0: all at once' },
    provider: { value: 'NAME', help: 'where the network runs: auto (by the device), cuda, webgpu or cpu; default auto' },
    precision: { value: 'NAME', help: 'fp32 or fp16; default fp32' },
    out: commonOptions.outVolume,
    'voxel-size': { value: 'MM', help: 'voxel size in mm to write into formats that keep it; default 1' },
    devices: commonOptions.devices,
    json: commonOptions.json,
  },
  execute,
};

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session } = context;
  const volumePath = resolve(args.required('volume', 'the .npy file to denoise'));
  args.required('sigma', 'the noise level, for example 0.05');
  const sigma = args.number('sigma') ?? 0;
  if (sigma < 0) throw new UserError(`--sigma is ${sigma}; a noise level cannot be negative.`);
  const size = args.perAxis('patch', 1);
  const overlap = args.perAxis('overlap', 0);
  const maxBatchSize = args.wholeNumber('batch', 0) ?? 0;
  if (size === null && overlap !== null) throw new UserError('--overlap needs --patch: without patches there is one window and no halo.');
  const provider = oneOf('provider', args.text('provider') ?? 'auto', providerChoiceSchema.options);
  const precision = oneOf('precision', args.text('precision') ?? 'fp32', precisionSchema.options);
  const out = args.required('out', 'the file to write, for example .npy');
  await requireFile(volumePath, 'The volume');
  const model = args.text('model');
  const { path: modelPath } = await findModelFile(model === null ? 'drunet' : modelArgument(model), session.folders.models);
  const machine = await session.machine();
  const device = oneDevice(parseDevices(args.text('devices'), machine), machine.cuda.length > 0 ? 'cuda:0' : 'cpu', context);
  const outPath = await outputVolume(out);
  const voxelSizeMm = args.positiveNumber('voxel-size');
  if (voxelSizeMm === null && volumeFormatOf(outPath).keepsSpacing)
    output.note(`The voxel size is not known; ${outPath} will say 1 mm. Set it with --voxel-size.`);
  const worker = session.device();
  worker.onNotice((name, payload) => {
    if (name === 'progress') output.bar('denoising', (payload as { fraction: number }).fraction, null);
  });
  const patch = size === null ? null : { size, overlap: overlap ?? ([0, 0, 0] as const) };
  const job: DenoiseJob = {
    volumePath,
    outPath,
    sigma,
    modelPath,
    patch,
    maxBatchSize,
    provider,
    precision,
    voxelSizeMm: voxelSizeMm ?? 1,
    device,
    threads: machine.logicalCores,
  };
  const answer = await worker.call('denoiseFile', job);
  for (const note of answer.notes) output.note(note);
  output.document({
    file: outPath,
    shape: answer.shape,
    dtype: 'float32',
    sigma,
    model: modelPath,
    provider: answer.provider,
    precision: answer.precision,
    windows: answer.windows,
    window: answer.window,
    network_window: answer.networkShape,
    batches: answer.batches,
    denoise_time_sec: answer.seconds,
    network_time_sec: answer.networkSeconds,
    peak_memory_mb: answer.peak_memory_mb,
  });
  output.print(
    `${outPath}: (${answer.shape.join(', ')}), ${answer.windows} windows of ${answer.window.join(' x ')} in ${answer.batches} batches, ${answer.seconds.toFixed(3)} s on ${answer.provider} (${answer.precision})`,
  );
  return 0;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found === undefined) throw new UserError(`--${option} is "${value}"; it must be one of ${allowed.join(', ')}.`);
  return found;
}
