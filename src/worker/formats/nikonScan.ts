/**
 * A scan of a Nikon (X-Tek) machine: the settings in an .xtekct file, 16-bit projections as TIFF, and measured angles where they lie beside them. Settings
 * are nikonSettings', angles nikonAngles', the vectors nikonGeometry's, images imageSequence's.
 */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { describeGaps, type ImageSequence, naturalOrder, openFileSequence, openPageSequence } from './imageSequence';
import { nikonAngleName, readNikonAngles, refinedSteps } from './nikonAngles';
import { nikonVectors } from './nikonGeometry';
import { type NikonSettings, readNikonSettings } from './nikonSettings';
import { checkVectors, volumeSeen } from './scanGeometry';
import type { ScanProblem, ScanSource } from './scanSource';
import { readSequencePlane } from './sequencePlanes';
import { lineIntegral } from './transmission';

const settingsName = /\.xtekct$/i;
const tiffName = /\.tiff?$/i;

/** The settings of the Nikon scan that `path` is (an .xtekct file, or a folder with one); null where it is none. */
export async function nikonSettingsFile(path: string): Promise<string | null> {
  if (!(await stat(path)).isDirectory()) return settingsName.test(path) ? path : null;
  const found = (await readdir(path)).filter((name) => settingsName.test(name));
  if (found.length > 1)
    throw new UserError(`${basename(path)} holds several scans (${found.slice(0, 3).join(', ')} ...). Open the .xtekct that is meant.`);
  return found[0] === undefined ? null : join(path, found[0]);
}

/** The files a scan is made of, its settings first. */
export async function nikonFiles(settingsPath: string): Promise<string[]> {
  const settings = await readNikonSettings(settingsPath);
  const { folder, images, angles } = await findFiles(settingsPath, settings);
  return [settingsPath, ...(angles === null ? [] : [angles]), ...images.map((name) => join(folder, name))];
}

/** `settingsPath`: the .xtekct file. Images are read when asked for. Throws UserError, naming key or file, for what makes no scan. */
export async function openNikonScan(settingsPath: string, wantedVoxelSizeMm: number | null): Promise<ScanSource> {
  const name = basename(settingsPath);
  const settings = await readNikonSettings(settingsPath);
  const problems: ScanProblem[] = [];
  const files = await findFiles(settingsPath, settings);
  const vectors = nikonVectors(settings, await stepsOf(settings, files.angles, problems));
  checkVectors(vectors, 'conebeam', name);
  const images = await openImages(settings, files, name, problems);
  try {
    const { projections, detectorRows, detectorColumns, whiteLevel } = settings;
    const naturalSize = (settings.pixelSizeMm[1] * settings.sourceToObjectMm) / settings.sourceToDetectorMm;
    const size = wantedVoxelSizeMm ?? settings.voxelSizeMm ?? naturalSize;
    problems.push(...notes(settings, size, wantedVoxelSizeMm === null && settings.voxelSizeMm === null));
    const seen = { type: 'conebeam', detectorRows, detectorColumns, vectors } as const;
    const geometry: ScanGeometry = {
      ...seen,
      volumeShape: volumeSeen(seen, size),
      voxelSizeMm: [size, size, size],
      volumeCentreMm: [0, 0, 0],
    };
    const readView = async (view: number, target: Float32Array): Promise<void> => {
      if (view < 0 || view >= projections) throw new RangeError(`view ${view} of ${projections} does not exist`);
      await images.read(view, target);
      // Counts below 1 are raised to it, as others do.
      for (let pixel = 0; pixel < target.length; pixel++)
        target[pixel] = lineIntegral(Math.max(target[pixel] ?? 0, 1), 0, whiteLevel).value;
    };
    const sinogram = { count: projections, height: detectorRows, width: detectorColumns, read: readView };
    const noReference = (): never => {
      throw new UserError(`${name} has no reference volume. Use data with one.`);
    };
    return {
      kind: 'Nikon scan',
      fixedType: 'conebeam',
      geometry,
      sinogramShape: [projections, detectorRows, detectorColumns],
      referenceShape: null,
      arrays: [{ name: 'projections', shape: [images.count, detectorRows, detectorColumns], dtype: images.dtype }],
      problems,
      bytes: projections * detectorRows * detectorColumns * 2,
      readSinogramView: readView,
      readReferenceSlices: async () => noReference(),
      readPlane: async (array, axis, index, target) =>
        array === 'sinogram' ? readSequencePlane(sinogram, axis, index, target) : noReference(),
      close: () => images.close(),
    };
  } catch (error) {
    await images.close();
    throw error;
  }
}

interface Files {
  readonly folder: string;
  /** In order. */
  readonly images: readonly string[];
  readonly angles: string | null;
}

