/** The typed surface of the native addon, as every worker sees it; binding.ts loads it, the C++ below src/native implements it. */
import type { ScanGeometry, VolumeShape } from '../shared/geometry';

/** Goes up by one whenever the binary and this file no longer fit each other. */
export const NATIVE_API_VERSION = 4;

/**
 * A float32 array that native code owns: private, in shared memory, or on a GPU. Arrays never hold JS memory: `read` and `write` copy.
 * Every use after close() is a UserError, never a crash; close() may be called twice, and collection of the object closes too.
 * A call that is running keeps the memory alive until it ends.
 */
export interface NativeArray {
  /** Number of float32 elements. */
  readonly length: number;
  /** Name of the shared memory, null for private memory. */
  readonly name: string | null;
  /** Whose memory it is in. Steps on arrays run there; only projectors take arrays of the host and of their own device in any mix. */
  readonly device: DeviceName;
  readonly closed: boolean;
  /** Copies target.length elements from `offset` on. */
  read(offset: number, target: Float32Array): void;
  /** Copies source.length elements to `offset` on. */
  write(offset: number, source: Float32Array): void;
  fill(value: number): void;
  close(): void;
}

/** Cancels one or several running calls; may be used again for later calls only while not cancelled. */
export interface CancelToken {
  cancel(): void;
  readonly cancelled: boolean;
  /** Share done of the call that runs now, 0 to 1. */
  progress(): number;
}

/** Every call that takes these returns a promise and runs off the event loop; a cancelled one rejects with code 'cancelled'. */
export interface CallOptions {
  /** Threads of this call; default: all logical cores. The result does not depend on it. */
  readonly threads?: number;
  readonly cancel?: CancelToken;
}

export type DeviceName = 'cpu' | `cuda:${number}`;

/** The pair A, A^T of one set of views. Volumes are (D,H,W) in 1/mm, sinograms (views, rows, columns) in mm x 1/mm. */
export interface Projector {
  readonly device: DeviceName;
  /** sinogram = A volume. */
  forward(volume: NativeArray, sinogram: NativeArray, options?: CallOptions): Promise<void>;
  /** volume = A^T sinogram: the transpose weight for weight, not scaled; overwrites `volume`. */
  back(sinogram: NativeArray, volume: NativeArray, options?: CallOptions): Promise<void>;
  /** residual = A volume - measured; `residual` may be `measured` itself. */
  forwardResidual(volume: NativeArray, measured: NativeArray, residual: NativeArray, options?: CallOptions): Promise<void>;
  close(): void;
}

export type FdkFilter = 'ramp' | 'shepp-logan' | 'hann';

export interface FdkOptions extends CallOptions {
  readonly filter: FdkFilter;
  /** Where it is back projected; the filter runs on the host's threads. Default: cpu. */
  readonly device?: DeviceName;
}

/** Numbers per view in the array that fdkWeights returns; callers only ever pick whole groups of them (see selectFdkWeights). */
export const FDK_WEIGHTS_PER_VIEW = 4;

/** How tiles of a (D,H,W) volume lie in the input or output of a network. All triples are (z,y,x) in voxels. */
export interface TileLayout {
  readonly volumeShape: VolumeShape;
  /** Window of the network's input that holds real data. */
  readonly window: VolumeShape;
  /** Width of the reflected border around the volume (torch `reflect`: the edge itself is not repeated). May exceed the axis: it reflects again. */
  readonly halo: VolumeShape;
  /** Shape the network sees: the window, padded at the end by repeating its last sample. */
  readonly networkShape: VolumeShape;
  /** Elements from a tile's first slice to the next tile's: channels*Dn*Hn*Wn. */
  readonly tileStride: number;
  /** Elements from slice to slice of a tile: channels*Hn*Wn in the folded layout (B*D,C,H,W), Hn*Wn in the dense one (B,C,D,H,W). */
  readonly sliceStride: number;
}

export type RandomDistribution = 'uniform' | 'normal';

/** Slices, rows and columns [start, end) of a level of a network, in its voxels. */
export interface LevelBox {
  readonly start: VolumeShape;
  readonly end: VolumeShape;
}

