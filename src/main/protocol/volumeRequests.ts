/** Answers tomo://volume/REF/...: slices, bricks, ranges and histograms from the data worker, for references the program itself has resolved. */
import { toErrorMessage, UserError } from '../../shared/errors';
import { parseVolumeRef, type VolumeRef } from '../../shared/volumes';
import type { DataMethods, VolumeSource } from '../../shared/workerMessages';
import type { WorkerCalls } from '../processes/workerClient';

export interface VolumeAccess {
  readonly data: WorkerCalls<DataMethods>;
  /** The file behind a reference; rejects with UserError for what is not in the workspace or was not opened by the user. */
  resolve(ref: VolumeRef): Promise<VolumeSource>;
}

const LARGEST_BRICK = 512;
const LARGEST_HISTOGRAM = 4096;

/** A whole number of the query within its limits. */
function wholeNumber(query: URLSearchParams, name: string, limits: { from: number; to: number; otherwise?: number }): number {
  const text = query.get(name);
  if (text === null && limits.otherwise !== undefined) return limits.otherwise;
  const value = text !== null && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= limits.from && value <= limits.to)) {
    throw new UserError(`"${name}" must be a whole number from ${limits.from} to ${limits.to}.`);
  }
  return value;
}

function bytesResponse(bytes: Uint8Array, headers: Record<string, string>): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': 'application/octet-stream', ...headers } });
}

function jsonResponse(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });
}

async function answer(url: URL, { data, resolve }: VolumeAccess): Promise<Response> {
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const what = parts.pop();
  const ref = parseVolumeRef(parts.join('/'));
  if (!ref) throw new UserError(`There is no volume ${parts.join('/')}.`, 'not_found');
  const query = url.searchParams;
  const source = await resolve(ref);
  switch (what) {
    case 'info':
      return jsonResponse(await data.call('volumeInfo', { source }));
    case 'slice': {
      const axis = wholeNumber(query, 'axis', { from: 0, to: 2 }) as 0 | 1 | 2;
      const index = wholeNumber(query, 'index', { from: 0, to: 999_999_999 });
      const { rows, columns, bytes } = await data.call('slice', { source, axis, index });
      return bytesResponse(bytes, { 'x-shape': `${rows},${columns}` });
    }
    case 'brick': {
      const max = wholeNumber(query, 'max', { from: 8, to: LARGEST_BRICK, otherwise: 128 });
      const { shape, factor, bytes } = await data.call('brick', { source, max });
      return bytesResponse(bytes, { 'x-shape': shape.join(','), 'x-factor': String(factor) });
    }
    case 'histogram': {
      const bins = wholeNumber(query, 'bins', { from: 2, to: LARGEST_HISTOGRAM, otherwise: 256 });
      return jsonResponse(await data.call('histogram', { source, bins }));
    }
    case 'geometry':
      return jsonResponse(await data.call('scanGeometry', { source }));
    default:
      throw new UserError(`There is nothing called "${what ?? ''}" of a volume.`, 'not_found');
  }
}

/** `pageOrigin` may read the answer. Failures are plain sentences with status 400, 404 or 500. */
export async function answerVolumeRequest(url: URL, access: VolumeAccess, pageOrigin: string): Promise<Response> {
  let response: Response;
  try {
    response = await answer(url, access);
  } catch (error) {
    const { message, code } = toErrorMessage(error);
    const status = code === 'not_found' ? 404 : code === 'bad_input' ? 400 : 500;
    response = new Response(message, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  }
  response.headers.set('access-control-allow-origin', pageOrigin);
  response.headers.set('access-control-expose-headers', 'x-shape, x-factor');
  // An iterate of the same name may be written anew by a repeated run; the window keeps what it needs itself.
  response.headers.set('cache-control', 'no-store');
  return response;
}
