/** NXtomo entries of NeXus files, also as Diamond and ESRF write them: parallel beam, all frames in one array and told apart by image_key. Sources: NXtomo.nxdl, nxtomo, dxchange. */
import { UserError } from '../../shared/errors';
import type { Hdf5Array, Hdf5File } from './hdf5File';
import { correctionOf, type Layout, lengthMm, meanOf, parallelNote, readAngles, shape3 } from './hdf5Layout';
import { parallelVectors } from './parallelVectors';
import { publishedVoxelSizeMm } from './scanGeometry';
import type { ScanProblem } from './scanSource';

/** image_key: 0 projection, 1 flat, 2 dark, 3 invalid; angles of the others mean nothing. */
export function readNexus(file: Hdf5File, problems: ScanProblem[]): Layout | null {
  const framesOf = (entry: string) => file.array(`${entry}/instrument/detector/data`) ?? file.array(`${entry}/data/data`);
  const anglesOf = (entry: string) => file.array(`${entry}/sample/rotation_angle`) ?? file.array(`${entry}/data/rotation_angle`);
  const entries = nexusEntries(file).filter((path) => framesOf(path) !== null);
  const isNamed = (path: string) => file.text(`${path}/definition`) === 'NXtomo';
  const entry = entries.find(isNamed) ?? entries.find((path) => anglesOf(path) !== null) ?? entries[0];
  if (entry === undefined) return null;
  const others = entries.filter((path) => path !== entry && isNamed(path));
  if (others.length > 0) {
    problems.push({ severity: 'warning', message: `${file.name} holds several scans; ${entry} is used, not ${others.join(', ')}.` });
  }
  const [frames, rotation] = [framesOf(entry), anglesOf(entry)];
  if (frames === null || rotation === null) {
    throw new UserError(`${file.name}: ${entry}/sample/rotation_angle is missing, so the angles of the views are unknown.`);
  }
  const [count, rows, columns] = shape3(file, frames, '(frames, rows, columns)');
  frames.checkReadable();
  const kinds = frameKinds(file, entry, count);
  const positions = (kind: number) => [...kinds.keys()].filter((index) => kinds[index] === kind);
  const projections = positions(0);
  if (projections.length === 0) throw new UserError(`${file.name}: image_key marks no frame as a projection (0).`);
  const angles = readAngles(file, rotation, count);
  const [row, column] = pixelSize(file, `${entry}/instrument/detector`);
  const axis = axisOffset(file, `${entry}/instrument/detector`, columns, problems);
  problems.push(parallelNote('NXtomo', axis));
  return {
    kind: 'HDF5 scan (NXtomo)',
    type: 'parallel3d',
    vectors: parallelVectors(
      Float64Array.from(projections, (index) => angles[index] ?? 0),
      [row ?? publishedVoxelSizeMm, column ?? publishedVoxelSizeMm],
      -axis * (column ?? publishedVoxelSizeMm),
    ),
    frames,
    projections,
    correction: correctionOf(file, meanOf(frames, positions(2), rows * columns), meanOf(frames, positions(1), rows * columns), problems),
    reference: null,
    voxelSizeMm: column,
  };
}

/** Groups that may be an NXtomo: the entries and their sub-entries. */
function nexusEntries(file: Hdf5File): string[] {
  const entries = file.children('/').map((name) => `/${name}`);
  return [...entries, ...entries.flatMap((entry) => file.children(entry).map((name) => `${entry}/${name}`))];
}

/** image_key of every frame; -1 for those that image_key_control (ESRF) tells to be there for alignment only. Without keys all are projections. */
function frameKinds(file: Hdf5File, entry: string, count: number): Float64Array {
  const read = (array: Hdf5Array | null): Float64Array | null => {
    if (array === null) return null;
    if (array.shape.length !== 1 || array.shape[0] !== count)
      throw new UserError(`${file.name}: ${array.path} has ${array.shape[0] ?? 0} entries for ${count} frames.`);
    const kinds = new Float64Array(count);
    array.read(0, count, kinds);
    return kinds;
  };
  const detector = `${entry}/instrument/detector`;
  const keys =
    file.array(`${detector}/image_key`) ??
    file.array(`${entry}/data/image_key`) ??
    file.array(`${entry.slice(0, entry.lastIndexOf('/'))}/instrument/image_key/image_key`) ??
    file.array(`${entry}/instrument/image_key/image_key`);
  const kinds = read(keys) ?? new Float64Array(count);
  const control = read(file.array(`${detector}/image_key_control`));
  return control === null ? kinds : kinds.map((kind, frame) => ((control[frame] ?? 0) < 0 ? -1 : kind));
}

/** [row, column] seen at the object: the magnified size where it is told, since the rays are parallel. */
function pixelSize(file: Hdf5File, detector: string): readonly [row: number | null, column: number | null] {
  const size = (axis: 'x' | 'y') =>
    lengthMm(file, file.array(`${detector}/${axis}_magnified_pixel_size`)) ?? lengthMm(file, file.array(`${detector}/${axis}_pixel_size`));
  const column = size('x');
  return [size('y') ?? column, column];
}

/** Where the axis is seen, in pixels from the middle of the detector; 0 where the file does not say. */
function axisOffset(file: Hdf5File, detector: string, columns: number, problems: ScanProblem[]): number {
  const offset = file.array(`${detector}/x_rotation_axis_pixel_position`)?.single() ?? 0;
  if (Math.abs(offset) <= columns) return offset;
  const message = `${file.name}: x_rotation_axis_pixel_position is ${offset}, far beside the ${columns} columns; the middle is taken.`;
  problems.push({ severity: 'warning', message });
  return 0;
}
