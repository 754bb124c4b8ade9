/** What the viewer's arithmetic needs of a volume or a stack of projections, wherever it lies: its shape and whole slices along axis 0. */
import { setImmediate } from 'node:timers/promises';

export type Shape = readonly [depth: number, height: number, width: number];

export interface VolumeReader {
  readonly shape: Shape;
  /** Fills `target` with the slices first ... first + count - 1, (count,H,W) in C order. */
  readSlices(first: number, count: number, target: Float32Array): Promise<void>;
  /** Fills `target` with one plane: axis 0 gives (H,W), 1 (D,W), 2 (D,H). */
  readPlane(axis: 0 | 1 | 2, index: number, target: Float32Array): Promise<void>;
}

/** Volumes up to this many bytes are kept in memory once a slice across the file is asked for; a 501^3 volume has 480 MiB. */
const WHOLE_LIMIT_BYTES = 640 * 1024 * 1024;

/** A volume that is kept in memory as a whole where it is small enough, and read part by part from the file where it is not. */
export class CachedVolume {
  readonly shape: Shape;
  private whole: Promise<Float32Array> | null = null;
  /** The same, once it has come. */
  private held: Float32Array | null = null;

  constructor(private readonly reader: VolumeReader) {
    this.shape = reader.shape;
  }

  get sliceLength(): number {
    return this.shape[1] * this.shape[2];
  }

  /** Bytes held in memory. */
  get heldBytes(): number {
    return this.whole ? 4 * this.shape[0] * this.sliceLength : 0;
  }

  async readSlices(first: number, count: number, target: Float32Array): Promise<void> {
    if (!this.held) return this.reader.readSlices(first, count, target);
    target.set(this.held.subarray(first * this.sliceLength, (first + count) * this.sliceLength));
  }

  /** Target as VolumeReader says. Across the file the whole volume is faster to have than to seek in. */
  async readPlane(axis: 0 | 1 | 2, index: number, target: Float32Array): Promise<void> {
    // One slice along the file is there long before all of it is.
    const whole = axis === 0 ? this.held : await this.load();
    if (!whole) return this.reader.readPlane(axis, index, target);
    const [depth, height, width] = this.shape;
    if (axis === 0) {
      target.set(whole.subarray(index * this.sliceLength, (index + 1) * this.sliceLength));
      return;
    }
    for (let k = 0; k < depth; k++) {
      const slice = k * this.sliceLength;
      if (axis === 1) target.set(whole.subarray(slice + index * width, slice + (index + 1) * width), k * width);
      else for (let j = 0; j < height; j++) target[k * height + j] = whole[slice + j * width + index] ?? 0;
    }
  }

  /** Calls `visit` with every slice in order; the array is only valid during the call. Other requests are answered between two slices. */
  async forEachSlice(visit: (slice: Float32Array, index: number) => void): Promise<void> {
    const whole = await this.load();
    if (whole) {
      for (let index = 0; index < this.shape[0]; index++) {
        visit(whole.subarray(index * this.sliceLength, (index + 1) * this.sliceLength), index);
        await setImmediate();
      }
      return;
    }
    const slice = new Float32Array(this.sliceLength);
    for (let index = 0; index < this.shape[0]; index++) {
      await this.reader.readSlices(index, 1, slice);
      visit(slice, index);
    }
  }

  /** The volume in memory, null where it is too large for that. */
  async load(): Promise<Float32Array | null> {
    const length = this.shape[0] * this.sliceLength;
    if (4 * length > WHOLE_LIMIT_BYTES) return null;
    if (!this.whole) {
      const loading = (async () => {
        const whole = new Float32Array(length);
        await this.reader.readSlices(0, this.shape[0], whole);
        return whole;
      })();
      this.whole = loading;
      loading.then(
        (whole) => {
          if (this.whole === loading) this.held = whole;
        },
        // A failed read is not remembered: the file may be complete the next time.
        () => {
          this.whole = null;
        },
      );
    }
    return this.whole;
  }

  /** Gives the memory back; the next use reads the file again. */
  release(): void {
    this.whole = null;
    this.held = null;
  }
}
