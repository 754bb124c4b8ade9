/**
 * The one table of what a device computes (include/tomo/device.hpp): how each operation is run, how far another device may be from the CPU, and a plain
 * reference that the CPU itself is held against. cudaDevice.test.ts and `npm run check:gpu` compare a GPU with it, deviceOperations.test.ts the CPU.
 */
import type { DeviceName, NativeAddon, NativeArray, TileLayout } from '../../src/native/binding';
import { type ScanGeometry, viewCount } from '../../src/shared/geometry';
import { type Blob, blobIntegrals, orbitScan, sampleBlobs } from './scans';

/** Arrays of one operation on one device; `close` gives their memory back. */
export class Bench {
  private readonly arrays: NativeArray[] = [];

  constructor(
    readonly native: NativeAddon,
    readonly device: DeviceName,
  ) {}

  /** On the device, or where `device` says. */
  array(values: ArrayLike<number>, device: DeviceName = this.device): NativeArray {
    const array = this.empty(values.length, device);
    array.write(0, Float32Array.from(values));
    return array;
  }

  empty(length: number, device: DeviceName = this.device): NativeArray {
    const array = this.native.createArray(length, device);
    this.arrays.push(array);
    return array;
  }

  read(array: NativeArray): Float32Array {
    const values = new Float32Array(array.length);
    array.read(0, values);
    return values;
  }

  close(): void {
    for (const array of this.arrays) array.close();
  }
}

export interface DeviceOperation {
  readonly name: string;
  /** Largest relative L2 distance of another device from the CPU; 0: the same bits. */
  readonly bound: number;
  /** Largest relative L2 distance of the CPU from `plain`. */
  readonly plainBound: number;
  run(bench: Bench): Promise<ArrayLike<number>>;
  /** Worked out here, without the native operation. */
  plain(native: NativeAddon): Promise<ArrayLike<number>> | ArrayLike<number>;
  /** Where `plain` is too slow for all: the elements of the result that it gives. */
  readonly places?: readonly number[];
}

/** Values from -1 to 1 that depend on the index and the seed only. */
function values(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, n) => {
    const turned = Math.sin(n * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (turned - Math.floor(turned)) - 1;
  });
}

const [SLICE, SLICES] = [1003, 9];
const LENGTH = SLICE * SLICES;
const [a, b, c] = [values(LENGTH, 1), values(LENGTH, 2), values(LENGTH, 3)];
const [START, END] = [1001, 8002];

/** a, with what reductions have to pass over or count. */
const holed = a.slice();
holed.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NaN], 2 * SLICE + 5);
/** b, zero in places. */
const gapped = b.map((value, n) => (n % 5 === 0 ? 0 : value));

/** What `change` makes of elements [START,END) of a, the others as they are. */
function inRange(change: (n: number) => number): Float32Array {
  return a.map((value, n) => (n >= START && n < END ? change(n) : value));
}

function perSlice(first: number, last: number, numbers: (slice: number) => readonly number[]): number[] {
  return Array.from({ length: last - first }, (_, n) => numbers(first + n)).flat();
}

function sumOver(slice: number, term: (n: number) => number): number {
  let sum = 0;
  for (let n = slice * SLICE; n < (slice + 1) * SLICE; n++) sum += term(n);
  return sum;
}

const at = (array: Float32Array, n: number): number => array[n] ?? Number.NaN;

