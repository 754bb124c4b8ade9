/** `export --format volume`: one kept iterate of one recorded run as a file of the format its name asks for, with the voxel size the run recorded. */
import { join } from 'node:path';
import { dataTask } from '../main/queue/dataTask';
import { UserError } from '../shared/errors';
import type { RunDetail } from '../shared/runs';
import { volumeFormatOf } from '../shared/volumeFormats';
import { outputVolume } from './files';
import { bytesText } from './output';
import { workspaceFolder } from './session';
import type { ExitCode, VerbContext } from './verb';

/** Published experiment's, where a run of an older version recorded none (design reference). */
const unknownVoxelSizeMm = 0.1;

export async function exportVolume(runs: readonly RunDetail[], out: string, { args, output, session }: VerbContext): Promise<ExitCode> {
  const [run, another] = runs;
  if (run === undefined || another !== undefined) {
    throw new UserError(`--format volume writes one iterate of one run, but ${runs.length} runs are meant; give the id of one.`);
  }
  const { iteration, file } = keptIterate(run, args.wholeNumber('iteration', 0));
  const target = await outputVolume(out);
  const voxelSizeMm = args.positiveNumber('voxel-size') ?? run.voxel_size_mm ?? run.row.dataset.voxel_size;
  if (voxelSizeMm === null && volumeFormatOf(target).keepsSpacing)
    output.note(`The run did not record its voxel size; ${unknownVoxelSizeMm} mm is written. Set it with --voxel-size.`);
  const path = join(workspaceFolder(args.text('workspace')), file);
  const source = { kind: 'npy', path, voxelSizeMm: voxelSizeMm ?? unknownVoxelSizeMm, title: run.label } as const;
  const report = (fraction: number): void => output.bar('writing', fraction, null);
  const { bytes } = await dataTask(session.data, { report }, (task) => session.data.call('saveVolume', { source, out: target, task }));
  output.clearBar();
  output.document({ file: target, format: 'volume', run: run.id, iteration, voxel_size_mm: source.voxelSizeMm, bytes });
  output.print(`${target}: iterate ${iteration} of "${run.label}", ${bytesText(bytes)}`);
  return 0;
}

/** The iterate asked for, or the last one kept. */
function keptIterate(run: RunDetail, wanted: number | null): { iteration: number; file: string } {
  const kept = run.iterations.flatMap(({ iteration, volume_file }) => (volume_file === null ? [] : [{ iteration, file: volume_file }]));
  const found = wanted === null ? kept.at(-1) : kept.find(({ iteration }) => iteration === wanted);
  if (found !== undefined) return found;
  if (kept.length === 0) throw new UserError(`The run "${run.label}" has kept no iterate.`, 'not_found');
  const list = kept.map(({ iteration }) => iteration).join(', ');
  throw new UserError(`Iterate ${wanted} of "${run.label}" was not kept; there are ${list}.`, 'not_found');
}
