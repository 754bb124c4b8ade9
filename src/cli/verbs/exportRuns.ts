/** `export`: recorded runs as a table, as whole records, or the volume of one. */
import { resultsCsv, resultsJson } from '../../engine/results/table';
import { writeFileWhole } from '../../main/processes/writeFileWhole';
import { UserError } from '../../shared/errors';
import { commonOptions } from '../arguments';
import { exportVolume } from '../exportVolume';
import { outputFile } from '../files';
import { findRuns } from '../recordedRuns';
import type { ExitCode, Verb, VerbContext } from '../verb';

const writers = { csv: resultsCsv, json: resultsJson } as const;
const laterFormats: readonly string[] = ['parquet', 'bundle'];

export const exportRuns: Verb = {
  name: 'export',
  summary: 'writes recorded runs as CSV or JSON, or the volume of one; without RUN those of the newest experiment',
  positional: { name: 'RUN', least: 0, most: 10_000 },
  options: {
    format: {
      value: 'csv|json|volume',
      help: 'csv: a line per run, iteration and rank; json: the whole records; volume: one kept iterate in the format --out asks for',
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
  const { args, output } = context;
  if (laterFormats.includes(args.text('format') ?? '')) {
    throw new UserError(`--format ${args.text('format')} is not in this version yet; use csv or json.`, 'unsupported');
  }
  args.required('format', 'csv, json or volume');
  const format = args.choice('format', ['csv', 'json', 'volume']) ?? 'csv';
  const out = args.required('out', 'the file to write');
  const runs = await findRuns(args.positional, context);
  if (format === 'volume') return exportVolume(runs, out, context);
  const file = await outputFile(out);
  await writeFileWhole(file, writers[format](runs));
  output.document({ file, format, runs: runs.map(({ id }) => id) });
  output.print(`${file}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`);
  return 0;
}
