/**
 * A raw scan folder of the Walnut collection (Zenodo 2686726): dark and flat correction, logarithm, the pairing of vectors and images, reference
 * slices. Facts and sources: design notes on formats, section 1 (authors' scripts, cicwi/WalnutReconstructionCodes since 4b233d1).
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry, VolumeShape } from '../../shared/geometry';
import { describeGaps, type ImageSequence, naturalOrder, openFileSequence } from './imageSequence';
import { checkVectors } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { readSequencePlane } from './sequencePlanes';
import { lineIntegral, smallestTransmission } from './transmission';
import { readVectorTable } from './vectorTable';

/** The collection's reconstructions fill this window: 501 voxels of 0.1 mm. */
const windowMm = 50.1;
/** The middle orbit, which the published experiment uses, before the high and the low one. */
const orbits = ['tubeV2', 'tubeV1', 'tubeV3'] as const;

/** True where the folder is laid out as a walnut of the collection (or is one of its orbits). */
export async function isWalnutFolder(path: string): Promise<boolean> {
  return (await findOrbit(path)) !== null;
}

/** Opens a walnut folder, or one orbit of it (.../Projections/tubeV1). Images are read when asked for. */
export async function openWalnutFolder(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const orbit = await findOrbit(path);
  if (orbit === null)
    throw new UserError(`${basename(path)} has no Projections/tubeV1..3 with scan_000000.tif. Choose the folder of one walnut.`);
  const problems: ScanProblem[] = [];
  const names = await readdir(orbit);
  const vectors = await readOrbitVectors(orbit, names, problems);
  const scans = naturalOrder(names.filter((name) => /^scan_\d+\.tiff?$/i.test(name)));
  const rows = vectors.length / 12;
  if (scans.length !== rows || describeGaps(scans) !== null) {
    const gaps = describeGaps(scans) ?? '';
    throw new UserError(
      `${basename(orbit)} has ${scans.length} images scan_*.tif, but its geometry has ${rows} views; each needs its own image. ${gaps}`.trim(),
    );
  }
  const images = await openFileSequence(orbit, scans);
  const correction = await readCorrection(orbit, names, images);
  // The last view of a full circle is the first one again: neither the last vector nor image 0 is used (authors' scripts).
  const views = rows - 1;
  if (views < 1) throw new UserError(`${basename(orbit)} has only one image; a scan needs at least two.`);
  const used = vectors.slice(0, views * 12);
  checkVectors(used, 'conebeam', `${basename(orbit)} geometry`);
  const reference = await openReference(path, orbit);
  const volumeShape: VolumeShape = reference === null ? [501, 501, 501] : [reference.count, reference.height, reference.width];
  const size = voxelSizeMm ?? windowMm / volumeShape[0];
  if (voxelSizeMm === null) {
    problems.push({
      severity: 'note',
      message: `Voxels are ${Number(size.toPrecision(6))} mm: the collection's volumes are ${windowMm} mm wide.`,
    });
  }
  if (reference === null)
    problems.push({
      severity: 'warning',
      message: 'There are no reference slices (Reconstructions/full_AGD_50_*), so there is no PSNR and SSIM.',
    });
  problems.push({
    severity: 'note',
    message: `Orbit ${basename(orbit)}, ${views} views; line integrals are -ln((image - dark)/(flat - dark)).`,
  });
  const geometry: ScanGeometry = {
    type: 'conebeam',
    volumeShape,
    voxelSizeMm: [size, size, size],
    volumeCentreMm: [0, 0, 0],
    // Images are stored lying on their side.
    detectorRows: images.width,
    detectorColumns: images.height,
    vectors: used,
  };
  const raw = new Float32Array(images.width * images.height);
  const readSinogramView = async (view: number, target: Float32Array): Promise<void> => {
    await images.read(imageOfView(view, views), raw);
    lineIntegrals(raw, correction, images.height, images.width, target);
  };
  const slices = requiredReference(reference, path);
  await reportClipping(images, correction, imageOfView(0, views), problems);
  const sinogram = { count: views, height: images.width, width: images.height, read: readSinogramView };
  return {
    kind: 'Walnut scan folder',
    fixedType: 'conebeam',
    geometry,
    sinogramShape: [views, images.width, images.height],
    referenceShape: reference === null ? null : volumeShape,
    arrays: [
      { name: 'scan', shape: [scans.length, images.height, images.width], dtype: images.dtype },
      ...(reference === null ? [] : [{ name: 'full_AGD_50', shape: [...volumeShape], dtype: reference.dtype }]),
    ],
    problems,
    bytes: await bytesIn(orbit, names),
    readSinogramView,
    readReferenceSlices: async (first, count, target) => {
      const length = volumeShape[1] * volumeShape[2];
      for (let slice = 0; slice < count; slice++) await slices().read(first + slice, target.subarray(slice * length, (slice + 1) * length));
    },
    readPlane: async (array, axis, index, target) => readSequencePlane(array === 'sinogram' ? sinogram : slices(), axis, index, target),
    close: async () => {
      await images.close();
      await reference?.close();
    },
  };
}

/** Vector k belongs to image views - k: scan_001200 to the first vector of 1200, scan_000001 to the last; each step of error would turn the volume by 0.3 degrees. */
export function imageOfView(view: number, views: number): number {
  return views - view;
}

