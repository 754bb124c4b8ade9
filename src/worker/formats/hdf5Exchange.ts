/** Scans of beam lines in the layouts of Data Exchange (/exchange) and FXI (/img_tomo): parallel beam, flat and dark frames in arrays of their own. Sources: dxchange, tomviz. */
import { UserError } from '../../shared/errors';
import type { Hdf5Array, Hdf5File } from './hdf5File';
import { correctionOf, type Layout, meanFrame, parallelNote, readAngles, shape3 } from './hdf5Layout';
import { parallelVectors } from './parallelVectors';
import type { ScanProblem } from './scanSource';

interface Paths {
  readonly format: string;
  readonly frames: Hdf5Array;
  readonly dark: readonly string[];
  readonly flat: readonly string[];
}

/** /exchange/data, data_white, data_dark, theta; several detectors as /exchange1 ..., of which the first is taken. */
export function readDataExchange(file: Hdf5File, pixelMm: number, problems: ScanProblem[]): Layout | null {
  const groups = file.children('/').filter((name) => /^exchange\d*$/.test(name) && file.array(`/${name}/data`) !== null);
  const group = groups.includes('exchange') ? 'exchange' : groups.sort()[0];
  const frames = group === undefined ? null : file.array(`/${group}/data`);
  if (frames === null) return null;
  if (groups.length > 1) {
    problems.push({ severity: 'warning', message: `${file.name} holds several scans (${groups.join(', ')}); /${group} is used.` });
  }
  const paths: Paths = {
    format: 'Data Exchange',
    frames,
    dark: [`/${group}/data_dark`, '/process/acquisition/dark_fields/dark_field_value'],
    flat: [`/${group}/data_white`, '/process/acquisition/flat_fields/flat_field_value'],
  };
  const [views] = shape3(file, frames, '(views, rows, columns)');
  const theta = file.array(`/${group}/theta`);
  const angles = theta === null ? stageAngles(file, views, problems) : readAngles(file, theta, views);
  if (angles === null) {
    throw new UserError(
      `${file.name}: /${group}/theta is missing, and /process/acquisition/rotation too, so the angles of the views are unknown. Add theta in degrees.`,
    );
  }
  return layoutOf(file, paths, angles, pixelMm, problems);
}

/** /img_tomo, /img_bkg or /img_bkg_avg, /img_dark or /img_dark_avg, /angle in degrees. */
export function readFxi(file: Hdf5File, pixelMm: number, problems: ScanProblem[]): Layout | null {
  const [frames, angle] = [file.array('/img_tomo'), file.array('/angle')];
  if (frames === null || angle === null) return null;
  const [views] = shape3(file, frames, '(views, rows, columns)');
  const paths = { format: 'FXI', frames, dark: ['/img_dark', '/img_dark_avg'], flat: ['/img_bkg', '/img_bkg_avg'] };
  return layoutOf(file, paths, readAngles(file, angle, views), pixelMm, problems);
}

function layoutOf(
  file: Hdf5File,
  { format, frames, dark, flat }: Paths,
  angles: Float64Array,
  pixelMm: number,
  problems: ScanProblem[],
): Layout {
  const [views, rows, columns] = shape3(file, frames, '(views, rows, columns)');
  // A single frame of zeros stands for frames that were not taken; older stations keep them elsewhere.
  const first = (paths: readonly string[]): Float32Array | null => {
    const found = paths.map((path) => meanFrame(file, file.array(path), rows, columns)).filter((mean) => mean !== null);
    return found.find((mean) => mean.some((value) => value !== 0)) ?? found[0] ?? null;
  };
  problems.push(parallelNote(format));
  return {
    kind: `HDF5 scan (${format})`,
    type: 'parallel3d',
    // The file says nothing of the pixel size: with pixels of one voxel, only the scale of the result depends on it.
    vectors: parallelVectors(angles, [pixelMm, pixelMm], 0),
    frames,
    projections: Array.from({ length: views }, (_, view) => view),
    correction: correctionOf(file, first(dark), first(flat), problems),
    reference: null,
    voxelSizeMm: null,
  };
}

/** Even steps from what the rotation stage was told, degrees; null where that is missing. */
function stageAngles(file: Hdf5File, views: number, problems: ScanProblem[]): Float64Array | null {
  const value = (name: string) => file.array(`/process/acquisition/rotation/${name}`)?.single() ?? null;
  const [start, step] = [value('rotation_start') ?? 0, value('rotation_step')];
  if (step === null || !Number.isFinite(start) || !Number.isFinite(step) || step === 0) return null;
  const message = `${file.name} has no theta; angles are even steps of ${step} degrees from ${start}, as its rotation stage was set.`;
  problems.push({ severity: 'warning', message });
  return Float64Array.from({ length: views }, (_, view) => ((start + view * step) * Math.PI) / 180);
}
