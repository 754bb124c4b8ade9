/** Writes copies of a sample scan with one thing wrong, for tests of the data check and of the corrections. */
import { openScan } from '../../../src/worker/formats/scanData';
import { writeTorchFile } from '../../../src/worker/formats/torchWriter';

export interface Fault {
  /** Changes one view (rows, columns) in place. */
  readonly view?: (values: Float32Array, index: number) => void;
  /** Changes the vectors (views x 12) in place. */
  readonly vectors?: (vectors: Float64Array) => void;
  /** Changes one slice of the reference in place. */
  readonly slice?: (values: Float32Array, index: number) => void;
  /** Columns kept of the detector, from this one to before that one. */
  readonly columns?: readonly [from: number, to: number];
  /** Which image stands in the place of view i; default: its own. */
  readonly imageOf?: (view: number, views: number) => number;
  readonly withoutReference?: boolean;
}

export async function writeFaultyScan(source: string, target: string, fault: Fault): Promise<void> {
  const scan = await openScan(source);
  try {
    const [views, rows, columns] = scan.sinogramShape;
    const [from, to] = fault.columns ?? [0, columns];
    const [depth, height, width] = scan.geometry.volumeShape;
    const vectors = scan.geometry.vectors.slice();
    for (let view = 0; view < views; view++) {
      // The middle of the columns that are left.
      const shift = (from + to - columns) / 2;
      for (let axis = 0; axis < 3; axis++) vectors[view * 12 + 3 + axis]! += shift * vectors[view * 12 + 6 + axis]!;
    }
    fault.vectors?.(vectors);
    await writeTorchFile(
      target,
      [
        ...(fault.withoutReference
          ? []
          : [
              {
                key: 'dense_reconstruction',
                shape: [depth, height, width],
                type: 'float32' as const,
                write: async (put: (part: Float32Array) => Promise<void>) => {
                  const slice = new Float32Array(height * width);
                  for (let z = 0; z < depth; z++) {
                    await scan.readReferenceSlices(z, 1, slice);
                    fault.slice?.(slice, z);
                    await put(slice);
                  }
                },
              },
            ]),
        {
          key: 'sinogram',
          shape: [views, rows, to - from],
          type: 'float32',
          write: async (put) => {
            const image = new Float32Array(rows * columns);
            for (let view = 0; view < views; view++) {
              await scan.readSinogramView(fault.imageOf?.(view, views) ?? view, image);
              const cropped = new Float32Array(rows * (to - from));
              for (let row = 0; row < rows; row++) cropped.set(image.subarray(row * columns + from, row * columns + to), row * (to - from));
              fault.view?.(cropped, view);
              await put(cropped);
            }
          },
        },
        { key: 'vecs', shape: [views, 12], type: 'float64', write: (put) => put(vectors) },
      ],
      { voxel_size: scan.geometry.voxelSizeMm[0] },
    );
  } finally {
    await scan.close();
  }
}

/** By `pixels` along its columns, the same in all views; vectors (views x 12) in place. */
export function moveDetector(vectors: Float64Array, pixels: number): void {
  for (let start = 0; start < vectors.length; start += 12) {
    for (let axis = 0; axis < 3; axis++) vectors[start + 3 + axis]! += pixels * vectors[start + 6 + axis]!;
  }
}
