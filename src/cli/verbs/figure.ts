/** `figure`: one figure of recorded runs as a drawing of an exact width, with its numbers beside it. */

import { figureNames, isFigureName } from '../../engine/figures/figure';
import { figureData, figureTitle } from '../../engine/figures/series';
import { suggestion } from '../../engine/plan/nearestName';
import { UserError } from '../../shared/errors';
import { drawingSchema, figureFormats, usualDrawing } from '../../shared/figures';
import { commonOptions } from '../arguments';
import { writeDrawing, writeNumbers } from '../figureFiles';
import { outputFile } from '../files';
import { findRuns } from '../recordedRuns';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const figure: Verb = {
  name: 'figure',
  summary: `draws a figure of recorded runs: ${figureNames.join(', ')}`,
  positional: { name: `the name of a figure (${figureNames.join(', ')})`, least: 1, most: 10_000 },
  options: {
    format: { value: figureFormats.join('|'), help: 'svg, pdf: vector, text as text, fonts of a pdf embedded; png: pixels' },
    'width-mm': { value: 'W', help: `exact width in mm, 20 to 1000; default ${usualDrawing.widthMm}` },
    dpi: { value: 'N', help: `dots per inch of a png; default ${usualDrawing.dpi}` },
    'font-pt': { value: 'P', help: `size of axis and legend text in points, 4 to 32; default ${usualDrawing.fontPt}` },
    out: commonOptions.out,
    workspace: commonOptions.workspace,
    json: commonOptions.json,
  },
  execute,
};

const limited = [
  ['width-mm', 'widthMm'],
  ['font-pt', 'fontPt'],
  ['dpi', 'dpi'],
] as const;

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output } = context;
  const [name = '', ...runNames] = args.positional;
  if (!isFigureName(name)) throw new UserError(`There is no figure "${name}".${suggestion(name, figureNames)}`);
  args.required('format', 'svg, pdf or png');
  const drawing = {
    format: args.choice('format', figureFormats) ?? usualDrawing.format,
    widthMm: args.number('width-mm') ?? usualDrawing.widthMm,
    fontPt: args.number('font-pt') ?? usualDrawing.fontPt,
    dpi: args.wholeNumber('dpi', 1) ?? usualDrawing.dpi,
  };
  for (const [option, key] of limited) {
    const { minimum, maximum } = drawingSchema.shape[key].toJSONSchema();
    if (!drawingSchema.shape[key].safeParse(drawing[key]).success) {
      throw new UserError(`--${option} is ${drawing[key]}; it must be from ${minimum} to ${maximum}.`);
    }
  }
  const out = args.required('out', 'the file to write');
  const data = figureData(name, await findRuns(runNames, context));
  if (data.note !== null) output.note(data.note);
  if (data.series.length === 0) throw new UserError(`These runs hold nothing to draw for "${figureTitle(name)}".`);
  const file = await writeDrawing(data, await outputFile(out), drawing, context);
  const csv = await writeNumbers(data, file.replace(/(\.[^./\\]*)?$/, '.csv'));
  output.document({
    files: [file, csv],
    figure: name,
    width_mm: drawing.widthMm,
    series: data.series.map(({ label }) => label),
    note: data.note,
  });
  output.print(`${file}\n${csv}`);
  return 0;
}
