/** What `forward` and `back` share: their options, one job for a device worker, its progress and its answer. */
import { resolve } from 'node:path';
import type { ProjectionAnswer, ProjectionJob } from '../shared/workerMessages';
import { parseDevices } from './devices';
import { outputVolume } from './files';
import { corrections, dataPath, inspectScan, requireFile } from './inputs';
import { durationText } from './output';
import type { ExitCode, VerbContext } from './verb';

export async function projectFiles(
  method: 'forwardFile' | 'backFile',
  inputOption: 'volume' | 'sinogram',
  context: VerbContext,
): Promise<ExitCode> {
  const { args, output, session } = context;
  const views = args.wholeNumber('views', 1);
  const voxelSizeMm = args.positiveNumber('voxel-size');
  const out = args.required('out', 'the file to write, for example .npy');
  const data = dataPath(args, context);
  await inspectScan(data, voxelSizeMm, context);
  const given = args.text(inputOption);
  const inputPath = given === null ? null : resolve(given);
  if (inputPath !== null) await requireFile(inputPath, `The ${inputOption}`);
  const machine = await session.machine();
  const device = oneDevice(parseDevices(args.text('devices'), machine), machine.cuda.length > 0 ? 'cuda:0' : 'cpu', context);
  const outPath = await outputVolume(out);
  const worker = session.device();
  worker.onNotice((name, payload) => {
    if (name === 'progress') output.bar('projecting', (payload as { fraction: number }).fraction, null);
  });
  const job: ProjectionJob = {
    dataPath: data,
    voxelSizeMm,
    views,
    inputPath,
    outPath,
    corrections: corrections(args),
    device,
    threads: machine.logicalCores,
  };
  const answer = await worker.call(method, job);
  output.document(document(answer, outPath, device));
  const distance = answer.relativeL2 === null ? '' : `, ${(100 * answer.relativeL2).toFixed(2)} % from the measured sinogram (relative L2)`;
  output.print(`${outPath}: (${answer.shape.join(', ')}), ${durationText(answer.seconds)} on ${device}${distance}`);
  return 0;
}

/** One worker with all cores, or one GPU, does the whole job. */
export function oneDevice(devices: readonly string[] | null, automatic: string, { output }: Pick<VerbContext, 'output'>): string {
  const first = devices?.[0] ?? automatic;
  if (devices?.some((device) => device !== first)) output.note(`This verb works on one device: ${first}.`);
  return first;
}

function document(answer: ProjectionAnswer, file: string, device: string) {
  return {
    file,
    shape: answer.shape,
    dtype: 'float32',
    views: answer.views,
    volume_shape: answer.volumeShape,
    voxel_size_mm: answer.voxelSizeMm,
    device,
    seconds: answer.seconds,
    relative_l2_to_sinogram: answer.relativeL2,
  };
}