const elementwise: readonly DeviceOperation[] = [
  {
    name: 'fill',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = bench.array(a);
      target.fill(0.7);
      return bench.read(target);
    },
    plain: () => new Float32Array(LENGTH).fill(0.7),
  },
  {
    name: 'copy from the host, within the device and back',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const [source, here, target] = [bench.array(b, 'cpu'), bench.array(a), bench.array(a, 'cpu')];
      await bench.native.copy(here, 7, source, 3, 500);
      await bench.native.copy(here, 2000, here, 5, 900);
      await bench.native.copy(target, 100, here, 0, 4000);
      return bench.read(target);
    },
    plain: () => {
      const here = a.slice();
      here.set(b.subarray(3, 503), 7);
      here.copyWithin(2000, 5, 905);
      const target = a.slice();
      target.set(here.subarray(0, 4000), 100);
      return target;
    },
  },
  {
    name: 'combine',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = bench.array(a);
      await bench.native.combine(target, [0.3, -1.7], [bench.array(b), bench.array(c)], 0.25, START, END);
      return bench.read(target);
    },
    plain: () => inRange((n) => 0.25 + 0.3 * at(b, n) + -1.7 * at(c, n)),
  },
  {
    name: 'combine in place',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = bench.array(a);
      await bench.native.combine(target, [1, 0.1], [target, bench.array(b)], 0, START, END);
      return bench.read(target);
    },
    plain: () => inRange((n) => at(a, n) + 0.1 * at(b, n)),
  },
  {
    name: 'divide',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = bench.array(a);
      await bench.native.divide(target, bench.array(c), bench.array(gapped), START, END);
      return bench.read(target);
    },
    plain: () => inRange((n) => (at(gapped, n) > 0 ? at(c, n) / at(gapped, n) : 0)),
  },
  {
    name: 'clamp',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = bench.array(a);
      await bench.native.clamp(target, -0.25, 0.5, START, END);
      return bench.read(target);
    },
    plain: () => inRange((n) => Math.min(Math.max(at(a, n), -0.25), 0.5)),
  },
];

const reductions: readonly DeviceOperation[] = [
  {
    name: 'dot products of slices',
    bound: 1e-12,
    plainBound: 1e-12,
    run: (bench) => bench.native.dotSlices(bench.array(a), bench.array(b), SLICE, 1, SLICES),
    plain: () => perSlice(1, SLICES, (slice) => [sumOver(slice, (n) => at(a, n) * at(b, n))]),
  },
  {
    name: 'squared errors of slices',
    bound: 1e-12,
    plainBound: 1e-12,
    run: (bench) => bench.native.squaredErrorSlices(bench.array(a), bench.array(b), SLICE, 0, 5),
    plain: () => perSlice(0, 5, (slice) => [sumOver(slice, (n) => (at(a, n) - at(b, n)) ** 2)]),
  },
  {
    name: 'least and most of slices',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const found = await bench.native.minMaxSlices(bench.array(holed), SLICE, 1, 7);
      // Infinities have no distance.
      return found.map((value) => (Number.isFinite(value) ? value : Math.sign(value) * 1e30));
    },
    plain: () =>
      perSlice(1, 7, (slice) => {
        const real = [...holed.subarray(slice * SLICE, (slice + 1) * SLICE)].filter((value) => !Number.isNaN(value));
        return [Math.min(...real), Math.max(...real)].map((value) => (Number.isFinite(value) ? value : Math.sign(value) * 1e30));
      }),
  },
  {
    name: 'values of slices that are no numbers',
    bound: 0,
    plainBound: 0,
    run: (bench) => bench.native.countNonFiniteSlices(bench.array(holed), SLICE, 0, SLICES),
    plain: () => perSlice(0, SLICES, (slice) => [sumOver(slice, (n) => (Number.isFinite(at(holed, n)) ? 0 : 1))]),
  },
];

const CHANNELS = 2;
const layout: TileLayout = {
  volumeShape: [9, 17, 59],
  window: [4, 6, 30],
  halo: [2, 3, 1],
  networkShape: [4, 8, 32],
  tileStride: 4 * CHANNELS * 8 * 32,
  sliceStride: CHANNELS * 8 * 32,
};
const VOXELS = 9 * 17 * 59;
const starts = Int32Array.from([0, 0, 0, 9, 17, 31, 3, 8, 20]);
const regions = Int32Array.from([0, 0, 0, 2, 3, 20, 0, 0, 0, 1, 1, 1, 3, 5, 29, 4, 8, 30]);
const TILES = new Float32Array(3 * layout.tileStride).fill(-1);
const network = values(TILES.length, 4);
const float = Math.fround;

/** The sample of a padded axis by torch's `reflect`. */
function reflected(position: number, size: number): number {
  const period = 2 * (size - 1);
  const within = ((position % period) + period) % period;
  return within < size ? within : period - within;
}

/** Calls visit(element of a tile, z, y, x) for the samples of a tile that lie below `size` along each axis. */
function forEachSample(size: readonly number[], visit: (element: number, position: readonly number[]) => void): void {
  const [depth = 0, height = 0, width = 0] = size;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) visit(z * layout.sliceStride + y * layout.networkShape[2] + x, [z, y, x]);
}

