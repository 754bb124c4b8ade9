/** Entry of the data process: opens files and cuts what the window shows, and writes volumes the user saves; holds no run. */
import { planRows } from '../../engine/plan/planRows';
import { toErrorMessage, UserError } from '../../shared/errors';
import type { DataMethods, DataNotices } from '../../shared/workerMessages';
import { hashScan } from '../formats/scanData';
import { serve } from '../serve';
import type { Watch } from '../watch';
import { describeArrays } from './describeArrays';
import { describeScan, geometryNumbers } from './describeScan';
import { OpenFiles } from './openFiles';
import { readUsage } from './readUsage';
import { saveGeometry } from './saveGeometry';
import { saveVolume } from './saveVolume';
import { averageBrick, cutSlice } from './slices';
import { glance } from './statistics';

const files = new OpenFiles();

/** The bytes of an array that was made for one answer. */
function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** System errors of a read name no path; this puts it in. */
async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof Error && 'code' in error && !('path' in error)) Object.assign(error, { path });
    const { message, code, details } = toErrorMessage(error);
    throw new UserError(code === 'internal' ? `${path} cannot be read: ${message}` : message, code, details);
  }
}

/** Long requests under way: what cancelTask sets and their work reads. */
const tasks = new Map<string, { cancelled: boolean }>();
const progressMs = 200;

/** Runs a long request so that it can be cancelled and tells how far it is, not too often. */
async function asTask<T>(task: string, work: (watch: Watch) => Promise<T>): Promise<T> {
  const state = { cancelled: false };
  tasks.set(task, state);
  let told = performance.now();
  try {
    return await work({
      progress: (fraction) => {
        if (performance.now() - told < progressMs) return;
        told = performance.now();
        server.notice('task', { task, fraction } satisfies DataNotices['task']);
      },
      cancelled: () => state.cancelled,
    });
  } finally {
    tasks.delete(task);
  }
}

const server = serve<DataMethods>(
  {
    inspect: ({ path, voxelSizeMm }) => reading(path, async () => describeScan(await files.scan(path, voxelSizeMm))),
    describeArrays: ({ path }) => reading(path, () => describeArrays(path)),
    contentHash: ({ path, task }) => asTask(task, (watch) => reading(path, async () => ({ sha256: await hashScan(path, watch) }))),
    planRows: ({ text, volumeShape }) => planRows(text, volumeShape),
    volumeInfo: ({ source }) =>
      reading(source.path, async () => {
        const { volume, voxelSizeMm, unit, title } = await files.volume(source);
        const { minimum, maximum } = await glance(volume);
        return { shape: [...volume.shape], voxelSizeMm, minimum, maximum, unit, title };
      }),
    slice: ({ source, axis, index }) =>
      reading(source.path, async () => {
        const { volume } = await files.volume(source);
        const { rows, columns, values } = await cutSlice(volume, axis, index);
        return { rows, columns, bytes: bytesOf(values) };
      }),
    brick: ({ source, max }) =>
      reading(source.path, async () => {
        const { volume } = await files.volume(source);
        const { shape, factor, values } = await averageBrick(volume, max);
        return { shape: [...shape], factor, bytes: bytesOf(values) };
      }),
    histogram: ({ source, bins }) =>
      reading(source.path, async () => {
        const { statistics } = await files.volume(source);
        return (await statistics()).histogram(bins);
      }),
    scanGeometry: ({ source }) =>
      reading(source.path, async () => {
        if (source.kind !== 'scan') throw new UserError('Only measured data has a geometry; an iterate has none.');
        const { geometry } = await files.scan(source.path, null);
        return geometryNumbers(geometry);
      }),
    saveVolume: ({ source, out, task }) => asTask(task, (watch) => saveVolume(source, out, watch)),
    saveGeometry: ({ path, voxelSizeMm, corrections, out }) => reading(path, () => saveGeometry(path, { voxelSizeMm }, corrections, out)),
    cancelTask: ({ task }) => {
      const state = tasks.get(task);
      if (state) state.cancelled = true;
      return null;
    },
    readUsage,
    close: async ({ path }) => {
      await files.close(path);
      return null;
    },
  },
  () => files.closeAll(),
  // Hashing 4 GB takes seconds of reading; slices must not wait for it, nor the editor for slices.
  ['contentHash', 'planRows', 'saveVolume', 'cancelTask', 'readUsage'],
);
