/** Reads a bundled walnut for the native tests and the benchmark: the plain zip that torch.save writes, in the layout these two files have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScanGeometry } from '../../src/shared/geometry';

export interface Walnut {
  readonly geometry: ScanGeometry;
  readonly reference: Float32Array;
  readonly sinogram: Float32Array;
}

const shapes = {
  'walnut-mini': { volume: 100, voxelSizeMm: 0.5, rows: 194, columns: 154, views: 120 },
  'walnut-tiny': { volume: 40, voxelSizeMm: 1.25, rows: 78, columns: 61, views: 40 },
};

/** The stored (never compressed) entry of a zip whose name ends with `suffix`. */
function storedEntry(zip: Buffer, suffix: string): ArrayBuffer {
  let at = zip.readUInt32LE(zip.lastIndexOf('PK\u0005\u0006') + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const name = zip.toString('latin1', at + 46, at + 46 + nameLength!);
    if (name.endsWith(suffix)) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      return new Uint8Array(zip.subarray(start, start + zip.readUInt32LE(at + 24))).buffer;
    }
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  throw new Error(`no entry ${suffix}`);
}

export function openScan(name: keyof typeof shapes): Walnut {
  const zip = readFileSync(join(process.cwd(), 'resources', 'samples', `${name}.pt`));
  const { volume, voxelSizeMm, rows, columns } = shapes[name];
  return {
    reference: new Float32Array(storedEntry(zip, 'data/0')),
    sinogram: new Float32Array(storedEntry(zip, 'data/1')),
    geometry: {
      type: 'conebeam',
      volumeShape: [volume, volume, volume],
      voxelSizeMm: [voxelSizeMm, voxelSizeMm, voxelSizeMm],
      volumeCentreMm: [0, 0, 0],
      detectorRows: rows,
      detectorColumns: columns,
      vectors: new Float64Array(storedEntry(zip, 'data/2')),
    },
  };
}
