/** Proves that the shipped networks are the ones their manifest describes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findModelFile, shippedModels } from '../../../src/main/queue/modelFile';

const folder = join(__dirname, '../../../resources/models');
const entries = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
  file: string;
  sha256: string;
  bytes: number;
  licence: string;
  how_to_make_again: string[];
}[];

test('every network in the folder has one entry', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
  expect(entries.map((entry) => entry.file).sort()).toEqual(files.sort());
});

test('every name a configuration may use leads to one of them, and another is refused with these names', async () => {
  expect([...shippedModels.values()].sort()).toEqual(entries.map((entry) => entry.file).sort());
  for (const [name, file] of shippedModels) expect(await findModelFile(name, folder)).toEqual({ path: join(folder, file), name: file });
  await expect(findModelFile('drunet-big', folder)).rejects.toThrow('Use "drunet", "drunet-ct" or the path of a model file (.onnx).');
});

test.each(entries)('$file is the file that was described', (entry) => {
  const bytes = readFileSync(join(folder, entry.file));
  expect(bytes.length).toBe(entry.bytes);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(entry.sha256);
  expect(entry.licence).not.toBe('');
  expect(entry.how_to_make_again.length).toBeGreaterThan(0);
});
