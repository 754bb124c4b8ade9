/** What is in a file of arrays that need not be a scan: names, shapes and types; no array is read. */
import { extname } from 'node:path';
import type { ArrayFileSummary } from '../../shared/workerMessages';
import { openMetaImage } from '../formats/metaImage';
import { openNpy } from '../formats/npy';
import { openTiff } from '../formats/tiffFile';
import { openTorchFile } from '../formats/torchFile';

type Describe = (path: string) => Promise<ArrayFileSummary>;

const byEnding: Readonly<Record<string, Describe>> = {
  '.npy': describeNpy,
  '.mhd': describeMetaImage,
  '.mha': describeMetaImage,
  '.tif': describeTiff,
  '.tiff': describeTiff,
};

/** By its name, everything else as written by torch.save. Throws UserError where it is not that. */
export function describeArrays(path: string): Promise<ArrayFileSummary> {
  const ending = extname(path).toLowerCase();
  return (Object.hasOwn(byEnding, ending) ? (byEnding[ending] ?? describeTorch) : describeTorch)(path);
}

async function describeNpy(path: string): Promise<ArrayFileSummary> {
  const file = await openNpy(path);
  await file.close();
  return oneArray('NumPy array', file.bytes, file.shape, file.dtype);
}

async function describeMetaImage(path: string): Promise<ArrayFileSummary> {
  const file = await openMetaImage(path);
  await file.close();
  return { ...oneArray('MetaImage', file.bytes, file.shape, file.type), scalars: { spacing_mm: file.spacingMm.join(' x ') } };
}

async function describeTiff(path: string): Promise<ArrayFileSummary> {
  const file = await openTiff(path);
  await file.close();
  const [first] = file.pages;
  const shape = [file.pages.length, first?.height ?? 0, first?.width ?? 0];
  const { z, xy } = file.spacingMm;
  return {
    ...oneArray('TIFF', file.bytes, shape, first?.type ?? 'none'),
    scalars: { ...(z === null ? {} : { page_spacing_mm: z }), ...(xy === null ? {} : { pixel_mm: xy }) },
  };
}

async function describeTorch(path: string): Promise<ArrayFileSummary> {
  const file = await openTorchFile(path);
  await file.close();
  return {
    kind: 'PyTorch file',
    bytes: file.bytes,
    arrays: [...file.entries.values()].map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    scalars: Object.fromEntries(file.scalars),
    problems: file.problems,
  };
}

function oneArray(kind: string, bytes: number, shape: readonly number[], dtype: string): ArrayFileSummary {
  return { kind, bytes, arrays: [{ name: 'array', shape, dtype }], scalars: {}, problems: [] };
}
