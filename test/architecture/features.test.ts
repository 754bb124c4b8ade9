// docs/features.md holds: every row names tests that exist, one of them in Electron, and pictures that the guide shows.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Row {
  readonly feature: string;
  readonly tests: readonly string[];
  readonly pictures: readonly string[];
}

const rows = read('docs/features.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| feature'))
  .map((line): Row => {
    const [feature = '', tests = '', pictures = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    // Commands stand among the tests too; tests are paths.
    const named = [...tests.matchAll(/`([a-z0-9]+\/[^` ]+)`/g)].map(([, path = '']) => path);
    return { feature, tests: named, pictures: pictures.split(', ').filter((name) => name !== '') };
  });

function isTest(path: string): boolean {
  return ['.test.ts', '.test.tsx', '.cpp'].some((ending) => existsSync(join(root, 'test', `${path}${ending}`)));
}

describe('every feature', () => {
  it('is there', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows)('$feature', ({ tests, pictures }) => {
    expect(tests.filter((path) => !isTest(path))).toEqual([]);
    expect(tests.some((path) => path.startsWith('e2e/'))).toBe(true);
    expect(pictures.length).toBeGreaterThan(0);
    const shown = read('docs/user-guide.md') + read('README.md');
    expect(pictures.filter((name) => !shown.includes(`images/${name}.png`))).toEqual([]);
  });
});

it('the guide shows pictures that exist, and all that there are', () => {
  const shown = new Set(
    [...(read('docs/user-guide.md') + read('README.md')).matchAll(/images\/([a-z0-9-]+)\.png/g)].map(([, name]) => name),
  );
  const there = readdirSync(join(root, 'docs', 'images')).map((file) => file.replace(/\.png$/, ''));
  expect([...shown].toSorted()).toEqual(there.toSorted());
});
