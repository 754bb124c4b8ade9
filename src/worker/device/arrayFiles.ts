/** Arrays between .npy files and native memory, with the checks that a command line needs. */
import { basename } from 'node:path';
import type { NativeArray } from '../../native/binding';
import { UserError } from '../../shared/errors';
import { openNpy } from '../formats/npy';

const PART_ELEMENTS = 2 * 1024 * 1024;

/** Reads a whole .npy of exactly `shape` into `target`. `expected` says in words what belongs there, e.g. "the volume of scan.pt". */
export async function loadNpy(path: string, shape: readonly number[], target: NativeArray, expected: string): Promise<void> {
  const file = await openNpy(path);
  try {
    if (file.shape.length !== shape.length || file.shape.some((size, axis) => size !== shape[axis])) {
      throw new UserError(`${basename(path)} has the shape (${file.shape.join(', ')}); ${expected} needs (${shape.join(', ')}).`);
    }
    await readInto(file, target, basename(path));
  } finally {
    await file.close();
  }
}

/** Opens a .npy with three axes and answers its shape with a function that reads it. */
export async function npyVolumeShape(path: string): Promise<readonly [number, number, number]> {
  const file = await openNpy(path);
  await file.close();
  const [depth, height, width, extra] = file.shape;
  if (depth === undefined || height === undefined || width === undefined || extra !== undefined || file.elements === 0) {
    throw new UserError(`${basename(path)} has the shape (${file.shape.join(', ')}); a volume has three axes (depth, height, width).`);
  }
  return [depth, height, width];
}

async function readInto(
  file: { elements: number; read(target: Float32Array, start: number, count: number): Promise<void> },
  target: NativeArray,
  name: string,
): Promise<void> {
  const part = new Float32Array(Math.min(PART_ELEMENTS, file.elements));
  let nonFinite = 0;
  for (let start = 0; start < file.elements; start += PART_ELEMENTS) {
    const piece = part.subarray(0, Math.min(PART_ELEMENTS, file.elements - start));
    await file.read(piece, start, piece.length);
    for (const value of piece) if (!Number.isFinite(value)) nonFinite++;
    target.write(start, piece);
  }
  if (nonFinite > 0)
    throw new UserError(`${name} has ${nonFinite} values that are not finite numbers (NaN or infinite). Repair the array.`);
}