export interface Correction {
  /** Dark image, and flat minus dark, as stored (height, width). */
  readonly dark: Float32Array;
  readonly range: Float32Array;
}

/**
 * target[r][c] = -ln((raw - dark)/(flat - dark)) of stored pixel [height-1-c][r]: rows flipped, then transposed, to (width, height).
 * Answers the number of pixels whose transmission was raised to smallestTransmission. Bright noise above 1 stays: cutting it would bias the air.
 */
export function lineIntegrals(raw: Float32Array, correction: Correction, height: number, width: number, target: Float32Array): number {
  let clipped = 0;
  for (let r = 0; r < width; r++) {
    for (let c = 0; c < height; c++) {
      const at = (height - 1 - c) * width + r;
      const pixel = lineIntegral(raw[at] ?? 0, correction.dark[at] ?? 0, correction.range[at] ?? 0);
      target[r * height + c] = pixel.value;
      if (pixel.clipped) clipped++;
    }
  }
  return clipped;
}

/** Tells of dead pixels before a run does, from the first view. */
async function reportClipping(images: ImageSequence, correction: Correction, image: number, problems: ScanProblem[]): Promise<void> {
  const raw = new Float32Array(images.width * images.height);
  await images.read(image, raw);
  const clipped = lineIntegrals(raw, correction, images.height, images.width, new Float32Array(raw.length));
  if (clipped === 0) return;
  const message = `${clipped} of ${raw.length} pixels of the first view are darker than the dark image or dead; their transmission is set to ${smallestTransmission}.`;
  problems.push({ severity: 'warning', message });
}

async function findOrbit(path: string): Promise<string | null> {
  const candidates = [path, ...orbits.map((orbit) => join(path, 'Projections', orbit)), ...orbits.map((orbit) => join(path, orbit))];
  for (const candidate of candidates) {
    const names = await readdir(candidate).catch((): string[] => []);
    if (names.includes('scan_000000.tif') || names.includes('scan_000000.tiff')) return candidate;
  }
  return null;
}

async function readOrbitVectors(orbit: string, names: readonly string[], problems: ScanProblem[]): Promise<Float64Array> {
  if (names.includes('scan_geom_corrected.geom')) return readVectorTable(join(orbit, 'scan_geom_corrected.geom'));
  if (!names.includes('scan_geom_original.geom')) {
    throw new UserError(
      `${basename(orbit)} has no scan_geom_corrected.geom, so the geometry is unknown. Get the whole folder of the scan.`,
    );
  }
  const message =
    'scan_geom_corrected.geom is missing; scan_geom_original.geom is used, which is off by up to 0.8 mm for the outer orbits.';
  problems.push({ severity: 'warning', message });
  return readVectorTable(join(orbit, 'scan_geom_original.geom'));
}

/** Dark: di*.tif; flat: the mean of io*.tif, in float32 as the authors compute it. */
async function readCorrection(orbit: string, names: readonly string[], images: ImageSequence): Promise<Correction> {
  const [dark, flat] = await Promise.all(
    (['di', 'io'] as const).map(async (prefix) => {
      const files = naturalOrder(names.filter((name) => new RegExp(`^${prefix}\\d+\\.tiff?$`, 'i').test(name)));
      const what = prefix === 'di' ? 'dark image di000000.tif' : 'flat images io000000.tif, io000001.tif';
      if (files.length === 0)
        throw new UserError(`${basename(orbit)} has no ${what}, which the line integrals need. Get the whole folder of the scan.`);
      return meanImage(orbit, files, images);
    }),
  );
  if (dark === undefined || flat === undefined) throw new UserError('The correction images are missing.', 'internal');
  return { dark, range: flat.map((value, index) => value - (dark[index] ?? 0)) };
}

async function meanImage(orbit: string, files: readonly string[], images: ImageSequence): Promise<Float32Array> {
  const sequence = await openFileSequence(orbit, files);
  if (sequence.height !== images.height || sequence.width !== images.width) {
    throw new UserError(
      `${files[0]} has ${sequence.width} x ${sequence.height} pixels, but the scan has ${images.width} x ${images.height}.`,
    );
  }
  const mean = new Float32Array(images.height * images.width);
  const image = new Float32Array(mean.length);
  for (let index = 0; index < files.length; index++) {
    await sequence.read(index, image);
    for (let at = 0; at < mean.length; at++) mean[at] = (mean[at] ?? 0) + (image[at] ?? 0) / files.length;
  }
  return mean;
}

async function openReference(path: string, orbit: string): Promise<ImageSequence | null> {
  for (const folder of [join(path, 'Reconstructions'), join(orbit, '..', '..', 'Reconstructions')]) {
    const names = naturalOrder((await readdir(folder).catch((): string[] => [])).filter((name) => /^full_AGD_50_\d+\.tiff?$/i.test(name)));
    if (names.length === 0) continue;
    const gaps = describeGaps(names);
    if (gaps !== null) throw new UserError(`The reference slices in Reconstructions are not complete. ${gaps}`);
    return openFileSequence(folder, names);
  }
  return null;
}

function requiredReference(reference: ImageSequence | null, path: string): () => ImageSequence {
  return () => {
    if (reference === null) throw new UserError(`${basename(path)} has no reference slices. Use data with a reference volume.`);
    return reference;
  };
}

async function bytesIn(folder: string, names: readonly string[]): Promise<number> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
