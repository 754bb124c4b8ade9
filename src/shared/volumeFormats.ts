/** The formats volumes are written in, as every process names them: a file's ending says which. Writing is the worker's. */
import { UserError } from './errors';

export interface VolumeFormat {
  readonly name: 'npy' | 'tiff' | 'tiff-slices' | 'mhd' | 'nrrd' | 'nifti';
  /** For people. */
  readonly label: string;
  /** With dots; the first is what we write. Empty: a folder. */
  readonly endings: readonly string[];
  /** True where the file tells the size of its voxels. */
  readonly keepsSpacing: boolean;
}

const npy: VolumeFormat = { name: 'npy', label: 'NumPy array', endings: ['.npy'], keepsSpacing: false };
const tiffSlices: VolumeFormat = { name: 'tiff-slices', label: 'TIFF, a folder of slices', endings: [], keepsSpacing: true };

export const volumeFormats: readonly VolumeFormat[] = [
  npy,
  { name: 'tiff', label: 'TIFF, one file of pages', endings: ['.tif', '.tiff'], keepsSpacing: true },
  tiffSlices,
  { name: 'mhd', label: 'MetaImage (.mhd and .raw)', endings: ['.mhd'], keepsSpacing: true },
  { name: 'nrrd', label: 'NRRD', endings: ['.nrrd'], keepsSpacing: true },
  { name: 'nifti', label: 'NIfTI-1', endings: ['.nii'], keepsSpacing: true },
];

/**
 * The format a path asks for: by its ending; a path that ends in a slash is a folder of TIFF slices; without any ending it is .npy.
 * Throws UserError for an ending volumes are not written with.
 */
export function volumeFormatOf(path: string): VolumeFormat {
  if (/[/\\]$/.test(path)) return tiffSlices;
  const name = path.split(/[/\\]/).at(-1) ?? '';
  const ending = /.(\.[^.]+)$/.exec(name)?.[1]?.toLowerCase();
  if (ending === undefined) return npy;
  const found = volumeFormats.find(({ endings }) => endings.includes(ending));
  if (found !== undefined) return found;
  const known = volumeFormats.flatMap(({ endings }) => endings).join(', ');
  throw new UserError(`${name}: volumes are not written as ${ending}. Use ${known}, or a name that ends in / for a folder of TIFF slices.`);
}
