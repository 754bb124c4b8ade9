// The bundled samples are the files their manifest describes.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Manifest {
  readonly samples: readonly {
    readonly file: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly licence: string;
    readonly origin: string;
  }[];
}

it('lists every sample with its size and hash', () => {
  const manifest = JSON.parse(readFileSync('resources/samples/manifest.json', 'utf8')) as Manifest;
  const files = readdirSync('resources/samples').filter((name) => name !== 'manifest.json');
  expect(manifest.samples.map((sample) => sample.file).sort()).toEqual(files.sort());
  for (const sample of manifest.samples) {
    const bytes = readFileSync(`resources/samples/${sample.file}`);
    expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([sample.bytes, sample.sha256]);
    expect(sample.licence).not.toBe('');
    expect(sample.origin).not.toBe('');
  }
});