/** What a network computes at one of its levels. */
export interface NetworkLevel {
  /** All rows and columns of the window. */
  readonly encoder: LevelBox;
  /** Slices that the next level reads in pairs: the encoder's, the last one repeated up to here. */
  readonly pairedSlices: number;
  /** Inside the encoder, and inside the next level's decoder doubled. */
  readonly decoder: LevelBox;
}

/** A folded 2D DRUNet on the processor; see include/tomo/drunet.hpp. */
export interface NativeNetwork {
  /**
   * output (batch*m,1,h,w) = network(input (batch*n,2,H,W)); n,H,W are the encoder of the finest level, m,h,w its decoder. Neither array may be touched until
   * the promise settles. Windows are computed one after the other, cancelled between layers; lack of memory rejects with code out_of_memory.
   */
  run(input: Float32Array, output: Float32Array, batch: number, levels: readonly NetworkLevel[], options?: CallOptions): Promise<void>;
  /** Bytes of working memory that `run` takes while it lasts. */
  workingBytes(levels: readonly NetworkLevel[], threads: number): number;
  close(): void;
}

export interface SsimSlices {
  /** Sum of the local SSIM over the valid windows of each output slice. */
  readonly sums: Float64Array;
  /** Number of windows of each output slice (the same for all). */
  readonly counts: Float64Array;
}

/** One array (D,H,W) for each axis z, y, x. */
export type VectorField = readonly [NativeArray, NativeArray, NativeArray];

/** Forward differences, zero at the far border; those along an axis are multiplied by its `scale` (z,y,x). */
export interface DifferenceGrid {
  readonly shape: VolumeShape;
  readonly scale: readonly [number, number, number];
}

export interface ProcessMemory {
  readonly residentMiB: number;
  readonly peakResidentMiB: number;
  readonly virtualMiB: number;
  /** Private memory that may be written, touched or not: what setMemoryLimit counts. 0 where the system does not say. */
  readonly privateMiB: number;
}

/** What a process has used since it began. */
export interface ProcessUsage {
  readonly residentMiB: number;
  readonly peakResidentMiB: number;
  readonly cpuSeconds: number;
  /** From and to disks, not the system's own copies in memory. */
  readonly diskReadMiB: number;
  readonly diskWrittenMiB: number;
}

/** null where the device does not tell. */
export interface GpuReading {
  readonly usedMiB: number | null;
  readonly totalMiB: number | null;
  readonly utilisationPercent: number | null;
  readonly powerWatt: number | null;
  readonly temperatureCelsius: number | null;
}

export interface CudaDevice {
  readonly index: number;
  readonly name: string;
  readonly totalMiB: number;
  readonly computeCapability: string;
}

/** MiB of a GPU; all zero for the cpu, whose memory is the system's to count. */
export interface DeviceMemory {
  readonly totalMiB: number;
  readonly freeMiB: number;
  /** By arrays of this process and by working memory that is kept between calls. */
  readonly heldMiB: number;
  /** What may be held at most, 0 for all that is free. */
  readonly limitMiB: number;
}

export interface DeviceInfo {
  readonly cpuName: string;
  readonly logicalCores: number;
  /** 'avx512' | 'avx2' | 'neon' | 'baseline': what the projector will use here. */
  readonly simd: string;
  readonly threadsDefault: number;
  /** CUDA runtime the addon was built with, null when built without. */
  readonly cudaRuntime: string | null;
  readonly cuda: readonly CudaDevice[];
  /** A sentence: why `cuda` is empty, or which GPUs did not answer; null when all is well. */
  readonly cudaReason: string | null;
}

/**
 * Failures are UserErrors with a code of shared/errors.ts. Ranges are half open: [start,end) elements, [firstSlice,lastSlice) slices.
 * Arrays of a call may be the same array unless its comment says otherwise.
 */
export interface NativeAddon {
  readonly apiVersion: number;

