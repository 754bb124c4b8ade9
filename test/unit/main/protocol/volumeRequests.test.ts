/** Addresses of volumes become calls to the data worker; everything else becomes a plain sentence. */
import { expect, it, vi } from 'vitest';
import { answerVolumeRequest, type VolumeAccess } from '../../../../src/main/protocol/volumeRequests';
import { UserError } from '../../../../src/shared/errors';

const source = { kind: 'npy', path: '/w/a.npy', voxelSizeMm: 0.5, title: 'A' } as const;

function access(call: (method: string, argument: unknown) => unknown): VolumeAccess & { resolve: ReturnType<typeof vi.fn> } {
  const resolve = vi.fn(async () => source);
  return { data: { call: (async (method: string, argument: unknown) => call(method, argument)) as VolumeAccess['data']['call'] }, resolve };
}

const ask = (path: string, to: VolumeAccess): Promise<Response> => answerVolumeRequest(new URL(`tomo://volume/${path}`), to, 'tomo://app');

it('passes a slice on with its bytes, shape and who may read it', async () => {
  const bytes = new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer);
  const call = vi.fn(() => ({ rows: 2, columns: 3, bytes }));
  const to = access(call);
  const response = await ask('run/abc/3/slice?axis=1&index=7', to);
  expect(to.resolve).toHaveBeenCalledWith({ kind: 'iterate', runId: 'abc', iteration: 3 });
  expect(call).toHaveBeenCalledWith('slice', { source, axis: 1, index: 7 });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-shape')).toBe('2,3');
  expect(response.headers.get('access-control-allow-origin')).toBe('tomo://app');
  expect([...new Float32Array(await response.arrayBuffer())]).toEqual([1, 2, 3, 4, 5, 6]);
});

it('passes a brick on with shape and factor', async () => {
  const to = access(() => ({ shape: [1, 1, 2], factor: 4, bytes: new Uint8Array(8) }));
  const response = await ask('data/0f/sinogram/brick?max=64', to);
  expect(to.resolve).toHaveBeenCalledWith({ kind: 'data', dataId: '0f', array: 'sinogram' });
  expect([response.headers.get('x-shape'), response.headers.get('x-factor')]).toEqual(['1,1,2', '4']);
});

it('passes information and histograms on as JSON', async () => {
  const to = access((method) => ({ method }));
  expect(await (await ask('run/a/0/info', to)).json()).toEqual({ method: 'volumeInfo' });
  expect(await (await ask('run/a/0/histogram', to)).json()).toEqual({ method: 'histogram' });
});

it.each([
  ['run/a/0/slice?axis=3&index=0', 400],
  ['run/a/0/slice?axis=0', 400],
  ['run/a/0/slice?axis=0&index=-1', 400],
  ['run/a/0/slice?axis=0&index=1e3', 400],
  ['run/a/0/brick?max=100000', 400],
  ['run/a/0/histogram?bins=99999999', 400],
  ['run/a/0/everything', 404],
  ['run/a/x/info', 404],
  ['data/not-hex!/reference/info', 404],
  ['data/0f/other/info', 404],
  ['', 404],
])('answers %j with a sentence and status %d', async (path, status) => {
  const call = vi.fn();
  const response = await ask(path, access(call));
  expect(response.status).toBe(status);
  expect((await response.text()).length).toBeGreaterThan(10);
  expect(call).not.toHaveBeenCalled();
});

it('answers the failures of the worker and of the look-up in their words', async () => {
  const failing = access(() => {
    throw new UserError('a.npy ends before its data does.');
  });
  const response = await ask('run/a/0/info', failing);
  expect([response.status, await response.text()]).toEqual([400, 'a.npy ends before its data does.']);
  const unknown = access(() => null);
  unknown.resolve.mockRejectedValue(new UserError('There is no run a in this workspace.', 'not_found'));
  expect((await ask('run/a/0/info', unknown)).status).toBe(404);
});
