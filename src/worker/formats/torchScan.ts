/** A scan in a .pt dictionary (sinogram, vecs, dense_reconstruction): checks the shapes the experiment needs and reads views and slices. */
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';
import { checkVectors, publishedVoxelSizeMm, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { openTorchFile, type TorchFile, type TorchTensor } from './torchFile';

type Shape3 = readonly [number, number, number];

/** Opens the file and checks it without reading any view. Throws UserError naming the key that does not fit. */
export async function openTorchScan(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const file = await openTorchFile(path);
  try {
    return await describe(file, voxelSizeMm);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function describe(file: TorchFile, wantedVoxelSizeMm: number | null): Promise<ScanSource> {
  const name = basename(file.path);
  const sinogram = required(file, 'sinogram', '(views, rows, columns)');
  const vecs = required(file, 'vecs', '(views, 12)');
  const reference = file.entries.get('dense_reconstruction') ?? null;
  const sinogramShape = threeAxes(name, sinogram, '(views, rows, columns)');
  const referenceShape = reference === null ? null : threeAxes(name, reference, '(D, H, W)');
  const [views, detectorRows, detectorColumns] = sinogramShape;
  if (vecs.shape.length !== 2 || vecs.shape[1] !== 12) {
    throw new UserError(
      `${name}: vecs has shape (${vecs.shape.join(', ')}); it must be (views, 12): source, detector centre, column step, row step.`,
    );
  }
  if (vecs.shape[0] !== views) {
    throw new UserError(`${name}: vecs has ${vecs.shape[0]} rows, but sinogram has ${views} views; there must be one row for each view.`);
  }
  const vectors = new Float64Array(views * 12);
  await vecs.read(vectors, 0, vectors.length);
  const type = file.scalars.get('geometry_type') === 'parallel3d' ? 'parallel3d' : 'conebeam';
  checkVectors(vectors, type, `${name}: vecs`);

  const problems: ScanProblem[] = file.problems.map((message) => ({ severity: 'note', message: `${name}: ${message}` }));
  const size = wantedVoxelSizeMm ?? (await voxelSizeOfFile(file, name, problems));
  const seen = { type, detectorRows, detectorColumns, vectors } as const;
  const geometry: ScanGeometry = {
    ...seen,
    volumeShape: referenceShape ?? volumeSeen(seen, size),
    voxelSizeMm: [size, size, size],
    volumeCentreMm: [0, 0, 0],
  };
  if (referenceShape === null) {
    const message = `${name} has no dense_reconstruction, so there is no PSNR and SSIM; the volume is [${geometry.volumeShape.join(', ')}] voxels, what the detector sees.`;
    problems.push({ severity: 'warning', message });
  }
  const arrayOf = (array: 'reference' | 'sinogram'): TorchTensor => {
    if (array === 'sinogram') return sinogram;
    if (reference === null) throw new UserError(`${name} has no dense_reconstruction. Use data with a reference volume.`);
    return reference;
  };
  return {
    kind: 'PyTorch file',
    fixedType: null,
    geometry,
    sinogramShape,
    referenceShape,
    arrays: [...file.entries.values()].map(({ name: key, shape, dtype }) => ({ name: key, shape, dtype })),
    problems,
    bytes: file.bytes,
    readSinogramView: async (view, target) => sinogram.readSlices(view, 1, target),
    readReferenceSlices: async (first, count, target) => arrayOf('reference').readSlices(first, count, target),
    readPlane: async (array, axis, index, target) => arrayOf(array).readPlane(axis, index, target),
    close: () => file.close(),
  };
}

function required(file: TorchFile, key: string, shape: string): TorchTensor {
  const tensor = file.entries.get(key);
  if (tensor !== undefined) return tensor;
  const found = [...file.entries.keys()].slice(0, 8).join(', ') || 'no tensors';
  throw new UserError(`${basename(file.path)} is not a scan: the key ${key} ${shape} is missing (found: ${found}).`);
}

function threeAxes(name: string, tensor: TorchTensor, meaning: string): Shape3 {
  const [a, b, c, extra] = tensor.shape;
  if (a === undefined || b === undefined || c === undefined || extra !== undefined || tensor.elements === 0) {
    throw new UserError(
      `${name}: ${tensor.name} has shape (${tensor.shape.join(', ')}); it must have three axes ${meaning} with at least one element each.`,
    );
  }
  return [a, b, c] satisfies VolumeShape;
}

/** The file's scalar voxel_size (a number or a tensor of one), else the published experiment's. */
async function voxelSizeOfFile(file: TorchFile, name: string, problems: ScanProblem[]): Promise<number> {
  const tensor = file.entries.get('voxel_size');
  const value = tensor === undefined ? file.scalars.get('voxel_size') : await onlyElement(tensor);
  if (value === undefined) {
    const message = `${name} does not say its voxel size; ${publishedVoxelSizeMm} mm of the published experiment is used. Set voxel_size if it is another.`;
    problems.push({ severity: 'note', message });
    return publishedVoxelSizeMm;
  }
  if (typeof value !== 'number' || !(value > 0 && value < 1000)) {
    throw new UserError(
      `${name}: voxel_size is ${JSON.stringify(value)}; it must be one number of mm greater than 0. Set another with --voxel-size.`,
    );
  }
  return value;
}

async function onlyElement(tensor: TorchTensor): Promise<number | string> {
  if (tensor.elements !== 1) return `${tensor.elements} numbers`;
  const value = new Float64Array(1);
  await tensor.read(value, 0, 1);
  return value[0] ?? Number.NaN;
}
