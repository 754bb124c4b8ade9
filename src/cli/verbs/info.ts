/** `info`: what a data or model file holds, without using it. */
import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { DataSummary } from '../../shared/contract';
import { formatCorrections } from '../../shared/corrections';
import { UserError } from '../../shared/errors';
import type { Finding, QualityReport } from '../../shared/quality';
import type { ArrayFileSummary, CheckScanJob, ModelSummary } from '../../shared/workerMessages';
import { commonOptions } from '../arguments';
import { outputFile } from '../files';
import { corrections, requireFile } from '../inputs';
import { bytesText } from '../output';
import { textTable } from '../textTable';
import type { ExitCode, Verb, VerbContext } from '../verb';

export const info: Verb = {
  name: 'info',
  summary: 'shows what a data or model file holds: arrays, geometry, units, problems',
  positional: { name: 'a file', least: 1, most: 1 },
  options: {
    'voxel-size': commonOptions['voxel-size'],
    'geometry-out': {
      value: 'FILE',
      help: "also write the scan's geometry (after --correct): .xml (RTK), .txt or .npy (12 numbers for each view)",
    },
    correct: commonOptions.correct,
    quick: { value: null, help: 'leave out the check of the data, which reads the views' },
    json: commonOptions.json,
  },
  execute,
};

/** Files that can be shown as arrays where they are no scan. */
const arrayEndings: readonly string[] = ['.pt', '.pth', '.mhd', '.mha', '.tif', '.tiff'];

/** What the experiment's keys are measured in. */
const units: Readonly<Record<string, string>> = { dense_reconstruction: '1/mm', sinogram: 'mm x 1/mm', vecs: 'mm', voxel_size: 'mm' };

async function execute(context: VerbContext): Promise<ExitCode> {
  const { args, output } = context;
  const path = resolve(args.positional[0] ?? '');
  await requireFile(path, 'The file');
  const ending = extname(path).toLowerCase();
  if (args.text('geometry-out') !== null && (ending === '.onnx' || ending === '.npy'))
    throw new UserError(`${args.positional[0]} is no scan, so it has no geometry to write.`);
  if (ending === '.onnx') {
    const { model, bytes } = await readModel(path, context);
    output.document({ path, kind: 'denoising network', bytes, ...model, problems: [] });
    output.print(`${path}\ndenoising network (ONNX, ${model.form}), ${bytesText(bytes)}, runs on ${model.provider}`);
    for (const [name, values] of [
      ['input', model.inputs],
      ['output', model.outputs],
    ] as const) {
      for (const value of values) output.print(`${name} ${value.name}: ${value.type} (${value.shape.join(', ')})`);
    }
    return 0;
  }
  if (ending === '.npy') return printArrays(path, await context.session.data.call('describeArrays', { path }), context);
  try {
    const voxelSizeMm = args.positiveNumber('voxel-size');
    const corrected = corrections(args);
    const summary = await context.session.data.call('inspect', { path, voxelSizeMm });
    const geometryFile = await writeGeometry(path, voxelSizeMm, context);
    const quality = args.flag('quick') ? null : await checkData({ dataPath: path, voxelSizeMm, corrections: corrected }, context);
    output.document({ ...scanDocument(summary, quality), geometry_file: geometryFile });
    output.print([scanText(summary), ...qualityLines(quality)].join('\n'));
    if (geometryFile !== null) output.print(`\n${geometryFile}: geometry of ${summary.geometry.views} views`);
    return 0;
  } catch (error) {
    if (!(error instanceof UserError) || !arrayEndings.includes(ending) || args.text('geometry-out') !== null) throw error;
    // Not a scan the experiment can use, but perhaps a readable file: show it, with the reason.
    const arrays = await context.session.data.call('describeArrays', { path }).catch(() => null);
    if (arrays === null) throw error;
    return printArrays(path, ending !== '.pt' ? arrays : { ...arrays, problems: [error.message, ...arrays.problems] }, context);
  }
}

/** The file written, null where none was asked for. */
async function writeGeometry(path: string, voxelSizeMm: number | null, { args, output, session }: VerbContext): Promise<string | null> {
  const wanted = args.text('geometry-out');
  if (wanted === null) return null;
  const out = await outputFile(wanted);
  const { notes } = await session.data.call('saveGeometry', { path, voxelSizeMm, corrections: corrections(args), out });
  for (const note of notes) output.note(note);
  return out;
}

async function readModel(path: string, { session }: VerbContext): Promise<{ model: ModelSummary; bytes: number }> {
  const { size } = await stat(path);
  const device = session.device();
  return { model: await device.call('describeModel', { path }), bytes: size };
}

