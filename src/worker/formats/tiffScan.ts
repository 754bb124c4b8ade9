/** A scan as a stack of TIFF projections beside a table of per-view vectors, which any scanner's data can be brought into; with a reference volume where there is one. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';
import { describeGaps, type ImageSequence, naturalOrder, openFileSequence, openPageSequence } from './imageSequence';
import { checkVectors, publishedVoxelSizeMm, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { readSequencePlane } from './sequencePlanes';
import { readVectorTable } from './vectorTable';

const imageName = /\.tiff?$/i;
/** What a table of vectors may be called; the first kind found is taken. */
const tableNames = [/^vec[\w-]*\.(npy|txt|csv|geom)$/i, /\.geom$/i, /^geom[\w-]*\.(npy|txt|csv)$/i];
const referenceNames = /^reference(\.tiff?)?$/i;

/** True for a TIFF file, or a folder that has TIFF images and a table of vectors. */
export async function isTiffScan(path: string): Promise<boolean> {
  if ((await stat(path)).isFile()) return imageName.test(path);
  const names = await readdir(path);
  return names.some((name) => imageName.test(name)) && findTable(names) !== null;
}

/** `path`: the folder of the images, or one file of many pages. The vectors lie in the same folder. Pixels are line integrals. */
export async function openTiffScan(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = await readdir(folder);
  const table = findTable(names);
  if (table === null) {
    throw new UserError(`There is no table of vectors beside ${basename(path)}. Put vecs.txt or vecs.npy there, 12 numbers for each view.`);
  }
  const vectors = await readVectorTable(join(folder, table));
  checkVectors(vectors, 'conebeam', table);
  const problems: ScanProblem[] = [];
  const images = isFolder ? await openImages(folder, names, problems) : await openPageSequence(path);
  if (!images.dtype.startsWith('float')) {
    await images.close();
    const reason = `holds ${images.dtype} counts, but line integrals are needed`;
    throw new UserError(`${basename(path)} ${reason}. Convert it with -ln((image - dark)/(flat - dark)) and save it as float32.`);
  }
  const views = vectors.length / 12;
  if (images.count !== views) {
    await images.close();
    throw new UserError(
      `${basename(path)} has ${images.count} projections, but ${table} has ${views} rows; there must be one row for each.`,
    );
  }
  const reference = await openReference(folder, names);
  const size = voxelSizeMm ?? reference?.spacingMm.xy ?? publishedVoxelSizeMm;
  if (voxelSizeMm === null && (reference?.spacingMm.xy ?? null) === null) {
    problems.push({
      severity: 'note',
      message: `The images do not say the voxel size; ${publishedVoxelSizeMm} mm is used. Set voxel_size if it is another.`,
    });
  }
  const seen = { type: 'conebeam', detectorRows: images.height, detectorColumns: images.width, vectors } as const;
  const referenceShape: VolumeShape | null = reference === null ? null : [reference.count, reference.height, reference.width];
  const geometry: ScanGeometry = {
    ...seen,
    volumeShape: referenceShape ?? volumeSeen(seen, size),
    voxelSizeMm: [size, size, size],
    volumeCentreMm: [0, 0, 0],
  };
  if (referenceShape === null) {
    const message = `There is no reference volume, so there is no PSNR and SSIM; the volume is [${geometry.volumeShape.join(', ')}] voxels, what the detector sees.`;
    problems.push({ severity: 'warning', message });
  }
  const slices = (): ImageSequence => {
    if (reference === null) throw new UserError(`${basename(path)} has no reference volume. Use data with one.`);
    return reference;
  };
  return {
    kind: 'TIFF projections with vectors',
    fixedType: null,
    geometry,
    sinogramShape: [views, images.height, images.width],
    referenceShape,
    arrays: [
      { name: 'projections', shape: [views, images.height, images.width], dtype: images.dtype },
      { name: table, shape: [views, 12], dtype: 'float64' },
      ...(reference === null
        ? []
        : [{ name: 'reference', shape: [reference.count, reference.height, reference.width], dtype: reference.dtype }]),
    ],
    problems,
    bytes: views * images.height * images.width * 4,
    readSinogramView: (view, target) => images.read(view, target),
    readReferenceSlices: async (first, count, target) => {
      const length = slices().height * slices().width;
      for (let slice = 0; slice < count; slice++) await slices().read(first + slice, target.subarray(slice * length, (slice + 1) * length));
    },
    readPlane: async (array, axis, index, target) => readSequencePlane(array === 'sinogram' ? images : slices(), axis, index, target),
    close: async () => {
      await images.close();
      await reference?.close();
    },
  };
}

async function openImages(folder: string, names: readonly string[], problems: ScanProblem[]): Promise<ImageSequence> {
  const files = naturalOrder(names.filter((name) => imageName.test(name) && !referenceNames.test(name)));
  const gaps = describeGaps(files);
  if (gaps !== null) problems.push({ severity: 'warning', message: `${gaps} The images are taken in their order.` });
  const [only] = files;
  return files.length === 1 && only !== undefined ? openPageSequence(join(folder, only)) : openFileSequence(folder, files);
}

/** reference.tif of many pages, or a folder `reference` of slices. */
async function openReference(folder: string, names: readonly string[]): Promise<ImageSequence | null> {
  const name = names.find((candidate) => referenceNames.test(candidate));
  if (name === undefined) return null;
  const path = join(folder, name);
  if (!(await stat(path)).isDirectory()) return openPageSequence(path);
  return openFileSequence(path, naturalOrder((await readdir(path)).filter((file) => imageName.test(file))));
}

function findTable(names: readonly string[]): string | null {
  for (const pattern of tableNames) {
    const [found] = naturalOrder(names.filter((name) => pattern.test(name)));
    if (found !== undefined) return found;
  }
  return null;
}
