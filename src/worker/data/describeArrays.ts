/** What is in a file of arrays that need not be a scan: names, shapes and types; no array is read. */
import { extname } from 'node:path';
import type { ArrayFileSummary } from '../../shared/workerMessages';
import { openNpy } from '../formats/npy';
import { openTorchFile } from '../formats/torchFile';

/** .npy by its name, everything else as written by torch.save. Throws UserError where it is neither. */
export async function describeArrays(path: string): Promise<ArrayFileSummary> {
  if (extname(path).toLowerCase() === '.npy') {
    const file = await openNpy(path);
    await file.close();
    return {
      kind: 'NumPy array',
      bytes: file.bytes,
      arrays: [{ name: 'array', shape: file.shape, dtype: file.dtype }],
      scalars: {},
      problems: [],
    };
  }
  const file = await openTorchFile(path);
  try {
    return {
      kind: 'PyTorch file',
      bytes: file.bytes,
      arrays: [...file.entries.values()].map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      scalars: Object.fromEntries(file.scalars),
      problems: file.problems,
    };
  } finally {
    await file.close();
  }
}
