/** Writes small TIFF images for tests, as scanners do and as they should not. */
export interface TestTiff {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
  readonly bits: number;
  /** 1 whole numbers, 2 with sign, 3 real. */
  readonly format: number;
  readonly bigEndian?: boolean;
  readonly bigTiff?: boolean;
  readonly rowsPerStrip?: number;
  readonly compression?: number;
  readonly samples?: number;
  readonly description?: string;
  /** A field of type 99, as the scanner of the walnuts writes one. */
  readonly brokenField?: boolean;
  /** Bytes right behind the pixels. */
  readonly following?: Uint8Array;
}

export function testTiff(image: TestTiff): Buffer {
  const little = image.bigEndian !== true;
  const big = image.bigTiff === true;
  const pixelBytes = Math.ceil(image.bits / 8);
  const start = big ? 16 : 8;
  const data = Buffer.alloc(image.width * image.height * pixelBytes);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  image.values.forEach((value, index) => {
    const at = index * pixelBytes;
    if (image.format === 3 && image.bits === 32) view.setFloat32(at, value, little);
    else if (pixelBytes === 8) view.setFloat64(at, value, little);
    else if (pixelBytes === 4) view.setInt32(at, value, little);
    else if (pixelBytes === 2) view.setInt16(at, value, little);
    else view.setInt8(at, value);
  });
  const rows = image.rowsPerStrip ?? image.height;
  const offsets = Array.from({ length: Math.ceil(image.height / rows) }, (_, strip) => start + strip * rows * image.width * pixelBytes);
  const following = Buffer.from(image.following ?? []);
  const tail: Buffer[] = [data, following];
  let end = start + data.length + following.length;
  const place = (bytes: Buffer): number => {
    tail.push(bytes);
    end += bytes.length;
    return end - bytes.length;
  };
  const integer = (bytes: number, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    const target = new DataView(buffer.buffer, buffer.byteOffset, bytes);
    if (bytes === 8) target.setBigUint64(0, BigInt(value), little);
    else if (bytes === 4) target.setUint32(0, value, little);
    else target.setUint16(0, value, little);
    return buffer;
  };
  const word = big ? 8 : 4;
  const offsetValue = offsets.length === 1 ? (offsets[0] ?? 0) : place(Buffer.concat(offsets.map((offset) => integer(word, offset))));
  const sizes = offsets.map((_, strip) => Math.min(rows, image.height - strip * rows) * image.width * pixelBytes);
  const sizeValue = sizes.length === 1 ? (sizes[0] ?? 0) : place(Buffer.concat(sizes.map((size) => integer(word, size))));
  const description = Buffer.from(`${image.description ?? 'a test image'}\0`, 'latin1');
  const fields: [number, number, number, number][] = [
    [256, 4, 1, image.width],
    [257, 4, 1, image.height],
    [258, 3, 1, image.bits],
    [259, 3, 1, image.compression ?? 1],
    [262, 3, 1, 1],
    [270, 2, description.length, place(description)],
    [273, big ? 16 : 4, offsets.length, offsetValue],
    [277, 3, 1, image.samples ?? 1],
    [278, 4, 1, rows],
    [279, big ? 16 : 4, offsets.length, sizeValue],
    [339, 3, 1, image.format],
  ];
  if (image.brokenField === true) fields.push([65001, 99, 1, 7]);
  const directory = end;
  const entries = fields.map(([tag, type, count, value]) => {
    const held = Buffer.alloc(word);
    const bytes = type === 3 ? 2 : word === 8 && type === 4 ? 4 : word;
    integer(bytes, value).copy(held);
    return Buffer.concat([integer(2, tag), integer(2, type), integer(word, count), held]);
  });
  const head = Buffer.alloc(start);
  head.write(little ? 'II' : 'MM', 'latin1');
  integer(2, big ? 43 : 42).copy(head, 2);
  if (big) integer(2, 8).copy(head, 4);
  integer(word, directory).copy(head, big ? 8 : 4);
  return Buffer.concat([head, ...tail, integer(big ? 8 : 2, fields.length), ...entries, Buffer.alloc(word)]);
}