  // arrays
  /** New shared memory of `length` floats, all zero. Names: letters, digits, '-', '_', '.'. Code 'no_space' when memory for it lacks. */
  createSharedArray(name: string, length: number): NativeArray;
  /** Maps what another process made; code 'not_found' when there is none, 'bad_input' when it is shorter than `length`. */
  openSharedArray(name: string, length: number): NativeArray;
  /** Removes the name (mapped arrays stay usable); false when there was none. */
  unlinkSharedArray(name: string): boolean;
  /** Names of shared arrays on this machine that start with `prefix`; for clearing what a killed process left. */
  listSharedArrays(prefix: string): string[];
  /** Memory of this process or of a GPU, all zero. Code 'out_of_memory' where it lacks. */
  createArray(length: number, device?: DeviceName): NativeArray;
  createCancelToken(): CancelToken;

  // devices
  /** Version of include/tomo/device.hpp. */
  readonly deviceInterfaceVersion: number;
  /**
   * Opens a device before anything else uses it, with a limit on the memory that its arrays and working memory may take: what does not fit is
   * projected in slabs. Devices that nobody opened open themselves, without a limit. Code 'unsupported' where there is no such device.
   */
  openDevice(device: DeviceName, options?: { readonly memoryLimitMiB?: number | null }): void;
  /** Opens the device where it is not yet. */
  deviceMemory(device: DeviceName): DeviceMemory;

  // projector
  createProjector(geometry: ScanGeometry, options?: { readonly device?: DeviceName }): Projector;
  /** Angular weights over ALL chosen views, FDK_WEIGHTS_PER_VIEW numbers a view. */
  fdkWeights(geometry: ScanGeometry): Float64Array;
  /**
   * target = filtered back projection of these views in 1/mm (FDK; FBP for parallel3d). `weights` are those of these views, taken from fdkWeights of
   * all views: the sum over disjoint sets of views is the FDK of their union.
   */
  fdk(geometry: ScanGeometry, sinogram: NativeArray, weights: Float64Array, target: NativeArray, options: FdkOptions): Promise<void>;

  // vectors
  /** target[n] = offset + sum_k coefficients[k] sources[k][n] for n in [start,end); summed in double, k in order. */
  combine(
    target: NativeArray,
    coefficients: readonly number[],
    sources: readonly NativeArray[],
    offset: number,
    start: number,
    end: number,
    options?: CallOptions,
  ): Promise<void>;
  /** target[n] = a[n] / b[n] where b[n] > 0, else 0, for n in [start,end). */
  divide(target: NativeArray, a: NativeArray, b: NativeArray, start: number, end: number, options?: CallOptions): Promise<void>;
  /** target[n] = min(max(target[n], low), high); NaN stays NaN. */
  clamp(target: NativeArray, low: number, high: number, start: number, end: number, options?: CallOptions): Promise<void>;
  /** target[targetStart + n] = source[sourceStart + n], n < count; the ranges must not overlap. */
  copy(
    target: NativeArray,
    targetStart: number,
    source: NativeArray,
    sourceStart: number,
    count: number,
    options?: CallOptions,
  ): Promise<void>;
  /** Values that depend only on seed and index: uniform in [0,1) or standard normal. */
  fillRandom(
    target: NativeArray,
    seed: number,
    distribution: RandomDistribution,
    start: number,
    end: number,
    options?: CallOptions,
  ): Promise<void>;