const voxelAt = ([z = 0, y = 0, x = 0]: readonly number[]): number => (z * layout.volumeShape[1] + y) * layout.volumeShape[2] + x;

const tiles: readonly DeviceOperation[] = [
  {
    name: 'gather tiles into one of two channels',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const target = TILES.slice();
      await bench.native.gatherTiles(bench.array(a.subarray(0, VOXELS)), layout, starts, 0.1, 1.7, target, 256);
      return target;
    },
    plain: () => {
      const target = TILES.slice();
      for (let tile = 0; tile < 3; tile++) {
        forEachSample(layout.networkShape, (element, position) => {
          const source = position.map((p, axis) => {
            const [window = 0, halo = 0, size = 0] = [layout.window[axis], layout.halo[axis], layout.volumeShape[axis]];
            return reflected((starts[tile * 3 + axis] ?? 0) + Math.min(p, window - 1) - halo, size);
          });
          target[256 + tile * layout.tileStride + element] = float(float(at(a, voxelAt(source)) - float(0.1)) * float(1.7));
        });
      }
      return target;
    },
  },
  {
    name: 'scatter tiles',
    bound: 0,
    plainBound: 0,
    run: async (bench) => {
      const volume = bench.array(a.subarray(0, VOXELS));
      await bench.native.scatterTiles(network, 0, layout, regions, 0.6, -0.3, volume);
      return bench.read(volume);
    },
    plain: () => {
      const volume = a.slice(0, VOXELS);
      for (let tile = 0; tile < 2; tile++) {
        const [keep, size, to] = [0, 3, 6].map((from) => [...regions.subarray(tile * 9 + from, tile * 9 + from + 3)]);
        forEachSample(size ?? [], (_element, position) => {
          const [z = 0, y = 0, x = 0] = position.map((p, axis) => p + (keep?.[axis] ?? 0));
          const value = at(network, tile * layout.tileStride + z * layout.sliceStride + y * layout.networkShape[2] + x);
          volume[voxelAt(position.map((p, axis) => p + (to?.[axis] ?? 0)))] = float(float(value * float(0.6)) + float(-0.3));
        });
      }
      return volume;
    },
  },
];

/** In 32 mm: wide enough for voxels of 0.5 mm, far enough from the walls that their tails do not matter. */
const blobs: readonly Blob[] = [
  { centreMm: [3, -4, 2.5], sigmaMm: 2 },
  { centreMm: [-3, 2.5, -2], sigmaMm: 2.75 },
  { centreMm: [0.3, 0.2, 0.1], sigmaMm: 3.75 },
];
const cube = [64, 64, 64] as const;
const half = [0.5, 0.5, 0.5] as const;
const scans: Readonly<Record<string, ScanGeometry>> = {
  'circular cone': orbitScan('conebeam', cube, half, [100, 104], 12),
  'tilted cone': orbitScan('conebeam', cube, half, [100, 104], 12, { tilt: 0.02 }),
  helix: orbitScan('conebeam', cube, half, [70, 104], 12, { turns: 2, pitchMm: 6 }),
  parallel: orbitScan('parallel3d', cube, half, [52, 50], 12),
  'anisotropic voxels': orbitScan('conebeam', [32, 64, 128], [1, 0.5, 0.25], [100, 104], 12),
  'detector beside part of the volume': orbitScan('conebeam', cube, half, [40, 30], 12),
};

const sinogramLength = (geometry: ScanGeometry): number => viewCount(geometry) * geometry.detectorRows * geometry.detectorColumns;

/** Pixels and voxels of up to a millimetre under blobs of 2 mm: what the mean over a pixel differs by from the ray of its centre. Accuracy is measured elsewhere. */
const FORWARD_BOUND = 0.009;

