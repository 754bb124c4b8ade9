/** The session comes back as it was left, or as the bundled experiment where there is none that can be read. */
import { resolve } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { SessionKeeper } from '../../../../src/main/app/sessionKeeper';
import { programFolders } from '../../../../src/main/processes/programFolders';
import type { Session } from '../../../../src/shared/contract';

let settings: Map<string, unknown>;
let sessions: SessionKeeper;
beforeEach(() => {
  settings = new Map();
  const store = {
    call: async (method: string, argument: { name: string; value?: unknown }) => {
      if (method === 'getSetting') return settings.get(argument.name);
      settings.set(argument.name, argument.value);
      return null;
    },
  };
  sessions = new SessionKeeper(store as never, programFolders(resolve('src')));
});

const session: Session = {
  configText: 'a: 1',
  configPath: null,
  dataPath: '/x.pt',
  corrections: 'dead-pixels',
  view: 'charts',
  theme: 'dark',
  saveEvery: 10,
  memoryLimitMiB: 300,
  retryOutOfMemory: true,
  scale: 1.5,
  selectedRunIds: ['r'],
  runSort: { column: 'psnr', descending: true },
  panels: { runs: { left: 40, right: 60 } },
  viewer: {
    difference: true,
    differenceRange: 0.01,
    left: 'run/r/3',
    right: null,
    third: null,
    fourth: null,
    camera: { position: [1, -2, 1], focalPoint: [0, 0, 0], viewUp: [0, 0, 1] },
    slices: [1, 2, 3],
    window: { low: 0, high: 1 },
    layout: 'compare',
    axis: 1,
  },
  drawing: { format: 'png', widthMm: 130, fontPt: 9, dpi: 600 },
  chart: 'psnr-iteration',
};

it('starts with the bundled experiment and its data', async () => {
  const first = await sessions.read();
  expect(first.configText).toContain('tomography_3d');
  expect(first.configPath).toMatch(/quickstart\.yml$/);
  expect(first.dataPath).toMatch(/walnut-mini\.pt$/);
  expect(first.view).toBe('experiment');
});

it('gives back what was saved', async () => {
  await sessions.save(session);
  expect(await sessions.read()).toEqual(session);
});

it('takes a record of another form for none', async () => {
  settings.set('session', { ...session, view: 'gone' });
  expect((await sessions.read()).view).toBe('experiment');
});

it('keeps the files used lately, newest first, each once, and not too many', async () => {
  await Promise.all(Array.from({ length: 15 }, (_, index) => sessions.remember('recentData', `/${index}.pt`)));
  await sessions.remember('recentData', '/7.pt');
  const recent = await sessions.recent('recentData');
  expect(recent).toHaveLength(10);
  expect(recent.slice(0, 3)).toEqual(['/7.pt', '/14.pt', '/13.pt']);
  expect(await sessions.recent('recentConfigs')).toEqual([]);
  settings.set('recentConfigs', 'nonsense');
  expect(await sessions.recent('recentConfigs')).toEqual([]);
});
