/** Reads volumes by their tomo:// addresses: information, slices (kept in a bounded cache), bricks and histograms. */
import { type Histogram, histogramSchema, scanGeometrySchema, type VolumeInfo, volumeInfoSchema } from '../../shared/contract';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { ByteBudgetCache } from './byteBudgetCache';

/** 0: axial, (H,W) at one z; 1: coronal, (D,W) at one y; 2: sagittal, (D,H) at one x. */
export type Axis = 0 | 1 | 2;

export interface Brick {
  readonly values: Float32Array;
  /** (D,H,W) of the brick, which is `factor` times coarser than the volume. */
  readonly shape: readonly [number, number, number];
  readonly factor: number;
}

const root = 'tomo://volume/';
const slices = new ByteBudgetCache<Float32Array>(192 * 2 ** 20, (slice) => slice.byteLength);
const infos = new Map<string, Promise<VolumeInfo>>();
const histograms = new Map<string, Promise<Histogram>>();

async function get(address: string, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(root + address, signal === undefined ? {} : { signal });
  if (response.ok) return response;
  const text = (await response.text()).trim();
  throw new UserError(text === '' ? `The volume ${address} cannot be read (status ${response.status}).` : text, 'not_found');
}

function remembered<T>(store: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const known = store.get(key);
  if (known !== undefined) return known;
  if (store.size > 400) store.clear();
  const loading = load();
  store.set(key, loading);
  // A failure is asked again next time: the iterate may be on disk by then.
  loading.catch(() => store.delete(key));
  return loading;
}

export function volumeInfo(reference: string): Promise<VolumeInfo> {
  return remembered(infos, reference, async () => volumeInfoSchema.parse(await (await get(`${reference}/info`)).json()));
}

/** Whether the histogram is there or on its way. */
export function histogramAsked(reference: string): boolean {
  return histograms.has(reference);
}

export function volumeHistogram(reference: string): Promise<Histogram> {
  return remembered(histograms, reference, async () => histogramSchema.parse(await (await get(`${reference}/histogram?bins=256`)).json()));
}

/** How the scan of a `data/ID/sinogram` reference was taken. Read anew each time: a voxel size may have been chosen since. */
export async function scanGeometry(reference: string): Promise<ScanGeometry> {
  const { vectors, ...rest } = scanGeometrySchema.parse(await (await get(`${reference}/geometry`)).json());
  return { ...rest, vectors: Float64Array.from(vectors) };
}

function sliceAddress(reference: string, axis: Axis, index: number): string {
  return `${reference}/slice?axis=${axis}&index=${index}`;
}

/** A slice already read, or undefined. */
export function cachedSlice(reference: string, axis: Axis, index: number): Float32Array | undefined {
  return slices.get(sliceAddress(reference, axis, index));
}

/** float32 values in C order, sizes as Axis says. */
export async function readSlice(reference: string, axis: Axis, index: number, signal?: AbortSignal): Promise<Float32Array> {
  const address = sliceAddress(reference, axis, index);
  const known = slices.get(address);
  if (known !== undefined) return known;
  const values = new Float32Array(await (await get(address, signal)).arrayBuffer());
  slices.set(address, values);
  return values;
}

/** The volume averaged down so that no axis has more than `max` voxels. */
export async function readBrick(reference: string, max: number, signal: AbortSignal): Promise<Brick> {
  const response = await get(`${reference}/brick?max=${max}`, signal);
  const shape = (response.headers.get('x-shape') ?? '').split(',').map(Number);
  const [depth, height, width] = shape;
  const values = new Float32Array(await response.arrayBuffer());
  if (depth === undefined || height === undefined || width === undefined || values.length !== depth * height * width) {
    throw new UserError(`The volume ${reference} came back incomplete. Select it again.`, 'internal');
  }
  return { values, shape: [depth, height, width], factor: Number(response.headers.get('x-factor') ?? 1) };
}
