/** The small file of the window's place survives being written, and being garbage. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPreferences, writePreferences } from '../../../../src/main/app/preferences';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tomobench-preferences-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = { workspace: '/w', bounds: { x: 1, y: 2, width: 1200, height: 800 }, maximized: true };

it('comes back as it was written, also in a folder that did not exist', () => {
  const file = join(folder, 'new', 'window.json');
  writePreferences(file, kept);
  expect(readPreferences(file)).toEqual(kept);
  expect(readdirSync(join(folder, 'new'))).toEqual(['window.json']);
});

it.each(['', '{', 'null', '{"workspace":1}', '{"workspace":null,"bounds":{"x":0.5},"maximized":false}'])(
  'takes %j for no preferences',
  (text) => {
    const file = join(folder, 'window.json');
    writeFileSync(file, text);
    expect(readPreferences(file)).toEqual({ workspace: null, bounds: null, maximized: false });
  },
);
