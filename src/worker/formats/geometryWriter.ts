/** Writes the geometry of a scan for other programs: RTK's XML, or the table of vectors as text or .npy. */
import { basename, extname } from 'node:path';
import { UserError } from '../../shared/errors';
import type { ScanGeometry } from '../../shared/geometry';
import { npyHeader } from './npy';
import { bytesOf } from './randomAccessFile';
import { rtkXmlOf } from './rtkXml';
import { vectorText } from './vectorTable';
import { writeFileWhole } from './wholeFile';

const encoder = new TextEncoder();

interface Content {
  readonly parts: readonly Uint8Array[];
  /** What the format could not keep as it is, in sentences. */
  readonly notes: readonly string[];
}

const writers: Readonly<Record<string, (geometry: ScanGeometry) => Content>> = {
  '.xml': (geometry) => {
    const { text, shiftPixels } = rtkXmlOf(geometry);
    const moved = `RTK's detectors have right angles, this one not quite: pixels move by up to ${shiftPixels.toPrecision(2)} pixels.`;
    return { parts: [encoder.encode(text)], notes: shiftPixels > 1e-3 ? [moved] : [] };
  },
  '.txt': (geometry) => ({ parts: [encoder.encode(vectorText(geometry))], notes: [] }),
  '.npy': ({ vectors }) => ({ parts: [npyHeader([vectors.length / 12, 12], 'float64'), bytesOf(vectors)], notes: [] }),
};

/** Answers what the format could not keep as it is. Throws UserError for an ending that is not known and for a geometry the format has no form for; system errors pass as they are. */
export async function writeGeometry(path: string, geometry: ScanGeometry): Promise<readonly string[]> {
  const ending = extname(path).toLowerCase();
  const writer = Object.hasOwn(writers, ending) ? writers[ending] : undefined;
  if (writer === undefined) {
    throw new UserError(
      `${basename(path)}: a geometry is not written as ${ending === '' ? 'a file without ending' : ending}. Use .xml (RTK), .txt or .npy.`,
    );
  }
  const { parts, notes } = writer(geometry);
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  await writeFileWhole(path, total, async (file) => {
    let at = 0;
    for (const part of parts) {
      await file.write(part, at);
      at += part.length;
    }
  });
  return notes;
}
