/** Total-variation steps of the addon: transposes, a known solution, the TypeScript solver of the benchmark, and the same bits for any split. */
import { describe, expect, it } from 'vitest';
import { TotalVariationDenoiser } from '../../bench/denoising/totalVariation';
import type { Ports } from '../../src/engine/ports/ports';
import { TotalVariation, totalVariationVolumes } from '../../src/engine/solvers/totalVariation';
import { type DifferenceGrid, loadNative, type NativeArray, type VectorField } from '../../src/native/binding';
import type { VolumeShape } from '../../src/shared/geometry';

const native = loadNative();
const none = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

function valuesOf(array: NativeArray): Float32Array {
  const values = new Float32Array(array.length);
  array.read(0, values);
  return values;
}
async function random(length: number, seed: number): Promise<NativeArray> {
  const array = native.createArray(length);
  await native.fillRandom(array, seed, 'normal', 0, length);
  return array;
}
async function field(length: number, seed: number): Promise<VectorField> {
  return [await random(length, seed), await random(length, seed + 1), await random(length, seed + 2)];
}
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Zero in the last slice along each axis, as the field of a gradient is. */
function closeBorder(fieldOf: VectorField, [depth, height, width]: VolumeShape): void {
  fieldOf.forEach((array, axis) => {
    const values = valuesOf(array);
    for (let i = 0; i < values.length; i++) {
      const place = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      if (place[axis] === [depth, height, width][axis]! - 1) values[i] = 0;
    }
    array.write(0, values);
  });
}

/** Ports with total variation and combine alone, in `slabs` pieces and with `threads` threads. */
function ports(grid: DifferenceGrid, slabs: number, threads: number): { ports: Ports; array: (name: string) => NativeArray } {
  const length = grid.shape.reduce((product, size) => product * size, 1);
  const arrays = new Map<string, NativeArray>();
  const array = (name: string): NativeArray => {
    const known = arrays.get(name) ?? native.createArray(length);
    arrays.set(name, known);
    return known;
  };
  const edges = Array.from({ length: slabs + 1 }, (_, slab) => Math.floor((grid.shape[0] * slab) / slabs));
  const eachSlab = async (work: (first: number, last: number) => Promise<void>): Promise<void> => {
    // All at once, as the workers of a row do it.
    await Promise.all(edges.slice(1).map((last, slab) => work(edges[slab] ?? 0, last)));
  };
  const vectors = {
    combine: (target: { name: string }, terms: readonly (readonly [number, { name: string }])[], offset = 0) =>
      native.combine(
        array(target.name),
        terms.map(([c]) => c),
        terms.map(([, { name }]) => array(name)),
        offset,
        0,
        length,
      ),
    totalVariationImage: (...[image, input, p, weight, low, high]: Parameters<Ports['vectors']['totalVariationImage']>) =>
      eachSlab((first, last) =>
        native.totalVariationImage(array(image.name), array(input.name), arraysOf(p), grid, weight, low, high, first, last, { threads }),
      ),
    totalVariationStep: (...[image, p, r, step, inertia]: Parameters<Ports['vectors']['totalVariationStep']>) =>
      eachSlab((first, last) =>
        native.totalVariationStep(array(image.name), arraysOf(p), arraysOf(r), grid, step, inertia, first, last, { threads }),
      ),
  };
  const arraysOf = (p: readonly { name: string }[]): VectorField => p.map(({ name }) => array(name)) as unknown as VectorField;
  return { ports: { vectors, volume: (name: string) => ({ name }) } as unknown as Ports, array };
}

/** The proximal step of `noisy` after so many iterations, from a zero dual. */
async function proximal(
  noisy: Float32Array,
  grid: DifferenceGrid,
  settings: { weight: number; iterations: number; low?: number },
  { slabs = 1, threads = 1 } = {},
): Promise<Float32Array> {
  const { ports: made, array } = ports(grid, slabs, threads);
  array('b').write(0, noisy);
  const totalVariation = new TotalVariation(made);
  await totalVariation.reset();
  await totalVariation.proximal({ name: 'b' }, { name: 'u' }, { low: none[0], high: none[1], ...settings });
  const result = valuesOf(array('u'));
  for (const name of [...totalVariationVolumes, 'b', 'u']) array(name).close();
  return result;
}

