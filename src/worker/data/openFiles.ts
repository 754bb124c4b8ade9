/** Keeps a few scans and iterates open between requests, notices when a file has changed, and bounds the memory they take. */
import { stat } from 'node:fs/promises';
import { UserError } from '../../shared/errors';
import type { VolumeSource } from '../../shared/workerMessages';
import { openNpy } from '../formats/npy';
import { openScan, type ScanData } from '../formats/scanData';
import { describeValues, type VolumeStatistics } from './statistics';
import { CachedVolume, type Shape } from './volumeReader';

/** A volume that can be looked at, with what is already known of it. */
export interface OpenVolume {
  readonly volume: CachedVolume;
  readonly voxelSizeMm: number;
  readonly unit: string;
  readonly title: string;
  /** Computed at the first call. */
  statistics(): Promise<VolumeStatistics>;
}

interface OpenFile {
  /** Size and time of the file when it was opened. */
  readonly stamp: string;
  readonly scan: ScanData | null;
  readonly volumes: Map<string, OpenVolume>;
  close(): Promise<void>;
}

const FILES_OPEN = 8;
/** Volumes held in memory as a whole, all together. */
const HELD_BYTES = 1536 * 1024 * 1024;

async function stampOf(path: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(path);
  return `${size} ${mtimeMs} ${ino}`;
}

function openVolume(volume: CachedVolume, voxelSizeMm: number, unit: string, title: string): OpenVolume {
  let known: Promise<VolumeStatistics> | null = null;
  return {
    volume,
    voxelSizeMm,
    unit,
    title,
    statistics: () => {
      if (known) return known;
      const computing = describeValues(volume);
      known = computing;
      // A failed read is not remembered: the file may be complete the next time.
      computing.catch(() => {
        known = null;
      });
      return computing;
    },
  };
}

export class OpenFiles {
  /** Most recently used last. */
  private readonly files = new Map<string, OpenFile>();

  /** Throws UserError for anything that is no scan. A voxel size of null keeps what an earlier call chose. */
  async scan(path: string, voxelSizeMm: number | null): Promise<ScanData> {
    const open = await this.current(path);
    if (open?.scan && (voxelSizeMm === null || voxelSizeMm === open.scan.geometry.voxelSizeMm[0])) return open.scan;
    await this.close(path);
    const stamp = await stampOf(path);
    const scan = await openScan(path, { voxelSizeMm });
    await this.keep(path, { stamp, scan, volumes: new Map(), close: () => scan.close() });
    return scan;
  }

  /** Throws UserError for a file that is no volume, or a scan without a reference. */
  async volume(source: VolumeSource): Promise<OpenVolume> {
    const opened = source.kind === 'npy' ? await this.npyVolume(source) : await this.scanVolume(source);
    this.boundMemory(opened.volume);
    return opened;
  }

  async close(path: string): Promise<void> {
    const open = this.files.get(path);
    this.files.delete(path);
    await open?.close();
  }

  async closeAll(): Promise<void> {
    for (const path of [...this.files.keys()]) await this.close(path);
  }

  private async npyVolume(source: Extract<VolumeSource, { kind: 'npy' }>): Promise<OpenVolume> {
    const known = (await this.current(source.path))?.volumes.get('npy');
    if (known) return { ...known, voxelSizeMm: source.voxelSizeMm, title: source.title };
    await this.close(source.path);
    const stamp = await stampOf(source.path);
    const file = await openNpy(source.path);
    const [depth, height, width] = file.shape;
    if (file.shape.length !== 3 || depth === undefined || height === undefined || width === undefined || file.elements === 0) {
      await file.close();
      throw new UserError(`${source.path} is no volume: its shape is (${file.shape.join(', ')}), three axes are needed.`);
    }
    const volume = new CachedVolume({
      shape: [depth, height, width],
      readSlices: (first, count, target) => file.read(target, first * height * width, count * height * width),
      readPlane: (axis, index, target) => file.readPlane(axis, index, target),
    });
    const opened = openVolume(volume, source.voxelSizeMm, '1/mm', source.title);
    await this.keep(source.path, { stamp, scan: null, volumes: new Map([['npy', opened]]), close: () => file.close() });
    return opened;
  }

  private async scanVolume({ path, array }: Extract<VolumeSource, { kind: 'scan' }>): Promise<OpenVolume> {
    const scan = await this.scan(path, null);
    const volumes = this.files.get(path)?.volumes;
    const known = volumes?.get(array);
    if (known) return known;
    const opened = array === 'reference' ? referenceVolume(scan) : sinogramVolume(scan);
    volumes?.set(array, opened);
    return opened;
  }

  /** The open file if it is still the one on disk; used from now on as the latest. */
  private async current(path: string): Promise<OpenFile | null> {
    const open = this.files.get(path);
    if (!open) return null;
    if (open.stamp !== (await stampOf(path))) {
      await this.close(path);
      return null;
    }
    this.files.delete(path);
    this.files.set(path, open);
    return open;
  }

  private async keep(path: string, file: OpenFile): Promise<void> {
    this.files.set(path, file);
    for (const oldest of [...this.files.keys()].slice(0, Math.max(0, this.files.size - FILES_OPEN))) await this.close(oldest);
  }

  /** Lets the longest unused volumes go until the rest fits. */
  private boundMemory(inUse: CachedVolume): void {
    const held = [...this.files.values()].flatMap((file) => [...file.volumes.values()].map(({ volume }) => volume));
    let bytes = held.reduce((sum, volume) => sum + volume.heldBytes, 0);
    for (const volume of held) {
      if (bytes <= HELD_BYTES) return;
      if (volume === inUse) continue;
      bytes -= volume.heldBytes;
      volume.release();
    }
  }
}

function referenceVolume(scan: ScanData): OpenVolume {
  if (scan.referenceShape === null) throw new UserError(`${scan.name} has no reference volume to show.`, 'not_found');
  const volume = new CachedVolume({
    shape: scan.referenceShape,
    readSlices: (first, count, target) => scan.readReferenceSlices(first, count, target),
    readPlane: (axis, index, target) => scan.readPlane('reference', axis, index, target),
  });
  return openVolume(volume, scan.geometry.voxelSizeMm[0], '1/mm', `${scan.name}, reference`);
}

/** Shown as a volume of (views, rows, columns), whose edges are detector pixels. */
function sinogramVolume(scan: ScanData): OpenVolume {
  const shape: Shape = scan.sinogramShape;
  const viewLength = shape[1] * shape[2];
  const volume = new CachedVolume({
    shape,
    readSlices: async (first, count, target) => {
      for (let view = 0; view < count; view++) {
        await scan.readSinogramView(first + view, target.subarray(view * viewLength, (view + 1) * viewLength));
      }
    },
    readPlane: (axis, index, target) => scan.readPlane('sinogram', axis, index, target),
  });
  const { vectors } = scan.geometry;
  const pixelSizeMm = Math.hypot(vectors[6] ?? 0, vectors[7] ?? 0, vectors[8] ?? 0);
  return openVolume(volume, pixelSizeMm, 'line integral', `${scan.name}, projections`);
}
