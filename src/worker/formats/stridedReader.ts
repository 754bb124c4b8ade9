/** Reads parts of an array that lies in a file with any strides, in row-major order, touching only the bytes needed. */
import { decodeElement, decodeElements, type ElementType, elementBytes, type NumberArray, sameRepresentation } from './elementTypes';
import { bytesOf, type RandomAccessFile } from './randomAccessFile';

/** An array as it lies on disk. Strides are in elements and not negative; checked by whoever made it. */
export interface StridedLayout {
  readonly type: ElementType;
  readonly littleEndian: boolean;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Byte position of element (0,0,...). */
  readonly offset: number;
}

/** Most bytes held at once beside the target. */
const chunkBytes = 8 * 1024 * 1024;

/** The strides of a row-major array without gaps. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return strides;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** target[0..count) = elements start..start+count of the array in row-major order. The caller has checked the range. */
export async function readStrided(
  file: RandomAccessFile,
  layout: StridedLayout,
  start: number,
  count: number,
  target: NumberArray,
): Promise<void> {
  const { shape, strides } = layout;
  // The longest run of elements that lie next to each other: the trailing axes without gaps.
  let run = 1;
  let axis = shape.length - 1;
  while (axis >= 0 && (strides[axis] === run || shape[axis] === 1)) run *= shape[axis--] ?? 1;
  if (run > 1 || count === 1) {
    for (let done = 0; done < count; ) {
      const length = Math.min(run - ((start + done) % run), count - done);
      await readRun(file, layout, storagePosition(layout, start + done), length, target, done);
      done += length;
    }
    return;
  }
  await gather(file, layout, start, count, target);
}

/** The layout of one plane of a three-axis array: `index` of `axis` (0, 1 or 2), the other two axes in their order. */
export function planeLayout(layout: StridedLayout, axis: 0 | 1 | 2, index: number): StridedLayout {
  const others = [0, 1, 2].filter((candidate) => candidate !== axis);
  return {
    ...layout,
    shape: others.map((other) => layout.shape[other] ?? 1),
    strides: others.map((other) => layout.strides[other] ?? 0),
    offset: layout.offset + index * (layout.strides[axis] ?? 0) * elementBytes(layout.type),
  };
}

/** Where element `index` (row-major) lies, in elements from the layout's offset. */
function storagePosition(layout: StridedLayout, index: number): number {
  let rest = index;
  let position = 0;
  for (let axis = layout.shape.length - 1; axis >= 0; axis--) {
    const size = layout.shape[axis] ?? 1;
    position += (rest % size) * (layout.strides[axis] ?? 0);
    rest = Math.floor(rest / size);
  }
  return position;
}

async function readRun(
  file: RandomAccessFile,
  layout: StridedLayout,
  position: number,
  length: number,
  target: NumberArray,
  targetStart: number,
): Promise<void> {
  const size = elementBytes(layout.type);
  const from = layout.offset + position * size;
  if (sameRepresentation(layout.type, layout.littleEndian, target)) {
    await file.readInto(bytesOf(target.subarray(targetStart, targetStart + length)), from);
    return;
  }
  const most = Math.floor(chunkBytes / size);
  for (let done = 0; done < length; done += most) {
    const part = Math.min(most, length - done);
    const raw = await file.read(from + done * size, part * size);
    decodeElements(raw, layout.type, layout.littleEndian, target, targetStart + done, part);
  }
}

/** For arrays whose neighbours lie apart (transposed): goes through the part of the file that holds the range, a chunk at a time, and picks the elements out. */
async function gather(file: RandomAccessFile, layout: StridedLayout, start: number, count: number, target: NumberArray): Promise<void> {
  const positions = new Float64Array(count);
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (let index = 0; index < count; index++) {
    const position = storagePosition(layout, start + index);
    positions[index] = position;
    lowest = Math.min(lowest, position);
    highest = Math.max(highest, position);
  }
  const size = elementBytes(layout.type);
  const most = Math.floor(chunkBytes / size);
  for (let from = lowest; from <= highest; from += most) {
    const until = Math.min(from + most, highest + 1);
    const raw = await file.read(layout.offset + from * size, (until - from) * size);
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let index = 0; index < count; index++) {
      const position = positions[index] ?? 0;
      if (position >= from && position < until) target[index] = decodeElement(view, layout.type, layout.littleEndian, position - from);
    }
  }
}
