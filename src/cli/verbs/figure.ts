/** `figure`: one figure of recorded runs as a drawing of an exact width, with its numbers beside it. */
import { figureData, figureNames, figureTitle, isFigureName } from '../../engine/figures/series';
import { suggestion } from '../../engine/plan/nearestName';
import { UserError } from '../../shared/errors';
import { commonOptions } from '../arguments';
import { writeDrawing, writeNumbers } from '../figureFiles';
import { outputFile } from '../files';
import { findRuns } from '../recordedRuns';
import type { ExitCode, Verb, VerbContext } from '../verb';

/** A journal's column. */
const DEFAULT_WIDTH_MM = 85;
const DEFAULT_DPI = 300;

export const figure: Verb = {
  name: 'figure',
  summary: `draws a figure of recorded runs: ${figureNames.join(', ')}`,
  positional: { name: `the name of a figure (${figureNames.join(', ')})`, least: 1, most: 10_000 },
  options: {
    format: { value: 'svg|png', help: 'svg: vector, text as text; png: pixels' },
    'width-mm': { value: 'W', help: `exact width in mm, 20 to 1000; default ${DEFAULT_WIDTH_MM}` },
    dpi: { value: 'N', help: `dots per inch of a png; default ${DEFAULT_DPI}` },
    out: commonOptions.out,
    workspace: commonOptions.workspace,
    json: commonOptions.json,
  },
  execute,
};

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output } = context;
  const [name = '', ...runNames] = args.positional;
  if (!isFigureName(name)) throw new UserError(`There is no figure "${name}".${suggestion(name, figureNames)}`);
  if (args.text('format') === 'pdf') {
    throw new UserError('--format pdf is not in this version yet; use svg (vector, any PDF tool takes it) or png.', 'unsupported');
  }
  args.required('format', 'svg or png');
  const format = args.choice('format', ['svg', 'png']) ?? 'svg';
  const widthMm = args.number('width-mm') ?? DEFAULT_WIDTH_MM;
  if (!(widthMm >= 20 && widthMm <= 1000)) throw new UserError(`--width-mm is ${widthMm}; it must be from 20 to 1000.`);
  const dpi = args.wholeNumber('dpi', 1) ?? DEFAULT_DPI;
  const out = args.required('out', 'the file to write');
  const data = figureData(name, await findRuns(runNames, context));
  if (data.note !== null) output.note(data.note);
  if (data.series.length === 0) throw new UserError(`These runs hold nothing to draw for "${figureTitle(name)}".`);
  const file = await writeDrawing(data, await outputFile(out), { format, widthMm, dpi }, context);
  const csv = await writeNumbers(data, file.replace(/(\.[^./\\]*)?$/, '.csv'));
  output.document({ files: [file, csv], figure: name, width_mm: widthMm, series: data.series.map(({ label }) => label), note: data.note });
  output.print(`${file}\n${csv}`);
  return 0;
}
