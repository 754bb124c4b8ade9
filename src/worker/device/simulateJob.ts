/** Makes a scan of a phantom: exact line integrals from where the views really were, detector blur, photon noise; a .pt file in the layout of the published data. */
import { projectBodies, sliceOfBodies } from '../../engine/phantom/bodies';
import { blurDetector } from '../../engine/phantom/detectorBlur';
import { makePhantom } from '../../engine/phantom/phantoms';
import { walnutScanner } from '../../engine/phantom/scanner';
import type { SimulateAnswer, SimulateJob } from '../../shared/workerMessages';
import { writeTorchFile } from '../formats/torchWriter';
import { addPhotonNoise } from './photonNoise';

type Notify = (name: 'progress' | 'log', payload: unknown) => void;

/** Points along each axis of a voxel whose mean it becomes. */
const samples = 3;

export async function simulateFile(job: SimulateJob, notify: Notify): Promise<SimulateAnswer> {
  const { size, views, photons, seed, out } = job;
  // The file tells where the views were meant to be; jitter is what nobody knows of.
  const geometry = walnutScanner(size, views);
  const actual = walnutScanner(size, views, job.jitterDegrees, seed);
  const { detectorRows, detectorColumns, volumeShape } = geometry;
  const voxelSizeMm = geometry.voxelSizeMm[0];
  const phantom = makePhantom(job.phantom, seed);
  const steps = size + views;
  const progress = async (step: string, done: number) => {
    notify('progress', { step, fraction: done / steps });
    // The arithmetic keeps this process busy; messages are read here.
    await new Promise((resolve) => setImmediate(resolve));
  };
  const bytes = await writeTorchFile(
    out,
    [
      {
        key: 'dense_reconstruction',
        shape: volumeShape,
        type: 'float32',
        write: async (put) => {
          const slice = new Float32Array(size * size);
          for (let z = 0; z < size; z++) {
            sliceOfBodies(phantom, volumeShape, voxelSizeMm, z, samples, slice);
            await put(slice);
            await progress('volume', z + 1);
          }
        },
      },
      {
        key: 'sinogram',
        shape: [views, detectorRows, detectorColumns],
        type: 'float32',
        write: async (put) => {
          const projection = new Float32Array(detectorRows * detectorColumns);
          for (let view = 0; view < views; view++) {
            projectBodies(phantom, actual, view, projection);
            blurDetector(projection, detectorRows, detectorColumns, job.blurPixels);
            if (photons !== null) addPhotonNoise(projection, photons, seed, view);
            await put(projection);
            await progress('projections', size + view + 1);
          }
        },
      },
      { key: 'vecs', shape: [views, 12], type: 'float64', write: (put) => put(geometry.vectors) },
    ],
    { voxel_size: voxelSizeMm },
  );
  return { volumeShape, sinogramShape: [views, detectorRows, detectorColumns], voxelSizeMm, bytes };
}