function projections(name: string, geometry: ScanGeometry): readonly DeviceOperation[] {
  const volume = sampleBlobs(geometry, blobs);
  const sinogram = values(sinogramLength(geometry), 5);
  const project = async (bench: Bench, x: NativeArray, y: NativeArray, what: 'forward' | 'back'): Promise<Float32Array> => {
    const projector = bench.native.createProjector(geometry, { device: bench.device });
    await (what === 'forward' ? projector.forward(x, y) : projector.back(x, y));
    projector.close();
    return bench.read(y);
  };
  // A few voxels over the volume: the transpose of the projection of each by itself.
  const places = Array.from({ length: 24 }, (_, n) => Math.floor(((n + 0.37) * volume.length) / 24));
  const exact = (): ArrayLike<number> => blobIntegrals(geometry, blobs);
  const transposed = async (native: NativeAddon): Promise<number[]> => {
    const bench = new Bench(native, 'cpu');
    const [unit, seen] = [bench.empty(volume.length), bench.empty(sinogram.length)];
    const products: number[] = [];
    for (const place of places) {
      unit.fill(0);
      unit.write(place, Float32Array.of(1));
      const column = await project(bench, unit, seen, 'forward');
      products.push(column.reduce((sum, value, n) => sum + value * at(sinogram, n), 0));
    }
    bench.close();
    return products;
  };
  return [
    {
      name: `forward, ${name}`,
      bound: 2e-5,
      plainBound: FORWARD_BOUND,
      run: (bench) => project(bench, bench.array(volume), bench.empty(sinogram.length), 'forward'),
      plain: exact,
    },
    {
      name: `forward of arrays of the host, ${name}`,
      bound: 2e-5,
      plainBound: FORWARD_BOUND,
      run: (bench) => project(bench, bench.array(volume, 'cpu'), bench.empty(sinogram.length, 'cpu'), 'forward'),
      plain: exact,
    },
    {
      name: `residual in place, ${name}`,
      bound: 2e-5,
      plainBound: FORWARD_BOUND,
      run: async (bench) => {
        const residual = bench.array(sinogram);
        const projector = bench.native.createProjector(geometry, { device: bench.device });
        await projector.forwardResidual(bench.array(volume), residual, residual);
        projector.close();
        return bench.read(residual);
      },
      plain: () => blobIntegrals(geometry, blobs).map((value, n) => value - at(sinogram, n)),
    },
    {
      name: `back, ${name}`,
      bound: 2e-5,
      plainBound: 1e-5,
      run: (bench) => project(bench, bench.array(sinogram), bench.empty(volume.length), 'back'),
      plain: transposed,
      places,
    },
    {
      name: `back with arrays of the host, ${name}`,
      bound: 2e-5,
      plainBound: 1e-5,
      run: (bench) => project(bench, bench.array(sinogram, 'cpu'), bench.empty(volume.length, 'cpu'), 'back'),
      plain: transposed,
      places,
    },
  ];
}

/** Enough views for a quiet background. */
const fullTurn = orbitScan('conebeam', cube, half, [100, 104], 96);

const fdk: DeviceOperation = {
  name: 'FDK',
  bound: 1e-4,
  plainBound: 0.03,
  run: async (bench) => {
    const [sinogram, target] = [bench.array(blobIntegrals(fullTurn, blobs)), bench.empty(64 ** 3)];
    await bench.native.fdk(fullTurn, sinogram, bench.native.fdkWeights(fullTurn), target, { filter: 'ramp', device: bench.device });
    return bench.read(target);
  },
  plain: () => sampleBlobs(fullTurn, blobs),
};

export const deviceOperations: readonly DeviceOperation[] = [
  ...elementwise,
  ...reductions,
  ...tiles,
  ...Object.entries(scans).flatMap(([name, geometry]) => projections(name, geometry)),
  fdk,
];

/** One operation's result on a device. */
export async function runOn(native: NativeAddon, device: DeviceName, operation: DeviceOperation): Promise<ArrayLike<number>> {
  const bench = new Bench(native, device);
  try {
    return Float64Array.from(await operation.run(bench));
  } finally {
    bench.close();
  }
}

/** ||found - expected|| / ||expected||; infinite where lengths differ or a number is none. */
export function distanceBetween(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, scale] = [0, 0];
  for (let n = 0; n < expected.length; n++) {
    const [x, y] = [found[n] ?? Number.NaN, expected[n] ?? Number.NaN];
    difference += (x - y) ** 2;
    scale += y ** 2;
  }
  const distance = difference === 0 ? 0 : Math.sqrt(difference / scale);
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

/** The CPU's distance from the plain reference. */
export async function distanceFromPlain(native: NativeAddon, operation: DeviceOperation): Promise<number> {
  const found = await runOn(native, 'cpu', operation);
  const { places } = operation;
  return distanceBetween(places ? places.map((place) => found[place] ?? Number.NaN) : found, await operation.plain(native));
}
