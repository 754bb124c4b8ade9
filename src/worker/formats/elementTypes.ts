/** Element types of arrays on disk: their size and how raw bytes become numbers. Where the bytes lie is left to each format. */

export type ElementType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool';

/** Arrays that elements can be read into. float64 values are rounded when the target is float32. */
export type NumberArray = Float32Array | Float64Array;

type ReadElement = (view: DataView, at: number, littleEndian: boolean) => number;

const readers: Readonly<Record<ElementType, { readonly bytes: number; readonly read: ReadElement }>> = {
  float64: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  float32: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  float16: { bytes: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  bfloat16: { bytes: 2, read: (view, at, little) => bfloatToNumber(view.getUint16(at, little)) },
  int64: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  int32: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  int16: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  uint64: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  uint32: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  uint16: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  uint8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  bool: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
};

export function elementBytes(type: ElementType): number {
  return readers[type].bytes;
}

export const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** True where the bytes on disk are those of `target` in memory. */
export function sameRepresentation(type: ElementType, littleEndian: boolean, target: NumberArray): boolean {
  return littleEndian === hostIsLittleEndian && type === (target instanceof Float32Array ? 'float32' : 'float64');
}

/** target[targetStart + i] = element i of `raw`, for `count` elements next to each other. */
export function decodeElements(
  raw: Uint8Array,
  type: ElementType,
  littleEndian: boolean,
  target: NumberArray,
  targetStart: number,
  count: number,
): void {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const { bytes, read } = readers[type];
  for (let index = 0; index < count; index++) target[targetStart + index] = read(view, index * bytes, littleEndian);
}

/** Element `index` of `raw`. */
export function decodeElement(view: DataView, type: ElementType, littleEndian: boolean, index: number): number {
  const { bytes, read } = readers[type];
  return read(view, index * bytes, littleEndian);
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