async function findFiles(settingsPath: string, { imageFolder, scanName }: NikonSettings): Promise<Files> {
  const name = basename(settingsPath);
  const parts = imageFolder.split(/[/\\]/).filter((part) => part !== '' && part !== '.');
  // A name that leads elsewhere could read any file of this computer.
  if (/^[/\\]|[\0:]/.test(imageFolder) || parts.includes('..')) {
    throw new UserError(
      `${name}: InputFolderName is ${JSON.stringify(imageFolder.slice(0, 80))}; only folders beside the file are read. Put the images there and name it without path.`,
    );
  }
  const home = dirname(settingsPath);
  const folder = join(home, ...parts);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new UserError(`${name}: the folder ${parts.join('/')} of InputFolderName is missing. Put the images there.`, 'not_found');
  });
  const tiffs = names.filter((file) => tiffName.test(file));
  const own = tiffs.filter((file) => scanName !== '' && file.toLowerCase().startsWith(scanName.toLowerCase()) && /\d\.tiff?$/i.test(file));
  const images = naturalOrder(own.length > 0 ? own : tiffs);
  if (images.length === 0)
    throw new UserError(`${name}: there are no .tif projections in ${basename(folder)}. Put them beside the file.`, 'not_found');
  const tables = naturalOrder((await readdir(home)).filter((file) => nikonAngleName.test(file)));
  const table =
    tables.find((file) => file.replace(nikonAngleName, '') === name.replace(settingsName, '')) ??
    (tables.length === 1 ? tables[0] : undefined);
  return { folder, images, angles: table === undefined ? null : join(home, table) };
}

async function openImages(
  settings: NikonSettings,
  { folder, images }: Files,
  name: string,
  problems: ScanProblem[],
): Promise<ImageSequence> {
  const { projections, detectorRows, detectorColumns } = settings;
  const [only] = images;
  const sequence =
    images.length === 1 && only !== undefined ? await openPageSequence(join(folder, only)) : await openFileSequence(folder, images);
  try {
    if (sequence.count < projections) {
      throw new UserError(`${name} tells of ${projections} projections, but there are ${sequence.count} images. Get the missing ones.`);
    }
    if (sequence.height !== detectorRows || sequence.width !== detectorColumns) {
      throw new UserError(
        `${sequence.name} has ${sequence.width} x ${sequence.height} pixels, but ${name} tells of ${detectorColumns} x ${detectorRows}.`,
      );
    }
    const gaps = describeGaps(images);
    if (gaps !== null) problems.push({ severity: 'warning', message: `${gaps} The images are taken in their order.` });
    if (sequence.count > projections) {
      const message = `${name} tells of ${projections} projections; of the ${sequence.count} images the first ${projections} are used.`;
      problems.push({ severity: 'note', message });
    }
    return sequence;
  } catch (error) {
    await sequence.close();
    throw error;
  }
}

async function stepsOf(settings: NikonSettings, anglesPath: string | null, problems: ScanProblem[]): Promise<Float64Array> {
  const { projections, angularStepDegrees } = settings;
  const even = Float64Array.from({ length: projections }, (_, view) => view * angularStepDegrees);
  if (anglesPath === null) return even;
  const steps = refinedSteps(await readNikonAngles(anglesPath), projections, angularStepDegrees);
  const name = basename(anglesPath);
  if (steps === null) {
    const message = `${name} does not fit the ${projections} projections in steps of ${angularStepDegrees} degrees, so it is not used.`;
    problems.push({ severity: 'warning', message });
    return even;
  }
  const most = steps.reduce((far, angle, view) => Math.max(far, Math.abs(angle - (even[view] ?? 0))), 0);
  problems.push({
    severity: 'note',
    message: `Angles are those of ${name}; they differ from even steps by up to ${Number(most.toPrecision(2))} degrees.`,
  });
  return steps;
}

function notes(settings: NikonSettings, sizeMm: number, isNaturalSize: boolean): ScanProblem[] {
  const found: ScanProblem[] = [{ severity: 'warning', message: 'A Nikon scan has no reference volume, so there is no PSNR and SSIM.' }];
  if (isNaturalSize) {
    const message = `The settings do not say the voxel size; ${Number(sizeMm.toPrecision(4))} mm is used, a pixel seen at the axis.`;
    found.push({ severity: 'note', message });
  }
  if (settings.objectOffsetMm !== 0) {
    const message = `The rotation axis is ${settings.objectOffsetMm} mm beside the central ray. If edges come out double, machines of this version count it the other way: change the sign of ObjectOffsetX.`;
    found.push({ severity: 'note', message });
  }
  return found;
}