  // one number a slice of sliceLength elements, in double, so that sums in slice order do not depend on the split
  dotSlices(
    a: NativeArray,
    b: NativeArray,
    sliceLength: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<Float64Array>;
  /** min, max of each slice, two numbers a slice; NaN is passed over (see countNonFiniteSlices). */
  minMaxSlices(a: NativeArray, sliceLength: number, firstSlice: number, lastSlice: number, options?: CallOptions): Promise<Float64Array>;
  /** sum of (x - reference)^2 of each slice. */
  squaredErrorSlices(
    x: NativeArray,
    reference: NativeArray,
    sliceLength: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<Float64Array>;
  countNonFiniteSlices(
    a: NativeArray,
    sliceLength: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<Float64Array>;
  /** Output slices of SSIM for a shape: D minus window plus 1, where the window is 11 or the largest odd size that fits the axis. */
  ssimSliceCount(shape: VolumeShape): number;
  /**
   * Local SSIM (3D Gaussian window, sigma 1.5, 11 wide, k1 0.01, k2 0.03, only windows fully inside, as torchmetrics and deepinv) of output
   * slices [firstSlice,lastSlice) of 0..ssimSliceCount(shape).
   */
  ssimSlices(
    x: NativeArray,
    reference: NativeArray,
    shape: VolumeShape,
    dataRange: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<SsimSlices>;
  /** Exact quantiles at `fractions` (0..1), numpy's 'linear' interpolation; NaN is passed over. */
  percentiles(array: NativeArray, fractions: readonly number[], options?: CallOptions): Promise<Float64Array>;

  // total variation, on slices [firstSlice,lastSlice); a split into slices does not change a bit
  /** image = min(max(input + weight div field, low), high); `image` may be `input`. Limits may be infinite. */
  totalVariationImage(
    image: NativeArray,
    input: NativeArray,
    field: VectorField,
    grid: DifferenceGrid,
    weight: number,
    low: number,
    high: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<void>;
  /** q = point + step grad image, cut back to length 1;  point = q + inertia (q - dual);  dual = q. Reads `image` one slice beyond. */
  totalVariationStep(
    image: NativeArray,
    dual: VectorField,
    point: VectorField,
    grid: DifferenceGrid,
    step: number,
    inertia: number,
    firstSlice: number,
    lastSlice: number,
    options?: CallOptions,
  ): Promise<void>;

  // network
  /**
   * A folded DRUNet from its channels (four, multiples of 16), residual blocks a stage, and all weights in the order of drunetTensors, one after the other.
   * Throws UserError where they do not belong together.
   */
  createNetwork(channels: readonly number[], blocks: number, weights: Float32Array): NativeNetwork;

  // tiles
  /**
   * Writes one channel of tiles: target[targetOffset + t*tileStride + z*sliceStride + y*Wn + x] = (volume - shift) * scale in float32.
   * `starts` has 3 integers (z,y,x) a tile: the window's corner in the volume padded by `halo`. `target` must not be touched until the promise settles.
   */
  gatherTiles(
    volume: NativeArray,
    layout: TileLayout,
    starts: Int32Array,
    shift: number,
    scale: number,
    target: Float32Array,
    targetOffset: number,
    options?: CallOptions,
  ): Promise<void>;
  /**
   * Writes the kept parts of tiles back: volume = source * scale + shift in float32. `regions` has 9 integers a tile: keepStart (z,y,x) within the
   * window, keepSize (z,y,x), destination (z,y,x) in the volume (not padded). Regions of one call must not overlap in the volume.
   */
  scatterTiles(
    source: Float32Array,
    sourceOffset: number,
    layout: TileLayout,
    regions: Int32Array,
    scale: number,
    shift: number,
    volume: NativeArray,
    options?: CallOptions,
  ): Promise<void>;

  // the machine
  processMemory(): ProcessMemory;
  /** Starts a new peak for processMemory(); false where the system cannot. */
  resetPeakMemory(): boolean;
  /** Allocations fail once the private memory of this process would pass this (MiB; null: no limit). False where the system cannot do that. */
  setMemoryLimit(mebibytes: number | null): boolean;
  /** null where there is no such process of this user. */
  processUsage(pid: number): ProcessUsage | null;
  /** Asks NVIDIA's management library, opened at run time; `library` names another file of its interface, for tests. */
  readGpus(library?: string): { readonly devices: readonly GpuReading[]; readonly reason: string | null };
  deviceInfo(): DeviceInfo;
}

/** The weights of some views out of fdkWeights of all. */
export function selectFdkWeights(weights: Float64Array, views: readonly number[]): Float64Array {
  const selected = new Float64Array(views.length * FDK_WEIGHTS_PER_VIEW);
  views.forEach((view, position) => {
    selected.set(weights.subarray(view * FDK_WEIGHTS_PER_VIEW, (view + 1) * FDK_WEIGHTS_PER_VIEW), position * FDK_WEIGHTS_PER_VIEW);
  });
  return selected;
}
