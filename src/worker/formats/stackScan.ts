/**
 * A scan as a stack of projections (TIFF or MetaImage) beside its geometry (a table of vectors, or RTK's XML), which any scanner's data can be
 * brought into; with a reference volume where there is one. Images are imageSequence's and metaImage's, tables vectorTable's and rtkXml's.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { GeometryType, ScanGeometry, VolumeShape } from '../../shared/geometry';
import { describeGaps, type ImageSequence, naturalOrder, openFileSequence, openMetaSequence, openPageSequence } from './imageSequence';
import { openMetaImage } from './metaImage';
import { readRtkXml } from './rtkXml';
import { checkVectors, publishedVoxelSizeMm, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { readSequencePlane } from './sequencePlanes';
import { readVectorTable } from './vectorTable';

const tiffName = /\.tiff?$/i;
const metaName = /\.(mhd|mha)$/i;
/** What a geometry may be called; the first kind found is taken. */
const tableNames = [/^vec[\w-]*\.(npy|txt|csv|geom)$/i, /\.geom$/i, /^geom[\w-]*\.(npy|txt|csv|xml)$/i, /\.xml$/i];
const referenceNames = /^reference(\.tiff?|\.mhd|\.mha)?$/i;
/** CIL's note beside images packed into whole numbers. */
const packingNote = 'scaleoffset.json';

/** True for a TIFF or MetaImage file, or a folder that has such images and a geometry. */
export async function isStackScan(path: string): Promise<boolean> {
  if ((await stat(path)).isFile()) return tiffName.test(path) || metaName.test(path);
  const names = await readdir(path);
  return names.some((name) => tiffName.test(name) || metaName.test(name)) && findTable(names) !== null;
}

/** The files a stack is made of: the folder, or one file with its geometry, reference and packing, and what a MetaImage keeps beside its header. */
export async function stackFiles(path: string): Promise<string[]> {
  if ((await stat(path)).isDirectory()) return [path];
  const folder = dirname(path);
  const names = await readdir(folder);
  const table = findTable(names);
  const beside = names
    .filter((name) => referenceNames.test(name) || name === table || name === packingNote)
    .map((name) => join(folder, name));
  const files = await Promise.all([path, ...beside].map(async (file) => (metaName.test(file) ? [file, await metaData(file)] : [file])));
  return [...new Set(files.flat())];
}

async function metaData(path: string): Promise<string> {
  const image = await openMetaImage(path);
  await image.close();
  return image.dataPath;
}

/** `path`: the folder of the images, or one file of many pages. The geometry lies in the same folder. Pixels are line integrals. */
export async function openStackScan(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const isFolder = (await stat(path)).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const names = await readdir(folder);
  const table = findTable(names);
  if (table === null) {
    throw new UserError(
      `There is no geometry beside ${basename(path)}. Put vecs.txt or vecs.npy there (12 numbers for each view), or RTK's geometry.xml.`,
    );
  }
  const problems: ScanProblem[] = [];
  const images = isFolder ? await openImages(folder, names, problems) : await openOneFile(path);
  try {
    const { vectors, fixedType } = await readTable(join(folder, table), images);
    return await describe({ path, folder, names, table, images, vectors, fixedType, problems }, voxelSizeMm);
  } catch (error) {
    await images.close();
    throw error;
  }
}

interface Found {
  readonly path: string;
  readonly folder: string;
  readonly names: readonly string[];
  readonly table: string;
  readonly images: ImageSequence;
  readonly vectors: Float64Array;
  readonly fixedType: GeometryType | null;
  readonly problems: ScanProblem[];
}

async function describe(found: Found, voxelSizeMm: number | null): Promise<ScanSource> {
  const { path, folder, names, table, images, vectors, fixedType, problems } = found;
  const type = fixedType ?? 'conebeam';
  checkVectors(vectors, type, table);
  const readView = await lineIntegralReader(folder, names, images, basename(path));
  const views = vectors.length / 12;
  if (images.count !== views) {
    throw new UserError(
      `${basename(path)} has ${images.count} projections, but ${table} has ${views} views; there must be one for each projection.`,
    );
  }
  const reference = await openReference(folder, names);
  try {
    const size = voxelSizeMm ?? reference?.spacingMm.xy ?? publishedVoxelSizeMm;
    if (voxelSizeMm === null && (reference?.spacingMm.xy ?? null) === null) {
      problems.push({
        severity: 'note',
        message: `The images do not say the voxel size; ${publishedVoxelSizeMm} mm is used. Set voxel_size if it is another.`,
      });
    }
    const seen = { type, detectorRows: images.height, detectorColumns: images.width, vectors } as const;
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
    const sinogram = { count: views, height: images.height, width: images.width, read: readView };
    return {
      kind: `${images.kind} projections with ${/\.xml$/i.test(table) ? 'RTK geometry' : 'vectors'}`,
      fixedType,
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
      readSinogramView: readView,
      readReferenceSlices: async (first, count, target) => {
        const length = slices().height * slices().width;
        for (let slice = 0; slice < count; slice++)
          await slices().read(first + slice, target.subarray(slice * length, (slice + 1) * length));
      },
      readPlane: async (array, axis, index, target) => readSequencePlane(array === 'sinogram' ? sinogram : slices(), axis, index, target),
      close: async () => {
        await images.close();
        await reference?.close();
      },
    };
  } catch (error) {
    await reference?.close();
    throw error;
  }
}