describe('total variation', () => {
  it.each<[VolumeShape, [number, number, number]]>([
    [
      [7, 9, 33],
      [1, 1, 1],
    ],
    [
      [5, 4, 18],
      [0.4, 1, 0.7],
    ],
    [
      [1, 1, 6],
      [1, 1, 1],
    ],
    [
      [3, 1, 1],
      [1, 1, 1],
    ],
  ])('has a divergence that is minus the transpose of its gradient, %o', async (shape, scale) => {
    const grid = { shape, scale } as const;
    const length = shape.reduce((product, size) => product * size, 1);
    const image = await random(length, 1);
    const p = await field(length, 10);
    closeBorder(p, shape);
    const zero = native.createArray(length);
    const divergence = native.createArray(length);
    await native.totalVariationImage(divergence, zero, p, grid, 1, ...none, 0, shape[0]);
    const [dual, gradient]: VectorField[] = [
      [native.createArray(length), native.createArray(length), native.createArray(length)],
      [native.createArray(length), native.createArray(length), native.createArray(length)],
    ];
    // A step so short that nothing is cut back to length 1.
    const step = 2 ** -10;
    await native.totalVariationStep(image, dual!, gradient!, grid, step, 0, 0, shape[0]);
    const inField = [0, 1, 2].reduce((sum, axis) => sum + dot(valuesOf(gradient![axis]!), valuesOf(p[axis]!)) / step, 0);
    const inVolume = dot(valuesOf(image), valuesOf(divergence));
    expect(Math.abs(inField + inVolume)).toBeLessThan(1e-5 * Math.max(1, Math.abs(inVolume)));
    expect(length === 1 || inVolume !== 0).toBe(true);
  });

  it('finds the known solution of a two-valued line: both values move by weight / length', async () => {
    const noisy = Float32Array.from({ length: 20 }, (_, i) => (i < 8 ? 1 : 3));
    const result = await proximal(noisy, { shape: [1, 1, 20], scale: [1, 1, 1] }, { weight: 0.6, iterations: 3000 });
    result.forEach((value, i) => {
      expect(value).toBeCloseTo(i < 8 ? 1 + 0.6 / 8 : 3 - 0.6 / 12, 4);
    });
    // Along the other axes the same.
    const upright = await proximal(noisy, { shape: [20, 1, 1], scale: [1, 1, 1] }, { weight: 0.6, iterations: 3000 });
    upright.forEach((value, i) => {
      expect(value).toBeCloseTo(result[i] ?? 0, 6);
    });
  });

  it('keeps its limits', async () => {
    const noisy = Float32Array.from({ length: 20 }, (_, i) => (i < 8 ? -1 : 3));
    const result = await proximal(noisy, { shape: [1, 1, 20], scale: [1, 1, 1] }, { weight: 0.6, iterations: 2000, low: 0 });
    expect(Math.min(...result)).toBe(0);
    expect(result[15]).toBeCloseTo(3 - 0.6 / 12, 4);
  });

  it('agrees with the solver of the benchmark', async () => {
    const shape: VolumeShape = [6, 11, 13];
    const noisy = valuesOf(await random(6 * 11 * 13, 5));
    const expected = new TotalVariationDenoiser(noisy, shape).denoise(0.3, 60);
    const result = await proximal(noisy, { shape, scale: [1, 1, 1] }, { weight: 0.3, iterations: 60 });
    result.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? 0, 4);
    });
  });

  it('gives the same bits with one and two threads, in one, two and three slabs', async () => {
    const shape: VolumeShape = [13, 17, 37];
    const noisy = valuesOf(await random(13 * 17 * 37, 7));
    const grid = { shape, scale: [1, 0.5, 0.8] } as const;
    const settings = { weight: 0.25, iterations: 25 };
    const one = await proximal(noisy, grid, settings);
    for (const split of [{ threads: 2 }, { slabs: 2 }, { slabs: 3, threads: 2 }]) {
      expect(await proximal(noisy, grid, settings, split)).toEqual(one);
    }
    expect(one).not.toEqual(noisy);
  });

  it('refuses what does not fit, and stops when cancelled', async () => {
    const grid = { shape: [4, 4, 4], scale: [1, 1, 1] } as const;
    const [small, right] = [native.createArray(63), native.createArray(64)];
    const p = await field(64, 1);
    const call = (image: NativeArray, last: number, low = 0) => native.totalVariationImage(image, right, p, grid, 1, low, 1, 0, last);
    await expect(call(small, 4)).rejects.toThrow('does not fit the image');
    await expect(call(right, 5)).rejects.toThrow('slices');
    await expect(call(right, 4, 2)).rejects.toThrow('must not exceed');
    await expect(call(right, 4, Number.NaN)).rejects.toThrow('lower limit');
    await expect(native.totalVariationStep(right, p, p.slice(1) as unknown as VectorField, grid, 1, 0, 0, 4)).rejects.toThrow(
      'three arrays',
    );
    await expect(native.totalVariationStep(right, p, p, { ...grid, scale: [1, 0, 1] }, 1, 0, 0, 4)).rejects.toThrow('positive');
    const cancel = native.createCancelToken();
    cancel.cancel();
    await expect(native.totalVariationStep(right, p, p, grid, 1, 0, 0, 4, { cancel })).rejects.toThrow(
      expect.objectContaining({ code: 'cancelled' }),
    );
  });
});

describe('divide', () => {
  it('is zero where the divisor is not positive', async () => {
    const [a, b] = [native.createArray(5), native.createArray(5)];
    a.write(0, Float32Array.of(1, 2, 3, 4, 5));
    b.write(0, Float32Array.of(2, 0, -1, Number.NaN, 4));
    await native.divide(a, a, b, 1, 5);
    expect([...valuesOf(a)]).toEqual([1, 0, 0, 0, 1.25]);
    await expect(native.divide(a, a, b, 0, 6)).rejects.toThrow();
  });
});
