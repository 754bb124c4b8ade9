/** Writes a volume in the format its file name asks for, streaming, with the spacing where the format has room for it. */
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import { type VolumeFormat, volumeFormatOf } from '../../shared/volumeFormats';
import { inParts, type ReadElements, writeNpyVolume } from './npy';
import { bytesOf } from './randomAccessFile';
import { elementCount } from './stridedReader';
import { writeTiffFiles, writeTiffPages } from './tiffWriter';
import type { VolumePlace } from './volumePlace';
import { writeFileWhole } from './wholeFile';

type Writer = (path: string, place: VolumePlace, read: ReadElements) => Promise<number>;

const writers: Readonly<Record<VolumeFormat['name'], Writer>> = {
  npy: (path, { shape }, read) => writeNpyVolume(path, shape, read),
  tiff: (path, place, read) => writeTiffPages(path, place.shape, place, read),
  'tiff-slices': (path, place, read) => writeTiffFiles(path.replace(/[/\\]+$/, ''), 'slice', place.shape, place, read),
  mhd: writeMetaImage,
  nrrd: (path, place, read) => writeRaw(path, new TextEncoder().encode(nrrdHeader(place)), place, read),
  nifti: (path, place, read) => writeRaw(path, niftiHeader(place, basename(path)), place, read),
};

/**
 * Writes float32 (D,H,W) in the format the path asks for (volumeFormatOf) and answers the bytes written. Throws UserError for an unknown ending;
 * system errors (disk full, no permission) and what `read` throws pass as they are. A failed write leaves nothing of that name.
 */
export async function writeVolume(path: string, place: VolumePlace, read: ReadElements): Promise<number> {
  return writers[volumeFormatOf(path).name](path, place, read);
}

/** The text .mhd and the numbers in .raw beside it; the text last, so that it never names a file that is not whole. */
async function writeMetaImage(path: string, place: VolumePlace, read: ReadElements): Promise<number> {
  const raw = `${path.slice(0, -4)}.raw`;
  const bytes = await writeRaw(raw, new Uint8Array(0), place, read);
  const header = new TextEncoder().encode(metaImageHeader(place, basename(raw)));
  await writeFileWhole(path, header.length, (file) => file.write(header, 0));
  return bytes + header.length;
}

async function writeRaw(path: string, header: Uint8Array, { shape }: VolumePlace, read: ReadElements): Promise<number> {
  const total = elementCount(shape);
  await writeFileWhole(path, header.length + total * 4, async (file) => {
    await file.write(header, 0);
    await inParts(total, read, (part, start) => file.write(bytesOf(part), header.length + start * 4));
  });
  return header.length + total * 4;
}

/** Centre of voxel (0,0,0) as (x,y,z) in mm. The bytes of (D,H,W) in C order are those of (x,y,z) with x fastest. */
function firstVoxelMm({ shape, voxelSizeMm, centreMm }: VolumePlace): [number, number, number] {
  const at = (axis: 0 | 1 | 2) => centreMm[axis] - ((shape[2 - axis] ?? 1) - 1) * 0.5 * (voxelSizeMm[2 - axis] ?? 0);
  return [at(0), at(1), at(2)];
}

/** MetaImage; ElementDataFile must be the last line. */
function metaImageHeader(place: VolumePlace, rawName: string): string {
  return [
    'ObjectType = Image',
    'NDims = 3',
    'BinaryData = True',
    'BinaryDataByteOrderMSB = False',
    'CompressedData = False',
    'TransformMatrix = 1 0 0 0 1 0 0 0 1',
    `Offset = ${firstVoxelMm(place).join(' ')}`,
    'CenterOfRotation = 0 0 0',
    `ElementSpacing = ${[...place.voxelSizeMm].reverse().join(' ')}`,
    `DimSize = ${[...place.shape].reverse().join(' ')}`,
    'ElementType = MET_FLOAT',
    `ElementDataFile = ${rawName}`,
    '',
  ].join('\n');
}

/** NRRD0004 with the data attached behind an empty line. Format: teem.sourceforge.net/nrrd/format.html */
function nrrdHeader(place: VolumePlace): string {
  const [z, y, x] = place.voxelSizeMm;
  return [
    'NRRD0004',
    'type: float',
    'dimension: 3',
    'space dimension: 3',
    'space units: "mm" "mm" "mm"',
    `sizes: ${[...place.shape].reverse().join(' ')}`,
    `space directions: (${x},0,0) (0,${y},0) (0,0,${z})`,
    `space origin: (${firstVoxelMm(place).join(',')})`,
    'kinds: domain domain domain',
    'endian: little',
    'encoding: raw',
    '',
    '',
  ].join('\n');
}

/** NIfTI-1 with the data attached (348 bytes, 4 bytes of "no extensions"). Format: nifti1.h */
function niftiHeader(place: VolumePlace, name: string): Uint8Array {
  const longest = Math.max(...place.shape);
  if (longest > 32767) throw new UserError(`${name}: NIfTI holds at most 32767 voxels an axis; this volume has ${longest}. Use .nrrd.`);
  const bytes = new Uint8Array(352);
  const view = new DataView(bytes.buffer);
  const [depth, height, width] = place.shape;
  const [z, y, x] = place.voxelSizeMm;
  view.setInt32(0, 348, true);
  [3, width, height, depth, 1, 1, 1, 1].forEach((value, index) => {
    view.setInt16(40 + index * 2, value, true);
  });
  view.setInt16(70, 16, true); // float32
  view.setInt16(72, 32, true);
  [1, x, y, z].forEach((value, index) => {
    view.setFloat32(76 + index * 4, value, true);
  });
  view.setFloat32(108, 352, true); // where the data begins
  view.setFloat32(112, 1, true);
  view.setUint8(123, 2); // mm
  view.setInt16(254, 1, true); // sform: scanner coordinates
  const origin = firstVoxelMm(place);
  [x, y, z].forEach((size, axis) => {
    view.setFloat32(280 + axis * 16 + axis * 4, size, true);
    view.setFloat32(280 + axis * 16 + 12, origin[axis] ?? 0, true);
  });
  bytes.set(new TextEncoder().encode('n+1\0'), 344);
  return bytes;
}
