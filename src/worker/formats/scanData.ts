/** The one door for scans: opens whatever holds projections, checks that the experiment can use them, and hands out views and slices on request. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import type { Watch } from '../watch';
import { contentHash, fileIdentity } from './fileIdentity';
import { fillOfDetector } from './geometrySummary';
import { openHdf5Scan } from './hdf5Scan';
import { nikonFiles, nikonSettingsFile, openNikonScan } from './nikonScan';
import type { ScanProblem, ScanSource } from './scanSource';
import { isStackScan, openStackScan, stackFiles } from './stackScan';
import { openTorchScan } from './torchScan';
import { isWalnutFolder, openWalnutFolder } from './walnutFolder';

export type { ScanArray, ScanProblem } from './scanSource';

export interface ScanOptions {
  /** mm; wins over what the file says. */
  readonly voxelSizeMm?: number | null | undefined;
}

export interface ScanData extends ScanSource {
  /** Hex digits that change with path, size or time of the file; made without reading it. */
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly views: number;
}

/** Opens a scan. Throws UserError, naming the key or file, where the experiment could not use it; doubts go to `problems`. */
export async function openScan(path: string, options: ScanOptions = {}): Promise<ScanData> {
  const voxelSizeMm = options.voxelSizeMm ?? null;
  if (voxelSizeMm !== null && !(voxelSizeMm > 0 && voxelSizeMm < 1000)) {
    throw new UserError(`The voxel size is ${voxelSizeMm} mm; it must be greater than 0 and less than 1000.`);
  }
  const source = await openSource(path, voxelSizeMm);
  try {
    return {
      ...source,
      id: await fileIdentity(await scanFiles(path)),
      path,
      name: basename(path),
      views: source.sinogramShape[0],
      problems: [...source.problems, ...voxelSizeDoubts(source.geometry)],
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** SHA-256 of everything a scan is made of, without opening it. */
export async function hashScan(path: string, watch: Watch): Promise<string> {
  return contentHash(await scanFiles(path), watch);
}

/** A folder stands for all it holds, a file also for what must lie beside it. */
async function scanFiles(path: string): Promise<string[]> {
  const settings = await nikonSettingsFile(path);
  if (settings !== null) return nikonFiles(settings);
  return (await isStackScan(path)) ? stackFiles(path) : [path];
}

const hdf5Name = /\.(h5|hdf5|hdf|nxs)$/i;

async function openSource(path: string, voxelSizeMm: number | null): Promise<ScanSource> {
  const status = await stat(path);
  if (status.isDirectory() && (await isWalnutFolder(path))) return openWalnutFolder(path, voxelSizeMm);
  const settings = await nikonSettingsFile(path);
  if (settings !== null) return openNikonScan(settings, voxelSizeMm);
  if (await isStackScan(path)) return openStackScan(path, voxelSizeMm);
  if (status.isFile() && hdf5Name.test(path)) return openHdf5Scan(path, voxelSizeMm);
  if (!status.isDirectory()) return openTorchScan(path, voxelSizeMm);
  const message = `${basename(path)} is a folder without a scan in it. Choose a .pt file, the .xtekct file of a Nikon scan, the folder of one walnut, or a folder of projections with vecs.txt or geometry.xml.`;
  throw new UserError(message, 'unsupported');
}

/** Values that are not finite, of a view or slice that has been read. */
export function countNonFinite(values: Float32Array): number {
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  return count;
}

function voxelSizeDoubts(geometry: ScanGeometry): ScanProblem[] {
  const fill = fillOfDetector(geometry);
  if (fill >= 0.5 && fill <= 1) return [];
  const size = Math.max(...geometry.voxelSizeMm);
  const seen = fill < 0.5 ? `only ${Math.round(fill * 100)} %` : `${fill.toFixed(1)} times`;
  const message = `With voxels of ${size} mm the volume fills ${seen} of what the detector sees; the voxel size is probably wrong. Set voxel_size (mm).`;
  return [{ severity: 'warning', message }];
}
