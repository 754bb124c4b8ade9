/** A x and A^T y of a scan's geometry from file to file, for the command line; rows of an experiment go through deviceSession. */
import { basename } from 'node:path';
import { selectViews as chosenViews } from '../../engine/plan/viewSelection';
import { type DeviceName, loadNative, type NativeArray } from '../../native/binding';
import { UserError } from '../../shared/errors';
import { type ScanGeometry, selectViews } from '../../shared/geometry';
import type { ProjectionAnswer, ProjectionJob } from '../../shared/workerMessages';
import type { ScanData } from '../formats/scanData';
import { placeOfProjections, placeOfVolume } from '../formats/volumePlace';
import { writeVolume } from '../formats/volumeWriter';
import { openCorrectedScan } from '../quality/correctedScan';
import { loadNpy } from './arrayFiles';
import { gpuMemoryLimitMiB } from './gpuMemoryLimit';

type Notify = (name: 'progress' | 'log', payload: unknown) => void;

const PROGRESS_MS = 250;

interface Opened {
  readonly scan: ScanData;
  readonly geometry: ScanGeometry;
  /** Positions in the file. */
  readonly views: readonly number[];
  readonly volume: NativeArray;
  readonly sinogram: NativeArray;
  readonly sinogramShape: readonly [number, number, number];
}

/** Writes A x, (views, rows, columns), of the volume file or of the scan's reference. */
export function forwardFile(job: ProjectionJob, notify: Notify): Promise<ProjectionAnswer> {
  return withScan(job, async (opened) => {
    const { scan, geometry, volume, sinogram, sinogramShape } = opened;
    if (job.inputPath !== null) await loadNpy(job.inputPath, geometry.volumeShape, volume, `the volume of ${basename(job.dataPath)}`);
    else await loadReference(opened);
    const seconds = await project(job, opened, notify, (projector, options) => projector.forward(volume, sinogram, options));
    await writeVolume(job.outPath, placeOfProjections(geometry), (start, target) => sinogram.read(start, target));
    return answer(opened, sinogramShape, seconds, await distanceToMeasured(scan, opened));
  });
}

/** Writes A^T y, (D,H,W), of the sinogram file or of the scan's own sinogram. */
export function backFile(job: ProjectionJob, notify: Notify): Promise<ProjectionAnswer> {
  return withScan(job, async (opened) => {
    const { scan, geometry, volume, sinogram, sinogramShape, views } = opened;
    if (job.inputPath !== null) {
      await loadNpy(job.inputPath, sinogramShape, sinogram, `the sinogram of ${views.length} views of ${basename(job.dataPath)}`);
    } else {
      const length = sinogramShape[1] * sinogramShape[2];
      const view = new Float32Array(length);
      for (const [position, index] of views.entries()) {
        await scan.readSinogramView(index, view);
        refuseNonFinite(view, `View ${index} of the sinogram in ${scan.name}`);
        sinogram.write(position * length, view);
      }
    }
    const seconds = await project(job, opened, notify, (projector, options) => projector.back(sinogram, volume, options));
    await writeVolume(job.outPath, placeOfVolume(geometry), (start, target) => volume.read(start, target));
    return answer(opened, geometry.volumeShape, seconds, null);
  });
}

async function withScan(job: ProjectionJob, work: (opened: Opened) => Promise<ProjectionAnswer>): Promise<ProjectionAnswer> {
  const native = loadNative();
  const scan = await openCorrectedScan(job.dataPath, job.corrections, { voxelSizeMm: job.voxelSizeMm });
  const arrays: NativeArray[] = [];
  const allocate = (shape: readonly number[]): NativeArray => {
    const array = native.createArray(shape.reduce((product, size) => product * size, 1));
    arrays.push(array);
    return array;
  };
  try {
    const views = chosenViews(scan.views, job.views ?? scan.views);
    const geometry = selectViews(scan.geometry, views);
    const sinogramShape = [views.length, geometry.detectorRows, geometry.detectorColumns] as const;
    return await work({ scan, geometry, views, sinogramShape, volume: allocate(geometry.volumeShape), sinogram: allocate(sinogramShape) });
  } finally {
    for (const array of arrays) array.close();
    await scan.close();
  }
}

/** Seconds of the call. */
async function project(
  job: ProjectionJob,
  { geometry }: Opened,
  notify: Notify,
  call: (
    projector: ReturnType<ReturnType<typeof loadNative>['createProjector']>,
    options: { threads: number; cancel: ReturnType<ReturnType<typeof loadNative>['createCancelToken']> },
  ) => Promise<void>,
): Promise<number> {
  const native = loadNative();
  native.openDevice(job.device as DeviceName, { memoryLimitMiB: gpuMemoryLimitMiB(process.env) });
  const projector = native.createProjector(geometry, { device: job.device as DeviceName });
  const cancel = native.createCancelToken();
  const timer = setInterval(() => notify('progress', { step: 'project', fraction: cancel.progress() }), PROGRESS_MS);
  try {
    const start = performance.now();
    await call(projector, { threads: job.threads, cancel });
    return (performance.now() - start) / 1000;
  } finally {
    clearInterval(timer);
    projector.close();
  }
}

async function loadReference({ scan, geometry, volume }: Opened): Promise<void> {
  if (scan.referenceShape === null) {
    throw new UserError(`${scan.name} has no reference volume (dense_reconstruction). Give a volume with --volume.`);
  }
  const [depth, height, width] = geometry.volumeShape;
  const slice = new Float32Array(height * width);
  for (let index = 0; index < depth; index++) {
    await scan.readReferenceSlices(index, 1, slice);
    refuseNonFinite(slice, `Slice ${index} of dense_reconstruction in ${scan.name}`);
    volume.write(index * slice.length, slice);
  }
}

function refuseNonFinite(values: Float32Array, what: string): void {
  if (!values.every(Number.isFinite))
    throw new UserError(`${what} has values that are not finite numbers (NaN or infinite). Repair the data.`);
}

/** ||A x - y|| / ||y|| over the chosen views; null where the measured data is zero or not finite. */
async function distanceToMeasured(scan: ScanData, { views, sinogram, sinogramShape }: Opened): Promise<number | null> {
  const length = sinogramShape[1] * sinogramShape[2];
  const [computed, measured] = [new Float32Array(length), new Float32Array(length)];
  let difference = 0;
  let size = 0;
  for (const [position, index] of views.entries()) {
    await scan.readSinogramView(index, measured);
    sinogram.read(position * length, computed);
    for (let pixel = 0; pixel < length; pixel++) {
      const y = measured[pixel] ?? 0;
      difference += ((computed[pixel] ?? 0) - y) ** 2;
      size += y ** 2;
    }
  }
  const ratio = Math.sqrt(difference / size);
  return Number.isFinite(ratio) ? ratio : null;
}

function answer({ geometry, views }: Opened, shape: readonly number[], seconds: number, relativeL2: number | null): ProjectionAnswer {
  return { shape, views: views.length, volumeShape: geometry.volumeShape, voxelSizeMm: geometry.voxelSizeMm[0], seconds, relativeL2 };
}
