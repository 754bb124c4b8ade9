/** `export`: recorded runs as a table, as whole records, as a bundle to repeat them, or the volume of one. */
import { writeResults } from '../../main/queue/resultFiles';
import { resultFormats } from '../../shared/runs';
import { commonOptions } from '../arguments';
import { exportVolume } from '../exportVolume';
import { outputFile } from '../files';
import { findRuns } from '../recordedRuns';
import { workspaceFolder } from '../session';
import type { ExitCode, Verb, VerbContext } from '../verb';

const formats = [...resultFormats, 'volume'] as const;

export const exportRuns: Verb = {
  name: 'export',
  summary: 'writes recorded runs as CSV, Parquet, JSON or a bundle, or the volume of one; without RUN those of the newest experiment',
  positional: { name: 'RUN', least: 0, most: 10_000 },
  options: {
    format: {
      value: formats.join('|'),
      help: 'csv, parquet: a line per run, iteration and rank; json: the whole records; bundle: one file that "run" repeats; volume: one kept iterate in the format --out asks for',
    },
    iteration: { value: 'N', help: 'which iterate --format volume writes; default: the last one kept' },
    'voxel-size': { value: 'MM', help: 'voxel size in mm to write where the run did not record it' },
    out: commonOptions.out,
    workspace: commonOptions.workspace,
    json: commonOptions.json,
  },
  execute,
};

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output, session, version } = context;
  args.required('format', formats.join(', '));
  const format = args.choice('format', formats) ?? 'csv';
  const out = args.required('out', 'the file to write');
  const runs = await findRuns(args.positional, context);
  if (format === 'volume') return exportVolume(runs, out, context);
  const file = await outputFile(out);
  const workspace = workspaceFolder(args.text('workspace'));
  await writeResults(format, runs, file, { store: await session.store(workspace), workspace, appVersion: version });
  output.document({ file, format, runs: runs.map(({ id }) => id) });
  output.print(`${file}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`);
  return 0;
}
