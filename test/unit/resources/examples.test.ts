/** The example results are the files their manifest describes, small, and free of the machine they were made on. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';

const folder = 'resources/examples';
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
  readonly sample: string;
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
};

it('lists every file with its size and hash', () => {
  const results = join(folder, 'results');
  const files = readdirSync(results, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(results, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  expect(manifest.files.map(({ file }) => file).sort()).toEqual(files.sort());
  for (const { file, bytes, sha256 } of manifest.files) {
    const content = readFileSync(join(results, file));
    expect([file, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([file, bytes, sha256]);
  }
  expect(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(10 * 2 ** 20);
});

it('names its sample by file name alone, and keeps a volume of every row', () => {
  const database = new Sqlite(join(folder, 'results', 'tomobench.sqlite'), { readonly: true });
  const experiments = database.prepare<[], { data_path: string }>('SELECT data_path FROM experiments').all();
  expect(experiments.map(({ data_path }) => data_path)).toEqual([manifest.sample, manifest.sample]);
  const rows = database
    .prepare<[], { volumes: number }>(
      'SELECT COUNT(volume_file) AS volumes FROM runs JOIN iterations ON run_id = id WHERE repetition = 0 GROUP BY id',
    )
    .all();
  database.close();
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.every(({ volumes }) => volumes > 0)).toBe(true);
});
