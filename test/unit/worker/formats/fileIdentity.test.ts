// The checksum of files of many parts: it is that of their bytes, tells how far it is, stops when asked, and is not computed twice.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../../../src/worker/formats/fileIdentity';

const folder = mkdtempSync(join(tmpdir(), 'checksum-'));
afterAll(() => rmSync(folder, { recursive: true }));
const mebibyte = 2 ** 20;

/** Read in six parts. */
function largeFile(name: string): { path: string; digest: string } {
  const path = join(folder, name);
  const bytes = randomBytes(21 * mebibyte + 5);
  writeFileSync(path, bytes);
  return { path, digest: createHash('sha256').update(bytes).digest('hex') };
}

describe('the checksum of a large file', () => {
  it('rises to 1 part by part, and is known the second time', async () => {
    const { path, digest } = largeFile('counted');
    const fractions: number[] = [];
    const watch = { progress: (fraction: number) => fractions.push(fraction), cancelled: () => false };
    expect(await contentHash([path], watch)).toBe(digest);
    expect(fractions).toHaveLength(6);
    expect(fractions[0]).toBeCloseTo(4 / 21, 5);
    expect(fractions).toEqual([...new Set(fractions)].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    expect(await contentHash([path], watch)).toBe(digest);
    expect(fractions).toHaveLength(6);
  });

  it('counts all files together', async () => {
    const paths = ['first', 'second'].map((name) => largeFile(name).path);
    const fractions: number[] = [];
    await contentHash(paths, { progress: (fraction) => fractions.push(fraction), cancelled: () => false });
    expect(fractions[5]).toBeCloseTo(0.5, 9);
    expect(fractions.at(-1)).toBe(1);
  });

  it('stops between two parts, and begins anew when asked again', async () => {
    const { path, digest } = largeFile('stopped');
    const fractions: number[] = [];
    const progress = (fraction: number): unknown => fractions.push(fraction);
    await expect(contentHash([path], { progress, cancelled: () => fractions.length === 2 })).rejects.toMatchObject({ code: 'cancelled' });
    expect(fractions).toHaveLength(2);
    expect(await contentHash([path], { progress, cancelled: () => false })).toBe(digest);
    expect(fractions).toHaveLength(8);
  });
});