/** Pixels as they are where they are real numbers; whole numbers only with CIL's note of how they were packed: value = (stored - offset)/scale. */
async function lineIntegralReader(
  folder: string,
  names: readonly string[],
  images: ImageSequence,
  name: string,
): Promise<ImageSequence['read']> {
  if (images.dtype.startsWith('float')) return images.read;
  if (!names.includes(packingNote)) {
    const reason = `holds ${images.dtype} counts, but line integrals are needed`;
    throw new UserError(`${name} ${reason}. Convert it with -ln((image - dark)/(flat - dark)) and save it as float32.`);
  }
  const { scale, offset } = await readPacking(join(folder, packingNote));
  return async (index, target) => {
    await images.read(index, target);
    for (let pixel = 0; pixel < target.length; pixel++) target[pixel] = ((target[pixel] ?? 0) - offset) / scale;
  };
}

async function readPacking(path: string): Promise<{ scale: number; offset: number }> {
  const bad = new UserError(
    `${packingNote} must hold the numbers "scale" (not 0) and "offset" as CIL writes them. Write the images again.`,
  );
  if ((await stat(path)).size > 4096) throw bad;
  let note: unknown;
  try {
    note = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw bad;
  }
  const { scale, offset } = (note ?? {}) as { scale?: unknown; offset?: unknown };
  if (typeof scale !== 'number' || typeof offset !== 'number' || !Number.isFinite(scale / scale) || !Number.isFinite(offset)) throw bad;
  return { scale, offset };
}

/** RTK's geometry leaves pixel sizes to the header of the projections. */
async function readTable(
  path: string,
  { height, width, pixels, name }: ImageSequence,
): Promise<{ vectors: Float64Array; fixedType: GeometryType | null }> {
  if (!/\.xml$/i.test(path)) return { vectors: await readVectorTable(path), fixedType: null };
  const frames = await readRtkXml(path);
  if (pixels === null) {
    throw new UserError(
      `${basename(path)} leaves the size of the pixels to the projections, but ${name} does not say it. Save the projections as .mhd, or as TIFF with a unit.`,
    );
  }
  const { sizeMm, firstMm } = pixels;
  const [column, row] = [firstMm[0] + ((width - 1) / 2) * sizeMm[1], firstMm[1] + ((height - 1) / 2) * sizeMm[0]];
  const vectors = new Float64Array(frames.length * 12);
  frames.forEach(({ source, origin, u, v }, view) => {
    const centre = origin.map((value, axis) => value + column * (u[axis] ?? 0) + row * (v[axis] ?? 0));
    vectors.set([...source, ...centre, ...u.map((value) => value * sizeMm[1]), ...v.map((value) => value * sizeMm[0])], view * 12);
  });
  return { vectors, fixedType: frames[0]?.isParallel === true ? 'parallel3d' : 'conebeam' };
}

function openOneFile(path: string): Promise<ImageSequence> {
  return metaName.test(path) ? openMetaSequence(path) : openPageSequence(path);
}

async function openImages(folder: string, names: readonly string[], problems: ScanProblem[]): Promise<ImageSequence> {
  const stacks = names.filter((name) => metaName.test(name) && !referenceNames.test(name));
  const files = naturalOrder(names.filter((name) => tiffName.test(name) && !referenceNames.test(name)));
  const [stack] = stacks;
  if (stack !== undefined && stacks.length + files.length > 1) {
    throw new UserError(`${basename(folder)} has several stacks of projections (${stacks.join(', ')} ...). Open the one that is meant.`);
  }
  if (stack !== undefined) return openMetaSequence(join(folder, stack));
  const gaps = describeGaps(files);
  if (gaps !== null) problems.push({ severity: 'warning', message: `${gaps} The images are taken in their order.` });
  const [only] = files;
  return files.length === 1 && only !== undefined ? openPageSequence(join(folder, only)) : openFileSequence(folder, files);
}

/** reference.tif of many pages, reference.mhd, or a folder `reference` of slices. */
async function openReference(folder: string, names: readonly string[]): Promise<ImageSequence | null> {
  const name = names.find((candidate) => referenceNames.test(candidate));
  if (name === undefined) return null;
  const path = join(folder, name);
  if (!(await stat(path)).isDirectory()) return openOneFile(path);
  return openFileSequence(path, naturalOrder((await readdir(path)).filter((file) => tiffName.test(file))));
}

function findTable(names: readonly string[]): string | null {
  for (const pattern of tableNames) {
    const [found] = naturalOrder(names.filter((name) => pattern.test(name)));
    if (found !== undefined) return found;
  }
  return null;
}
