/**
 * Scans in HDF5: the dictionary of a .pt file under the same names (sinogram, vecs, dense_reconstruction); Data Exchange and FXI are hdf5Exchange's, NXtomo is
 * hdf5Nexus'. The last three are parallel-beam scans with dark and flat frames. Sources: design notes on formats, section 4.
 */
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { readDataExchange, readFxi } from './hdf5Exchange';
import { type Hdf5Array, type Hdf5File, openHdf5 } from './hdf5File';
import { type Layout, positiveMm, shape3 } from './hdf5Layout';
import { readNexus } from './hdf5Nexus';
import { checkVectors, publishedVoxelSizeMm, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { lineIntegral } from './transmission';

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
  const pixelMm = wantedVoxelSizeMm ?? publishedVoxelSizeMm;
  const layout =
    readOwnLayout(file) ?? readDataExchange(file, pixelMm, problems) ?? readFxi(file, pixelMm, problems) ?? readNexus(file, problems);
  if (layout === null) {
    if (file.attribute('/', 'creator')?.startsWith('NEXUSDataWriter') === true) {
      throw new UserError(
        `${file.name} was written by the Core Imaging Library, whose own layout is not read. Save its projections as TIFF with vecs.txt beside them.`,
        'unsupported',
      );
    }
    const found = file.children('/').slice(0, 8).join(', ') || 'nothing';
    throw new UserError(
      `${file.name} is not a scan: neither sinogram and vecs, nor /exchange/data, nor an NXtomo entry is there (found: ${found}).`,
    );
  }
  const { frames, correction, projections, reference } = layout;
  const [, rows = 0, columns = 0] = frames.shape;
  for (const array of [frames, reference]) array?.checkReadable();
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
    voxelSizeMm: size === null ? null : positiveMm(file, 'voxel_size', size.single()),
  };
}
