/** Reprojects a coarser copy of the reference along offset vectors and compares it with measured views; looks through the reference on the way. */
import { offsetViews } from '../../engine/quality/correctGeometry';
import type { ReferenceFacts } from '../../engine/quality/findings';
import { coarserDetector, coarserVolume, gatherPixels, offsetsTried, type Residual, residualOf } from '../../engine/quality/reprojection';
import { loadNative, type NativeArray } from '../../native/binding';
import { type ScanGeometry, selectViews, type VolumeShape } from '../../shared/geometry';
import type { ScanData } from '../formats/scanData';

/** Edge of the volume that is reprojected: enough to see a turn by a third of a degree, and done in seconds. */
const largestEdge = 200;

export interface MeasuredView {
  /** Position in the file. */
  readonly index: number;
  readonly values: Float32Array;
}

export interface Comparison {
  readonly reference: ReferenceFacts;
  /** Empty where the reference is all zero or has values that are no numbers. */
  readonly residuals: readonly Residual[];
}

export async function compareReference(
  scan: ScanData,
  measured: readonly MeasuredView[],
  isBad: (pixel: number) => boolean,
  isClosed: boolean,
  options: { readonly threads: number; readonly onProgress: (fraction: number) => void },
): Promise<Comparison> {
  const factor = Math.ceil(Math.max(...scan.geometry.volumeShape) / largestEdge);
  const { volume, facts } = await readCoarse(scan, factor, (fraction) => options.onProgress(fraction / 2));
  if (facts.isAllZero || facts.nonFinite > 0) return { reference: facts, residuals: [] };
  const native = loadNative();
  const geometry = coarserVolume(coarserDetector(scan.geometry, factor), factor);
  const pixels = geometry.detectorRows * geometry.detectorColumns;
  const gathered = new Float32Array(measured.length * pixels);
  measured.forEach(({ values }, position) => {
    const target = gathered.subarray(position * pixels, (position + 1) * pixels);
    gatherPixels(values, scan.geometry.detectorColumns, target, geometry.detectorColumns, factor, isBad);
  });
  const arrays = [native.createArray(volume.length), native.createArray(gathered.length)] as const;
  try {
    arrays[0].write(0, volume);
    const projected = new Float32Array(gathered.length);
    const residuals: Residual[] = [];
    for (const [done, offset] of offsetsTried.entries()) {
      const views = measured.map(({ index }) => index);
      await project(selectViews(offsetViews(geometry, offset, isClosed), views), arrays[0], arrays[1], options.threads);
      arrays[1].read(0, projected);
      // Bad pixels are NaN in what was gathered.
      residuals.push(residualOf(offset, gathered, projected, () => false));
      options.onProgress(0.5 + (done + 1) / offsetsTried.length / 2);
    }
    return { reference: facts, residuals };
  } finally {
    for (const array of arrays) array.close();
  }
}

async function project(geometry: ScanGeometry, volume: NativeArray, sinogram: NativeArray, threads: number): Promise<void> {
  const projector = loadNative().createProjector(geometry, { device: 'cpu' });
  try {
    await projector.forward(volume, sinogram, { threads });
  } finally {
    projector.close();
  }
}

/** Means of factor^3 voxels, slice by slice, and what there is to say of the slices. */
async function readCoarse(
  scan: ScanData,
  factor: number,
  onProgress: (fraction: number) => void,
): Promise<{ volume: Float32Array; facts: ReferenceFacts }> {
  const [depth, height, width] = scan.geometry.volumeShape;
  const [coarseDepth, coarseHeight, coarseWidth] = coarserVolume(scan.geometry, factor).volumeShape satisfies VolumeShape;
  const volume = new Float32Array(coarseDepth * coarseHeight * coarseWidth);
  const slice = new Float32Array(height * width);
  const isEmpty: boolean[] = [];
  let nonFinite = 0;
  for (let z = 0; z < depth; z++) {
    await scan.readReferenceSlices(z, 1, slice);
    isEmpty.push(slice.every((value) => value === 0));
    for (const value of slice) if (!Number.isFinite(value)) nonFinite++;
    const coarse = Math.floor(z / factor);
    if (coarse < coarseDepth)
      addSlice(
        slice,
        width,
        volume.subarray(coarse * coarseHeight * coarseWidth, (coarse + 1) * coarseHeight * coarseWidth),
        coarseWidth,
        factor,
      );
    onProgress((z + 1) / depth);
  }
  const [first, last] = [isEmpty.indexOf(false), isEmpty.lastIndexOf(false)];
  const emptyInside = first < 0 ? 0 : isEmpty.slice(first, last).filter(Boolean).length;
  return { volume, facts: { slices: depth, emptyInside, isAllZero: first < 0, nonFinite } };
}

function addSlice(slice: Float32Array, width: number, target: Float32Array, targetWidth: number, factor: number): void {
  for (let voxel = 0; voxel < target.length; voxel++) {
    const [row, column] = [Math.floor(voxel / targetWidth) * factor, (voxel % targetWidth) * factor];
    let sum = 0;
    for (let r = row; r < row + factor; r++) for (let c = column; c < column + factor; c++) sum += slice[r * width + c] as number;
    target[voxel] = (target[voxel] as number) + sum / factor ** 3;
  }
}
