/**
 * Scans in HDF5: the dictionary of a .pt file under the same names (sinogram, vecs, dense_reconstruction), Data Exchange (/exchange) and
 * NeXus NXtomo. The last two are parallel-beam scans with dark and flat frames. Sources: design notes on formats, section 4.
 */
import { UserError } from '../../shared/errors';
import type { GeometryType, ScanGeometry, VolumeShape } from '../../shared/geometry';
import { type Hdf5Array, type Hdf5File, openHdf5 } from './hdf5File';
import { parallelVectors } from './parallelVectors';
import { checkVectors, publishedVoxelSizeMm, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { lineIntegral } from './transmission';

/** What each layout gives; the rest is the same for all. */
interface Layout {
  readonly kind: string;
  readonly type: GeometryType;
  readonly vectors: Float64Array;
  readonly frames: Hdf5Array;
  /** Positions of the projections among the frames. */
  readonly projections: readonly number[];
  /** null: the frames are line integrals. */
  readonly correction: { readonly dark: Float32Array; readonly range: Float32Array } | null;
  readonly reference: Hdf5Array | null;
  readonly voxelSizeMm: number | null;
}

export async function openHdf5Scan(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const file = await openHdf5(path);
  try {
    return describe(file, voxelSizeMm);
  } catch (error) {
    file.close();
    throw error;
  }
}

function describe(file: Hdf5File, wantedVoxelSizeMm: number | null): ScanSource {
  const problems: ScanProblem[] = [];
  const layout =
    readOwnLayout(file) ?? readDataExchange(file, wantedVoxelSizeMm ?? publishedVoxelSizeMm, problems) ?? readNexus(file, problems);
  if (layout === null) {
    const found = file.children('/').slice(0, 8).join(', ') || 'nothing';
    throw new UserError(
      `${file.name} is not a scan: neither sinogram and vecs, nor /exchange/data, nor an NXtomo entry is there (found: ${found}).`,
    );
  }
  const { frames, correction, projections, reference } = layout;
  const [, rows = 0, columns = 0] = frames.shape;
  checkVectors(layout.vectors, layout.type, `${file.name}: geometry`);
  const size = wantedVoxelSizeMm ?? layout.voxelSizeMm ?? publishedVoxelSizeMm;
  if (wantedVoxelSizeMm === null && layout.voxelSizeMm === null) {
    problems.push({
      severity: 'note',
      message: `${file.name} does not say its voxel size; ${size} mm is used. Set voxel_size if it is another.`,
    });
  }
  const referenceShape = reference === null ? null : shape3(file, reference, '(D, H, W)');
  const seen = { type: layout.type, detectorRows: rows, detectorColumns: columns, vectors: layout.vectors } as const;
  const geometry: ScanGeometry = {
    ...seen,
    volumeShape: referenceShape ?? volumeSeen(seen, size),
    voxelSizeMm: [size, size, size],
    volumeCentreMm: [0, 0, 0],
  };
  if (referenceShape === null) {
    const message = `${file.name} has no reference volume, so there is no PSNR and SSIM; the volume is [${geometry.volumeShape.join(', ')}] voxels, what the detector sees.`;
    problems.push({ severity: 'warning', message });
  }
  const correct = (target: Float32Array) => {
    if (correction === null) return;
    for (let index = 0; index < target.length; index++) {
      target[index] = lineIntegral(target[index] ?? 0, correction.dark[index] ?? 0, correction.range[index] ?? 0).value;
    }
  };
  const readView = (view: number, target: Float32Array): void => {
    frames.read(projections[view] ?? -1, 1, target);
    correct(target);
  };
  const slices = (): Hdf5Array => {
    if (reference === null) throw new UserError(`${file.name} has no reference volume. Use data with one.`);
    return reference;
  };
  return {
    kind: layout.kind,
    fixedType: layout.type,
    geometry,
    sinogramShape: [projections.length, rows, columns],
    referenceShape,
    arrays: [frames, ...(reference === null ? [] : [reference])].map(({ path, shape, dtype }) => ({ name: path, shape, dtype })),
    problems,
    bytes: file.bytes,
    readSinogramView: async (view, target) => readView(view, target),
    readReferenceSlices: async (first, count, target) => slices().read(first, count, target),
    readPlane: async (array, axis, index, target) => {
      if (array === 'reference') return slices().readPlane(axis, index, target);
      if (axis === 0) return readView(index, target);
      const line = new Float32Array(axis === 1 ? columns : rows);
      const view = new Float32Array(rows * columns);
      for (let position = 0; position < projections.length; position++) {
        readView(position, view);
        for (let at = 0; at < line.length; at++) line[at] = view[axis === 1 ? index * columns + at : at * columns + index] ?? 0;
        target.set(line, position * line.length);
      }
    },
    close: async () => file.close(),
  };
}

function readOwnLayout(file: Hdf5File): Layout | null {
  const [sinogram, vecs] = [file.array('sinogram'), file.array('vecs')];
  if (sinogram === null || vecs === null) return null;
  const [views] = shape3(file, sinogram, '(views, rows, columns)');
  if (vecs.shape.length !== 2 || vecs.shape[0] !== views || vecs.shape[1] !== 12) {
    throw new UserError(`${file.name}: vecs has shape (${vecs.shape.join(', ')}); it must be (${views}, 12), one row for each view.`);
  }
  const vectors = new Float64Array(views * 12);
  vecs.read(0, views, vectors);
  const size = file.array('voxel_size');
  return {
    kind: 'HDF5 scan',
    type: 'conebeam',
    vectors,
    frames: sinogram,
    projections: Array.from({ length: views }, (_, view) => view),
    correction: null,
    reference: file.array('dense_reconstruction'),
    voxelSizeMm: size === null ? null : positive(file, 'voxel_size', size.single()),
  };
}

/** /exchange/data, data_white, data_dark, theta in degrees (docs of dxchange). */
function readDataExchange(file: Hdf5File, pixelMm: number, problems: ScanProblem[]): Layout | null {
  const frames = file.array('/exchange/data');
  if (frames === null) return null;
  const [views, rows, columns] = shape3(file, frames, '(views, rows, columns)');
  const theta = file.array('/exchange/theta');
  if (theta === null)
    throw new UserError(`${file.name}: /exchange/theta is missing, so the angles of the views are unknown. Add them in degrees.`);
  const angles = readAngles(file, theta, views);
  const all = (path: string) => meanFrame(file, file.array(path), rows * columns);
  problems.push(parallelNote('Data Exchange'));
  return {
    kind: 'HDF5 scan (Data Exchange)',
    type: 'parallel3d',
    // The file says nothing of the pixel size: with pixels of one voxel, only the scale of the result depends on it.
    vectors: parallelVectors(angles, [pixelMm, pixelMm], 0),
    frames,
    projections: Array.from({ length: views }, (_, view) => view),
    correction: correctionOf(file, all('/exchange/data_dark'), all('/exchange/data_white'), problems),
    reference: null,
    voxelSizeMm: null,
  };
}

/** An NXtomo entry: frames are told apart by image_key: 0 projection, 1 flat, 2 dark, 3 invalid. Angles of the others mean nothing. */
function readNexus(file: Hdf5File, problems: ScanProblem[]): Layout | null {
  const entry = nexusEntries(file).find((path) => file.array(`${path}/instrument/detector/data`) !== null);
  if (entry === undefined) return null;
  const detector = `${entry}/instrument/detector`;
  const frames = file.array(`${detector}/data`);
  const keys =
    file.array(`${detector}/image_key`) ??
    file.array(`${entry}/data/image_key`) ??
    file.array(`${entry.slice(0, entry.lastIndexOf('/'))}/instrument/image_key/image_key`);
  const rotation = file.array(`${entry}/sample/rotation_angle`) ?? file.array(`${entry}/data/rotation_angle`);
  if (frames === null || rotation === null) {
    throw new UserError(`${file.name}: ${entry}/sample/rotation_angle is missing, so the angles of the views are unknown.`);
  }
  const [count, rows, columns] = shape3(file, frames, '(frames, rows, columns)');
  const angles = readAngles(file, rotation, count);
  const kinds = new Float64Array(count);
  if (keys !== null) {
    if (keys.shape[0] !== count) throw new UserError(`${file.name}: image_key has ${keys.shape[0]} entries for ${count} frames.`);
    keys.read(0, count, kinds);
  }
  const positions = (kind: number) => [...kinds.keys()].filter((index) => kinds[index] === kind);
  const projections = positions(0);
  if (projections.length === 0) throw new UserError(`${file.name}: image_key marks no frame as a projection (0).`);
  const pixel = (axis: 'x' | 'y') => lengthMm(file, file.array(`${detector}/${axis}_pixel_size`));
  const [column, row] = [pixel('x') ?? publishedVoxelSizeMm, pixel('y') ?? pixel('x') ?? publishedVoxelSizeMm];
  problems.push(parallelNote('NXtomo'));
  return {
    kind: 'HDF5 scan (NXtomo)',
    type: 'parallel3d',
    vectors: parallelVectors(
      Float64Array.from(projections, (index) => angles[index] ?? 0),
      [row, column],
      0,
    ),
    frames,
    projections,
    correction: correctionOf(file, meanOf(frames, positions(2), rows * columns), meanOf(frames, positions(1), rows * columns), problems),
    reference: null,
    voxelSizeMm: pixel('x'),
  };
}

/** Groups that may be an NXtomo: the entries and their sub-entries. */
function nexusEntries(file: Hdf5File): string[] {
  const entries = file.children('/').map((name) => `/${name}`);
  return [...entries, ...entries.flatMap((entry) => file.children(entry).map((name) => `${entry}/${name}`))];
}

function parallelNote(format: string): ScanProblem {
  const message = `${format}: parallel beam with the axis in the middle of the detector; set geometry_type: parallel3d. If the result is mirrored, the angles turn the other way.`;
  return { severity: 'note', message };
}

function readAngles(file: Hdf5File, array: Hdf5Array, count: number): Float64Array {
  if (array.shape.length !== 1 || array.shape[0] !== count) {
    throw new UserError(
      `${file.name}: ${array.path} has shape (${array.shape.join(', ')}) for ${count} frames; it needs one angle for each.`,
    );
  }
  const angles = new Float64Array(count);
  array.read(0, count, angles);
  const isRadians = array.units?.toLowerCase().startsWith('rad') ?? false;
  return isRadians ? angles : angles.map((angle) => (angle * Math.PI) / 180);
}

function lengthMm(file: Hdf5File, array: Hdf5Array | null): number | null {
  const scale = { m: 1000, mm: 1, um: 1e-3, µm: 1e-3, micron: 1e-3, nm: 1e-6 }[array?.units ?? ''];
  if (array === null || scale === undefined) return null;
  const value = array.single();
  return positive(file, array.path, value === null ? null : value * scale);
}

function positive(file: Hdf5File, path: string, value: number | null): number {
  if (value !== null && value > 0 && value < 1000) return value;
  throw new UserError(`${file.name}: ${path} is ${value} mm; it must be greater than 0. Set the voxel size yourself.`);
}

function meanFrame(file: Hdf5File, array: Hdf5Array | null, pixels: number): Float32Array | null {
  if (array === null) return null;
  const [count] = shape3(file, array, '(frames, rows, columns)');
  return meanOf(
    array,
    Array.from({ length: count }, (_, index) => index),
    pixels,
  );
}

function meanOf(frames: Hdf5Array, positions: readonly number[], pixels: number): Float32Array | null {
  if (positions.length === 0) return null;
  const mean = new Float32Array(pixels);
  const frame = new Float32Array(pixels);
  for (const position of positions) {
    frames.read(position, 1, frame);
    for (let index = 0; index < pixels; index++) mean[index] = (mean[index] ?? 0) + (frame[index] ?? 0) / positions.length;
  }
  return mean;
}

function correctionOf(file: Hdf5File, dark: Float32Array | null, flat: Float32Array | null, problems: ScanProblem[]): Layout['correction'] {
  if (flat === null)
    throw new UserError(`${file.name} has no flat frames, which the line integrals need. Add them (data_white, or image_key 1).`);
  if (dark === null) problems.push({ severity: 'warning', message: `${file.name} has no dark frames; zero is used.` });
  const zero = dark ?? new Float32Array(flat.length);
  return { dark: zero, range: flat.map((value, index) => value - (zero[index] ?? 0)) };
}

function shape3(file: Hdf5File, array: Hdf5Array, meaning: string): VolumeShape {
  const [a, b, c, extra] = array.shape;
  if (!a || !b || !c || extra !== undefined) {
    throw new UserError(
      `${file.name}: ${array.path} has shape (${array.shape.join(', ')}); it must have three axes ${meaning} with at least one element each.`,
    );
  }
  return [a, b, c];
}
