/** Reads and writes the table of per-view geometry vectors (12 numbers a view) that ASTRA users keep as text or .npy. What the numbers mean is scanGeometry's. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { openNpy } from './npy';

const maxTextBytes = 64 * 1024 * 1024;

/** views x 12 numbers, row by row, as they stand in the file. `#` begins a comment; numbers are separated by spaces, commas or semicolons. */
export async function readVectorTable(path: string): Promise<Float64Array> {
  return path.toLowerCase().endsWith('.npy') ? readNpyTable(path) : readTextTable(path);
}

async function readNpyTable(path: string): Promise<Float64Array> {
  const file = await openNpy(path);
  try {
    if (file.shape.length !== 2 || file.shape[1] !== 12 || file.elements === 0) {
      throw new UserError(`${basename(path)} has shape (${file.shape.join(', ')}); a table of vectors must be (views, 12).`);
    }
    const vectors = new Float64Array(file.elements);
    await file.read(vectors, 0, file.elements);
    return vectors;
  } finally {
    await file.close();
  }
}

async function readTextTable(path: string): Promise<Float64Array> {
  const name = basename(path);
  if ((await stat(path)).size > maxTextBytes) throw new UserError(`${name} is longer than 64 MiB, so it is no table of vectors.`);
  const numbers: number[] = [];
  for (const [index, line] of (await readFile(path, 'utf8')).split('\n').entries()) {
    const fields = line
      .replace(/#.*/, '')
      .split(/[\s,;]+/)
      .filter((field) => field !== '');
    if (fields.length === 0) continue;
    if (fields.length !== 12) throw new UserError(`${name}, line ${index + 1}: ${fields.length} numbers; each view needs 12.`);
    for (const field of fields) {
      const value = Number(field);
      if (!Number.isFinite(value))
        throw new UserError(`${name}, line ${index + 1}: ${JSON.stringify(field.slice(0, 40))} is not a finite number.`);
      numbers.push(value);
    }
  }
  if (numbers.length === 0) throw new UserError(`${name} holds no vectors; each line needs 12 numbers for one view.`);
  return Float64Array.from(numbers);
}

/** The table as text: a line that says what the columns are, then one view a line, every number so that it reads back the same. */
export function vectorText({ vectors, type, detectorRows, detectorColumns }: ScanGeometry): string {
  const first = type === 'parallel3d' ? 'ray direction' : 'source';
  const lines = [
    `# ${first} (x y z), detector centre, step to the next column, step to the next row; mm; ${detectorRows} rows x ${detectorColumns} columns`,
  ];
  for (let start = 0; start < vectors.length; start += 12) lines.push(vectors.subarray(start, start + 12).join(' '));
  return `${lines.join('\n')}\n`;
}
