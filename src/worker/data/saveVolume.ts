/** Copies a volume that can be looked at into a file of another format, slice by slice, with progress and cancel; holds at most a few MiB of it. */
import { UserError } from '../../shared/errors';
import type { VolumeSource } from '../../shared/workerMessages';
import { openNpy } from '../formats/npy';
import { openScan } from '../formats/scanData';
import { placeOfProjections, placeOfVolume, type VolumePlace } from '../formats/volumePlace';
import { writeVolume } from '../formats/volumeWriter';
import type { Watch } from '../watch';
import { inRows } from './volumeRows';

interface Readable {
  readonly place: VolumePlace;
  /** target = elements start.. of (D,H,W). */
  read(start: number, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** Writes the volume in the format `out` asks for and answers the bytes written. Rejects with code `cancelled` when asked to stop; nothing is left then. */
export async function saveVolume(source: VolumeSource, out: string, watch: Watch): Promise<{ bytes: number }> {
  const volume = await openReadable(source);
  try {
    const [depth, height, width] = volume.place.shape;
    const total = depth * height * width;
    const bytes = await writeVolume(out, volume.place, async (start, target) => {
      if (watch.cancelled()) throw new UserError('Saving was cancelled.', 'cancelled');
      await volume.read(start, target);
      watch.progress((start + target.length) / total);
    });
    return { bytes };
  } finally {
    await volume.close();
  }
}

/** Opened anew, apart from what the viewer holds: a long copy must not be ended by a file that is closed there. */
async function openReadable(source: VolumeSource): Promise<Readable> {
  if (source.kind === 'npy') {
    const file = await openNpy(source.path);
    const [depth = 0, height = 0, width = 0] = file.shape;
    if (file.shape.length !== 3 || file.elements === 0) {
      await file.close();
      throw new UserError(`${source.path} is no volume: its shape is (${file.shape.join(', ')}), three axes are needed.`);
    }
    const size = source.voxelSizeMm;
    return {
      place: { shape: [depth, height, width], voxelSizeMm: [size, size, size], centreMm: [0, 0, 0] },
      read: (start, target) => file.read(target, start, target.length),
      close: () => file.close(),
    };
  }
  const scan = await openScan(source.path);
  if (source.array === 'sinogram') {
    const place = placeOfProjections(scan.geometry);
    const read = inRows(place.shape[1] * place.shape[2], (view, target) => scan.readSinogramView(view, target));
    return { place, read, close: () => scan.close() };
  }
  if (scan.referenceShape === null) {
    await scan.close();
    throw new UserError(`${scan.name} has no reference volume to save.`, 'not_found');
  }
  const place = placeOfVolume(scan.geometry);
  const read = inRows(place.shape[1] * place.shape[2], (slice, target) => scan.readReferenceSlices(slice, 1, target));
  return { place, read, close: () => scan.close() };
}
