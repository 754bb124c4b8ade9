/** `export`: recorded runs as a table or as whole records. */
import { resultsCsv, resultsJson } from '../../engine/results/table';
import { writeFileWhole } from '../../main/processes/writeFileWhole';
import { UserError } from '../../shared/errors';
import { commonOptions } from '../arguments';
import { outputFile } from '../files';
import { findRuns } from '../recordedRuns';
import type { ExitCode, Verb, VerbContext } from '../verb';

const writers = { csv: resultsCsv, json: resultsJson } as const;
const laterFormats: readonly string[] = ['parquet', 'bundle'];

export const exportRuns: Verb = {
  name: 'export',
  summary: 'writes recorded runs as CSV or JSON; without RUN those of the newest experiment',
  positional: { name: 'RUN', least: 0, most: 10_000 },
  options: {
    format: { value: 'csv|json', help: 'csv: a line per run, iteration and rank; json: the whole records' },
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
  args.required('format', 'csv or json');
  const format = args.choice('format', ['csv', 'json']) ?? 'csv';
  const out = args.required('out', 'the file to write');
  const runs = await findRuns(args.positional, context);
  const file = await outputFile(out);
  await writeFileWhole(file, writers[format](runs));
  output.document({ file, format, runs: runs.map(({ id }) => id) });
  output.print(`${file}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`);
  return 0;
}