function scanDocument(summary: DataSummary, quality: QualityReport | null) {
  const { geometry } = summary;
  return {
    path: summary.path,
    kind: summary.kind,
    bytes: summary.bytes,
    arrays: summary.arrays.map((array) => ({ ...array, unit: units[array.name] ?? null })),
    geometry: {
      type: geometry.type,
      views: geometry.views,
      detector_rows: geometry.detectorRows,
      detector_columns: geometry.detectorColumns,
      pixel_size_mm: geometry.pixelSizeMm,
      volume_shape: geometry.volumeShape,
      voxel_size_mm: geometry.voxelSizeMm,
      source_to_axis_mm: geometry.sourceToAxisMm,
      source_to_detector_mm: geometry.sourceToDetectorMm,
      arc_degrees: geometry.arcDegrees,
    },
    has_reference: summary.hasReference,
    units,
    problems: [...summary.problems, ...doubtsOf(quality).map(({ severity, message }) => ({ severity, message }))],
    quality: quality && {
      views_read: quality.viewsRead,
      seconds: quality.seconds,
      findings: quality.findings.map(({ correction, ...finding }) => ({
        ...finding,
        correction: correction && formatCorrections([correction]),
      })),
    },
  };
}

function scanText(summary: DataSummary): string {
  const { geometry } = summary;
  const millimetres = (value: number | null): string => (value === null ? 'none (parallel beam)' : `${value.toFixed(2)} mm`);
  const [pixelRow = 0, pixelColumn = 0] = geometry.pixelSizeMm;
  const lines = [
    `${summary.path}`,
    `${summary.kind}, ${bytesText(summary.bytes)}`,
    '',
    arraysTable(summary.arrays),
    '',
    `geometry            ${geometry.type}, ${geometry.views} views over ${geometry.arcDegrees.toFixed(1)} degrees`,
    `detector            ${geometry.detectorRows} rows x ${geometry.detectorColumns} columns of ${pixelRow.toFixed(4)} x ${pixelColumn.toFixed(4)} mm`,
    `volume              ${geometry.volumeShape.join(' x ')} voxels of ${geometry.voxelSizeMm.join(' x ')} mm`,
    `source to axis      ${millimetres(geometry.sourceToAxisMm)}`,
    `source to detector  ${millimetres(geometry.sourceToDetectorMm)}`,
    `reference volume    ${summary.hasReference ? 'yes' : 'no: PSNR and SSIM cannot be computed'}`,
  ];
  return [...lines, ...problemLines(summary.problems.map(({ severity, message }) => `${severity}: ${message}`))].join('\n');
}

function doubtsOf(quality: QualityReport | null): Finding[] {
  return quality?.findings.filter(({ severity }) => severity !== 'ok') ?? [];
}

function qualityLines(quality: QualityReport | null): string[] {
  if (quality === null) return [];
  const looked = quality.viewsRead === quality.views ? `all ${quality.views}` : `${quality.viewsRead} of ${quality.views}`;
  const inOrder = quality.findings.filter(({ severity }) => severity === 'ok').map(({ check }) => check);
  return [
    '',
    `Data check (${looked} views, ${quality.seconds.toFixed(1)} s)${inOrder.length > 0 ? `; in order: ${inOrder.join(', ')}` : ''}`,
    ...doubtsOf(quality).map(({ severity, message, correction }) => {
      const offer = correction === null ? '' : ` To mend it: --correct "${formatCorrections([correction])}".`;
      return `${severity}: ${message}${offer}`;
    }),
  ];
}

/** null where the data cannot be read to the end; why is noted, and what is known of the file is shown all the same. */
async function checkData(job: Omit<CheckScanJob, 'threads'>, { output, session }: VerbContext): Promise<QualityReport | null> {
  const worker = session.device();
  worker.onNotice((name, payload) => {
    if (name === 'progress') output.bar('checking the data', (payload as { fraction: number }).fraction, null);
  });
  try {
    const report = await worker.call('checkScan', { ...job, threads: (await session.machine()).logicalCores });
    output.clearBar();
    return report;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    output.clearBar();
    output.note(`The data could not be checked: ${error.message}`);
    return null;
  }
}

function arraysTable(arrays: readonly { name: string; shape: readonly number[]; dtype: string }[]): string {
  return textTable(
    [
      { title: 'array', align: 'left' },
      { title: 'shape', align: 'left' },
      { title: 'type', align: 'left' },
      { title: 'unit', align: 'left' },
    ],
    arrays.map(({ name, shape, dtype }) => [name, `(${shape.join(', ')})`, dtype, units[name] ?? '']),
  );
}

function problemLines(problems: readonly string[]): string[] {
  return problems.length === 0 ? [] : ['', ...problems];
}

function printArrays(path: string, summary: ArrayFileSummary, { output }: VerbContext): ExitCode {
  output.document({ path, ...summary });
  const scalars = Object.entries(summary.scalars).map(([name, value]) => `${name} = ${String(value)}`);
  output.print(
    [
      path,
      `${summary.kind}, ${bytesText(summary.bytes)}`,
      '',
      arraysTable(summary.arrays),
      ...problemLines(scalars),
      ...problemLines(summary.problems),
    ].join('\n'),
  );
  return 0;
}
